"""Lists, tables and links in Markdown."""

import re
from collections.abc import Iterable, Sequence


def items(texts: Iterable[str]) -> str:
    """A bulleted list."""
    return "\n".join(f"- {one}" for one in texts)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are made safe by `text`."""
    lines = [header, ["---"] * len(header), *([text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def text(cell: object) -> str:
    """Text that a Markdown table can hold: one line, no bars, no tags."""
    return " ".join(str(cell).split()).replace("|", "\\|").replace("<", "&lt;")


def jump(heading: str) -> str:
    """A link to a heading of the same page."""
    return f"[{heading}](#{anchor(heading)})"


def anchor(heading: str) -> str:
    """What a heading is called in an address, as on GitHub."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def fold(summary: str, body: str) -> str:
    """What is shown when a reader asks for it."""
    return f"<details><summary>{text(summary)}</summary>\n\n{body}\n\n</details>"
