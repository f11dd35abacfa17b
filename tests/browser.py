"""Headless Chromium for the tests of the page: it sees files only, and what it says and asks for is kept."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, or the test is skipped: it drives the Chromium that is there and downloads none."""
    given = os.environ.get("DEGRADATION_TEST_CHROMIUM")
    path = given or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here: install it, or name one in DEGRADATION_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Visit:
    """A page that is open, with all that it complained of and all that it asked for."""

    def __init__(self, browser: Browser, path: Path, **context: Any) -> None:
        still = {"viewport": {"width": 1200, "height": 900}, "reduced_motion": "reduce"}
        self.page: Page = browser.new_context(**{**still, **context}).new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.resolve().as_uri())
        if context.get("java_script_enabled", True):
            self.drawn()

    def drawn(self) -> None:
        """Wait for the figures."""
        self.page.evaluate("page.drawn")

    def js(self, code: str, *arguments: Any) -> Any:
        return self.page.evaluate(code, *arguments)

    def close(self) -> None:
        self.page.context.close()
