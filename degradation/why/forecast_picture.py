"""The picture of `forecast.py` (no torch)."""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.analysis.series import ordered
from degradation.families.catalog import own
from degradation.plots.families import fill
from degradation.plots.style import MARKERS, PLAIN, SERIES, SHORTCUT, grid
from degradation.why.drawing import figure, styled
from degradation.why.forecast import distinct

COLUMNS = 3
WIDE = 34  # letters of a label below a panel


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The error at the end against each number at the start: a marker a family, filled with its ways around.

    Args:
        table: see `forecast.forecast`; a mark is a network's mean over its seeds.
    """
    names = list(dict.fromkeys(ordered(table.assign(depth=0))["family"]))
    marks = {one: MARKERS[at % len(MARKERS)] for at, one in enumerate(dict.fromkeys(map(own, names)))}
    known = distinct(table)
    quantities = list(dict.fromkeys(known["quantity"]))
    rows = -(-(len(quantities) + 1) // COLUMNS)
    with styled():
        made, panels = figure(rows, COLUMNS, 0.6 + 2.5 * rows, note, sharey=True)
        places = [axes for line in panels for axes in line]
        for axes, quantity in zip(places, quantities, strict=False):
            _panel(axes, known[known["quantity"] == quantity], quantity, marks)
        for axes in places[len(quantities) :]:
            axes.set_axis_off()
        for line in panels:
            line[0].set_ylabel("training error (%)")
        keys = [_mark(name, marks[name], SHORTCUT) for name in marks]
        keys += [_mark("hollow: its plain twin", "o", PLAIN)]
        places[-1].legend(handles=keys, loc="center", frameon=False)
        return made


def _panel(axes: Axes, known: pd.DataFrame, quantity: str, marks: dict[str, str]) -> None:
    grid(axes)
    means = known.groupby(["family", "variant"], sort=False)[["value", "train_error"]].mean()
    for (family, _), row in means.iterrows():
        name = own(str(family))
        place = SHORTCUT if name == family else PLAIN
        axes.plot(row["value"], row["train_error"], **_look(marks[name], place))
    axes.set_xlabel("\n".join(textwrap.wrap(quantity, WIDE)))


def _look(marker: str, place: int) -> dict[str, Any]:
    colours = {"color": SERIES[place], "markerfacecolor": fill(place)}
    return {"marker": marker, **colours, "markersize": 6.5, "linestyle": ""}


def _mark(name: str, marker: str, place: int) -> Line2D:
    return Line2D([], [], label=name, **_look(marker, place))
