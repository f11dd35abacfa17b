"""reports/index.html: every experiment that was reported, with its picture and its verdict."""

import html
import re
from pathlib import Path
from string import Template

from degradation.files import write_atomic
from degradation.reports.dress import dressed
from degradation.reports.html_page import INDEX, web
from degradation.runs.store import RUNS_CSV
from degradation.runs.summary import SUMMARY

OURS = '<meta name="generator" content="degradation">'
README, PICTURE = "README.md", "depth.png"
DIFFERENCES_CSV = "differences.csv"  # of a comparison
OTHERS = ("benchmark", "claims", "compare", "published", "reliability")  # written by other commands
HEAD = """<h1>Reports</h1>
<p class="note">Why do more layers make a plain network worse on its own training set, and why do shortcuts
cure it? What each experiment shows.</p>"""


def write(out: Path) -> None:
    """Write the list of the reports in a folder, and those that other commands write as pages too.

    An index.html that isn't ours is left as it is.
    """
    found = sorted(one.parent for one in out.glob(f"*/{README}"))
    folders = [one for one in found if any((one / name).is_file() for name in (RUNS_CSV, DIFFERENCES_CSV))]
    others = [one for one in found if one.name in OTHERS or (one / SUMMARY).is_file()]
    for folder in others:
        _write(folder / INDEX, folder.name, dressed((folder / README).read_text(encoding="utf-8")))
    articles = [_article(folder, verdict(folder)) for folder in folders]
    _write(
        out / INDEX, "Reports", "\n".join([HEAD, *articles, *(_article(one, _first(one)) for one in others)])
    )


def _write(path: Path, title: str, content: str) -> None:
    if path.exists() and not (path.is_file() and OURS in path.read_text(encoding="utf-8", errors="replace")):
        return
    page = Template(web("words.html"))
    write_atomic(path, page.substitute(title=html.escape(title), style=web("page.css"), content=content))


def _article(folder: Path, said: str) -> str:
    name = html.escape(folder.name)
    page = INDEX if (folder / INDEX).is_file() else README
    shown = (
        PICTURE if (folder / PICTURE).is_file() else next((p.name for p in sorted(folder.glob("*.png"))), "")
    )
    picture = f'<img src="{name}/{html.escape(shown)}" alt="" loading="lazy">' if shown else ""
    words = dressed(_moved(said, folder.name))
    return (
        f'<article><a href="{name}/{page}" tabindex="-1" aria-hidden="true">{picture}</a>'
        f'<div><h2><a href="{name}/{page}">{name}</a></h2>{words}</div></article>'
    )


def _moved(said: str, folder: str) -> str:
    """The text with its links as they are from the folder above."""
    return re.sub(r"\]\((?![a-z]+:|[#/])", f"]({folder}/", said)


def verdict(folder: Path) -> str:
    """The first sentence of a report's verdict."""
    lines = (folder / README).read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("- ") for line in lines if line.startswith("- ")), "")


def _first(folder: Path) -> str:
    """The first paragraph of a page."""
    parts = (folder / README).read_text(encoding="utf-8").split("\n\n")
    return next((part for part in parts if part.strip() and not part.startswith(("#", "!", "|", "<"))), "")
