"""index.html of a report: one file that opens offline, with the words of `page.py` and figures to move in.

It is made of web/page.html, the style and the scripts beside it, plotly.js as its Python package carries it,
and the data of `interactive.py`. Nothing is fetched: the page itself forbids it (Content-Security-Policy).
"""

import base64
import html
import json
import re
from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from degradation.plots.style import DARK
from degradation.reports.dress import dressed
from degradation.reports.page import Parts

INDEX = "index.html"
SCRIPTS = ("figures.js", "controls.js", "tables.js")
HEADINGS = {
    "differences": "Differences",
    "deviations": "Deviations from the paper's protocol",
    "unfinished": "Runs that are not in the table",
    "twins": "Are the twins twins?",
    "machine": "Machine, versions, hashes",
}
WEB = resources.files("degradation.reports") / "web"


def page(
    name: str,
    note: str,
    said: Parts,
    figures: dict[str, Any],
    again: str,
    hashes: str,
    pictures: Mapping[str, bytes | str],
    headings: Mapping[str, str] = HEADINGS,
) -> str:
    """The page as text, the same for the same input.

    Args:
        name: the experiment's.
        note: what was trained, in a line.
        said: the report in words.
        figures: what `interactive.data` makes.
        again: how the runs are trained again, as Markdown.
        hashes: of each run, as HTML.
        pictures: the report's, by the names of their files: shown where no script runs.
        headings: of the sections of these names, where they differ from `HEADINGS`.
    """
    data = {**figures, "background": {"light": "#ffffff", "dark": DARK}}
    beside = dressed(said.beside)
    if said.beside:
        beside = beside.replace('src="reproduction.png"', f'src="{_embedded(pictures, "reproduction")}"')
    texts = {
        **{f"{key}_heading": text for key, text in {**HEADINGS, **headings}.items()},
        "title": html.escape(html.unescape(said.title)),
        "name": html.escape(name),
        "note": html.escape(note),
        "common": dressed(said.common),
        "verdict": dressed("\n".join(f"- {one}" for one in said.verdict)),
        "many": dressed(said.many),
        "notes": dressed("\n\n".join(said.notes)),
        "errors": dressed(said.errors),
        "differences": dressed(said.differences),
        "beside": beside,
        "unfinished": dressed(said.unfinished),
        "deviations": dressed(said.deviations),
        "twins": dressed(said.twins),
        "machine": dressed(said.machine),
        "hashes": hashes,
        "again": dressed(again),
        "controls": _controls(figures),
        "curves": _embedded(pictures, "curves"),
        "depth": _embedded(pictures, "depth"),
        "thinned": _thinned(figures["every"]),
        "style": web("page.css"),
        # A browser ends a script at "</script" wherever it stands.
        "data": json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        "plotly": re.sub("</(?=script)", r"<\\/", get_plotlyjs(), flags=re.IGNORECASE),
        "scripts": "\n".join(web(script) for script in SCRIPTS),
    }
    return Template(web("page.html")).substitute(texts)


def web(name: str) -> str:
    """A file of web/."""
    return (WEB / name).read_text(encoding="utf-8")


def _embedded(pictures: Mapping[str, bytes | str], name: str) -> str:
    picture = pictures[f"{name}.svg"]
    content = picture if isinstance(picture, bytes) else picture.encode()
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


def _thinned(every: int) -> str:
    ordinal = {2: "second", 3: "third"}.get(every, f"{every}th")
    return f"Of so many runs every {ordinal} evaluation is drawn; curves.csv holds all." if every > 1 else ""


def _controls(figures: dict[str, Any]) -> str:
    """The checkboxes of the families and of the depths."""
    families = [(str(place), one["name"]) for place, one in enumerate(figures["series"])]
    depths = [(str(depth), f"{depth} layers") for depth in figures["depths"]]
    return _boxes("family", "Networks", families) + _boxes("depth", "Depth", depths)


def _boxes(kind: str, legend: str, boxes: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<label><input type="checkbox" name="{kind}" value="{value}" checked>'
        f'<span class="swatch" aria-hidden="true"></span>{html.escape(text)}</label>'
        for value, text in boxes
    )
    both = "".join(
        f'<button type="button" data-all="{kind}" data-checked="{checked}">{text}</button>'
        for checked, text in (("1", "all"), ("", "none"))
    )
    return f"<fieldset><legend>{legend}</legend>{items}{both if len(boxes) > 2 else ''}</fieldset>"
