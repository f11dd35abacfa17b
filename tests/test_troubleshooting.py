"""docs/troubleshooting.md quotes messages that the code still has; docs/report.md names every column."""

import re

import pytest
from conftest import ROOT

from degradation.runs import schema

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
QUOTED = [
    message
    for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    for message in re.findall(r"`(.*?)`", row)
]


def code() -> str:
    """All lines of code, with texts that go on over several lines put together."""
    text = "\n".join(path.read_text() for path in sorted(ROOT.glob("degradation/**/*.py")))
    return re.sub(r'"\s*\n\s*f?"', "", text)


@pytest.mark.parametrize("message", QUOTED)
def test_the_messages_are_the_codes(message: str) -> None:
    """Between the places that `…` stands for, word for word."""
    assert len(QUOTED) > 20
    parts = [re.escape(part.strip()) for part in message.split("…")]
    assert re.search(r"[^\n]*".join(parts), code()), message


def test_every_column_is_explained() -> None:
    page = (ROOT / "docs/report.md").read_text()
    named = set(re.findall(r"`(\w+)`", page))
    columns = {*schema.CURVE_COLUMNS, *schema.RECORD_KEYS, *schema.OPTIONAL, schema.HISTORY}
    assert columns <= named, columns - named
    means = {column for column in schema.TABLE_COLUMNS if column.endswith(("_mean", "_std"))}
    assert {*schema.TABLE_COLUMNS} - means <= named
