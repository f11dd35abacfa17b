"""How all pictures look: sizes, colours that the colour-blind can tell apart, and how they are saved."""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Transform, offset_copy

WIDTH = 9.0  # inches; at 100 points an inch, the 900 px at which a README shows it
SHARPNESS = 180  # pixels per inch, for screens that show two for one
NOTE = 115  # letters of a note that fit across a picture of WIDTH
INK, FAINT_INK, FAINT = "0.15", "0.35", "0.55"
# Okabe and Ito's colours, and two found by search. Any two are at least 20 apart by CIE76, and 15 as the
# colour-blind see them; the first two, plain and residual, the most. tests/test_palette.py measures it.
SERIES = (
    "#D55E00",
    "#0072B2",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#4D4D4D",
    "#8A2BD0",
    "#663300",
)
DARK_SERIES = (  # the same hues on a dark page, as far apart, each with a contrast of 4 at least
    "#E76829",
    "#4692CE",
    "#23D79A",
    "#DEBCE9",
    "#FFB42F",
    "#D9F7EC",
    "#6B8682",
    "#A452F9",
    "#A97F55",
)
DARK = "#15181C"  # that page
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "*")  # one a colour, so that no picture needs the colours
PLAIN, SHORTCUT = 0, 1  # places in both, where only these two are told apart

Colours = dict[int, str]  # by depth

STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "degradation",  # names inside the file: the same each time
}


def depth_colours(depths: Sequence[int]) -> Colours:
    """A colour per depth, the deeper the darker, in steps that also read in grey."""
    places = [0.35] if len(depths) == 1 else np.linspace(0.85, 0.1, len(depths))
    colours = mpl.colormaps["inferno"](np.asarray(places))
    return {depth: to_hex(colour) for depth, colour in zip(sorted(depths), colours, strict=True)}


def dark_depth_colours(depths: Sequence[int]) -> Colours:
    """The same for a dark page: the deeper the lighter."""
    places = [0.8] if len(depths) == 1 else np.linspace(0.45, 1.0, len(depths))
    colours = mpl.colormaps["gnuplot2"](np.asarray(places))
    return {depth: to_hex(colour) for depth, colour in zip(sorted(depths), colours, strict=True)}


def look(place: int) -> tuple[str, str]:
    """Colour and marker of a line; 81 places have each another pair of them."""
    return SERIES[place % len(SERIES)], MARKERS[(place + place // len(SERIES)) % len(MARKERS)]


def first_place(families: Sequence[str]) -> int:
    """Where the places of families begin, in their order: the plain networks' colour is left to them."""
    return PLAIN if not families or families[0].startswith("plain") else SHORTCUT


def noted(figure: Figure, note: str) -> None:
    """Say above the panels what was trained; an empty note takes no room."""
    if note:
        fits = int(NOTE * figure.get_figwidth() / WIDTH)
        wrapped = "\n".join(textwrap.fill(line, fits) for line in note.splitlines())
        figure.suptitle(wrapped, x=0.008, ha="left", fontsize=9.5, color=FAINT_INK)


def beside(axes: Axes, points: float) -> Transform:
    """Where data is drawn so many points to the right, so that what is equal does not hide each other."""
    figure = axes.get_figure(root=True)
    return offset_copy(axes.transData, figure, x=points, units="points")


def percent_up(axes: Axes, top: float, below: float = 0.03) -> None:
    """The error axis: from zero to the top, with the part below zero that a marker or a line on it needs."""
    axes.set_ylim(-below * top, top)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}" if y >= 0 else ""))


def steps_along(axes: Axes) -> None:
    """The axis of steps: as 1,000."""
    axes.xaxis.set_major_formatter("{x:,.0f}")


def grid(axes: Axes) -> None:
    """Faint horizontal lines, behind everything."""
    axes.grid(axis="y", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def not_run(axes: Axes, at: float) -> None:
    """Say so in a row of a panel, so that an empty place doesn't look like a result."""
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axes.annotate("not run", (0, at), (6, 0), va="center", fontsize="small", color=FAINT_INK, **place)


def nothing(axes: Axes, words: str) -> None:
    """Say on empty axes that there is nothing to draw."""
    axes.text(0.5, 0.5, words, ha="center", va="center", color=FAINT, transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def files(figure: Figure, name: str) -> dict[str, bytes]:
    """The figure as `<name>.png` and `<name>.svg`, byte for byte the same for the same input."""
    png, svg = _saved(figure, "png", {"Software": None}), _saved(figure, "svg", {"Date": None})
    return {f"{name}.png": png, f"{name}.svg": svg}


def described(figure: Figure, description: str) -> bytes:
    """The figure as SVG, byte for byte the same for the same input, with what it shows in words inside."""
    return _saved(figure, "svg", {"Date": None, "Description": description})


def _saved(figure: Figure, kind: str, metadata: dict[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format=kind, dpi=SHARPNESS, metadata=metadata)
    return buffer.getvalue()
