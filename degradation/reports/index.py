"""reports/index.html: every experiment that was reported, with its picture and its verdict."""

import html
from pathlib import Path
from string import Template

from degradation.files import write_atomic
from degradation.reports.dress import dressed
from degradation.reports.html_page import INDEX, web
from degradation.runs.store import RUNS_CSV

OURS = '<meta name="generator" content="degradation">'
README, PICTURE = "README.md", "depth.png"
DIFFERENCES_CSV = "differences.csv"  # of a comparison


def write(out: Path) -> None:
    """Write the list of the reports in a folder; an index.html there that isn't ours is left as it is."""
    path = out / INDEX
    if path.exists() and not (path.is_file() and OURS in path.read_text(encoding="utf-8", errors="replace")):
        return
    folders = sorted(
        one.parent
        for one in out.glob(f"*/{README}")
        if any((one.parent / name).is_file() for name in (RUNS_CSV, DIFFERENCES_CSV))
    )
    articles = "\n".join(_article(folder) for folder in folders)
    write_atomic(path, Template(web("index.page.html")).substitute(style=web("page.css"), articles=articles))


def _article(folder: Path) -> str:
    name = html.escape(folder.name)
    page = INDEX if (folder / INDEX).is_file() else README
    lines = (folder / README).read_text(encoding="utf-8").splitlines()
    verdict = next((line.removeprefix("- ") for line in lines if line.startswith("- ")), "")
    picture = f'<img src="{name}/{PICTURE}" alt="" loading="lazy">' if (folder / PICTURE).is_file() else ""
    return (
        f'<article><a href="{name}/{page}" tabindex="-1" aria-hidden="true">{picture}</a>'
        f'<div><h2><a href="{name}/{page}">{name}</a></h2>{dressed(verdict)}</div></article>'
    )
