"""reports/README.md: which reports there are, and what each asks."""

import re
from pathlib import Path

from degradation.files import CONF, write_atomic
from degradation.reports import markdown

PAGE = "README.md"
WHY = "_why"  # how the folders of reports on why end
START = {
    "long_cifar10": "the figure on photographs",
    "shapes_seeds": "the same on drawn shapes, with eight seeds",
    "ladder_cifar10": "one change at a time",
}
# Of those that no config of conf/experiment/ made.
ASKED = {
    "again_cifar10": "What does a trained plain-20 gain from as many steps again?",
    "precision": "Do networks end alike in float32 and in bf16?",
    "adopted_why": "Why do plain networks degrade, of networks of the whole protocol that others trained?",
}


def write(reports: Path) -> list[Path]:
    """Write the list of a folder's reports; returns it if it changed."""
    path, content = reports / PAGE, page(reports)
    if path.exists() and path.read_text() == content:
        return []
    write_atomic(path, content)
    return [path]


def page(reports: Path) -> str:
    """A line a report, those of experiments with the report on why beside."""
    names = sorted(path.parent.name for path in reports.glob(f"*/{PAGE}"))
    beside = {name for name in names if name.endswith(WHY) and name.removesuffix(WHY) in names}
    start = [f"{_link(name)} ({what})" for name, what in START.items() if name in names]
    rows = [
        (
            _link(name),
            _asks(reports / name),
            _link(f"{name}{WHY}", "why?") if f"{name}{WHY}" in beside else "",
        )
        for name in names
        if name not in beside
    ]
    parts = [
        "# Reports",
        "A folder each; what was tried on the way, and what failed, is in [LOG.md](LOG.md).",
        f"Start with {', '.join(start)}; then read [why](../docs/why.md) and [claims](../docs/claims.md), "
        "which draw on all of them."
        if start
        else "",
        markdown.table(("report", "what it asks", ""), rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def first_sentence(path: Path) -> str:
    """Of the comment that an experiment's config begins with."""
    lines = [line.removeprefix("#").strip() for line in path.read_text().splitlines()[1:]]
    found = re.match(r".*?(?<!Fig)(?<! al)[.?](?= |$)", " ".join(lines))
    return found[0] if found else ""


def _link(name: str, text: str = "") -> str:
    return f"[{text or name}]({name}/{PAGE})"


def _asks(folder: Path) -> str:
    config = CONF / "experiment" / f"{folder.name}.yaml"
    if config.exists():
        return first_sentence(config)
    title = (folder / PAGE).read_text().partition("\n")[0].removeprefix("# ")
    return ASKED.get(folder.name, title)
