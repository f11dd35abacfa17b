"""What the pictures of all analyses share: a colour a family, a dash a depth, one legend (no torch)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from degradation.analysis.series import ordered
from degradation.plots.style import INK, STYLE, WIDTH, first_place, look, noted
from degradation.runs.label import label
from degradation.why.numbers.quantities import FINAL, INITIAL

DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (8, 2)))
SERIES = ["family", "variant", "depth"]


@dataclass(frozen=True)
class Look:
    """How a network's lines are drawn."""

    label: str
    colour: str
    marker: str
    dashes: Any

    @property
    def line(self) -> dict[str, Any]:
        """Keywords of a line without markers."""
        return {"color": self.colour, "linestyle": self.dashes, "linewidth": 1.4}


Looks = dict[tuple[str, str, int], Look]


def names_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Families and variants, in the order of the families."""
    both = ordered(table[SERIES].drop_duplicates())[["family", "variant"]].drop_duplicates()
    return [(str(family), str(variant)) for family, variant in both.to_numpy()]


def looks(table: pd.DataFrame) -> Looks:
    """A look for each network (all its seeds): the colour says the family, the dash the depth; the deepest
    has whole lines."""
    networks = ordered(table[SERIES].drop_duplicates())
    names = names_of(networks)
    first = first_place([str(family) for family, _ in names])
    found = {}
    for at, name in enumerate(names):
        own = networks[(networks["family"] == name[0]) & (networks["variant"] == name[1])]
        for behind, depth in enumerate(sorted((int(one) for one in own["depth"]), reverse=True)):
            colour, marker = look(first + at)
            dashes = DASHES[behind % len(DASHES)]
            found[(*name, depth)] = Look(label(name[0], name[1], depth), colour, marker, dashes)
    return dict(sorted(found.items(), key=lambda item: (names.index(item[0][:2]), item[0][2])))


def each(table: pd.DataFrame, drawn: Looks) -> Iterator[tuple[pd.DataFrame, Look]]:
    """A network's rows, all seeds, and its look."""
    for (family, variant, depth), own_look in drawn.items():
        own = table[(table["family"] == family) & (table["variant"] == variant) & (table["depth"] == depth)]
        if len(own):
            yield own, own_look


def figure(
    rows: int, columns: int, height: float, note: str, **sizes: Any
) -> tuple[Figure, Sequence[Sequence[Axes]]]:
    """Empty panels, `height` inches high in all, under a line that says what was trained. Call it, and all
    drawing, within `mpl.rc_context(STYLE)`."""
    made = Figure(figsize=(WIDTH, height), layout="constrained")
    noted(made, note)
    return made, made.subplots(rows, columns, squeeze=False, **sizes)


def legend(made: Figure, drawn: Looks, table: pd.DataFrame, *more: Line2D, what: str = "mean") -> None:
    """Below the panels: the networks, what `more` explains, and of how many seeds a line is what."""
    keys = [Line2D([], [], label=one.label, **one.line) for one in drawn.values()]
    widest = max(len(one.label) for one in drawn.values())
    keys += more
    counts = table.groupby(SERIES)["seed"].nunique()
    if counts.max() > 1:
        seeds = f"{counts.min()} to {counts.max()}" if counts.min() != counts.max() else f"{counts.max()}"
        keys.append(Line2D([], [], linestyle="", label=f"{what} of {seeds} seeds"))
    rows = math.ceil(len(keys) / max(1, min(5, 110 // (widest + 8))))
    made.legend(handles=keys, loc="outside lower center", ncols=math.ceil(len(keys) / rows), frameon=False)


def by_depth(
    axes: Axes,
    table: pd.DataFrame,
    column: str,
    names: Sequence[tuple[str, str]] | None = None,
    geometric: bool = False,
) -> None:
    """A column against depth: a point a seed, and a line through the means of each family.

    Args:
        table: `column` and the network's.
        names: the families and variants that have a colour and a place; those of the table.
        geometric: the mean is the geometric one, as on a logarithmic axis.
    """
    names = names_of(table) if names is None else names
    start = first_place([str(family) for family, _ in names])
    depths = sorted({int(one) for one in table["depth"]})
    apart = 0.02 * (depths[-1] - depths[0] or 1)
    for at, name in enumerate(names):
        own = table[(table["family"] == name[0]) & (table["variant"] == name[1])]
        colour, marker = look(start + at)
        moved = apart * (at - (len(names) - 1) / 2)
        x, y = own["depth"].to_numpy(float) + moved, own[column].to_numpy()
        axes.plot(x, y, marker, color=colour, markersize=4, alpha=0.6)
        values = np.log(own[column]) if geometric else own[column]
        mean = values.groupby(own["depth"]).mean()
        named: dict[str, Any] = {"label": label(*name), "linewidth": 1.2}
        heights = (np.exp(mean) if geometric else mean).to_numpy()
        axes.plot(mean.index.to_numpy(float) + moved, heights, color=colour, **named)
    axes.xaxis.set_major_locator(FixedLocator(depths))
    axes.margins(x=0.15, y=0.15)
    axes.set_xlabel("depth (layers); a point a seed")


def states(table: pd.DataFrame) -> list[str]:
    """Those that were measured, in their order."""
    return [state for state in (INITIAL, FINAL) if (table["state"] == state).any()]


def titled(state: str) -> str:
    """A state in a title."""
    return f"at {'the ' if state == FINAL else ''}{state}"


def log_up(axes: Axes) -> None:
    """A logarithmic axis upwards of what is drawn, with numbers that also a range of less than ten has."""
    axes.set_yscale("log")
    _numbers(axes.yaxis, *axes.get_ylim())


def log_along(axes: Axes) -> None:
    """The same to the right."""
    axes.set_xscale("log")
    _numbers(axes.xaxis, *axes.get_xlim())


def _numbers(axis: Axis, low: float, high: float) -> None:
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,), numticks=9))
    axis.set_major_formatter(FuncFormatter(_said))
    axis.set_minor_locator(NullLocator())


def _said(value: float, _: object) -> str:
    """As a decimal number; below a thousandth or from a million on with a power of ten."""
    power = math.floor(np.log10(value) + 1e-9) if value > 0 else 0
    if -4 < power < 6:
        return f"{value:,g}"
    first = f"{value / 10.0**power:g}"
    return f"$10^{{{power}}}$" if first == "1" else f"${first}\\times10^{{{power}}}$"


def explained(marker: str, text: str, fill: str = "white") -> Line2D:
    """A key of the legend for a marker."""
    look: dict[str, Any] = {"color": INK, "markerfacecolor": fill, "linestyle": ""}
    return Line2D([], [], marker=marker, label=text, **look)


def styled() -> Any:
    """The context in which pictures are drawn."""
    return mpl.rc_context(STYLE)
