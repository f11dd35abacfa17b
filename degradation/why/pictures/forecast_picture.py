"""The picture of `forecast.py` (no torch)."""

import itertools
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
from degradation.runs.label import label
from degradation.why.numbers.forecast import KIND, distinct
from degradation.why.pictures.drawing import figure, styled

COLUMNS = 3
WIDE = 34  # letters of a label below a panel
MANY = 11  # keys, from which on the legend is small
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz"  # without those that look like a stroke or a ring
Looks = dict[tuple[Any, Any], dict[str, Any]]  # of each family and variant


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The error at the end against each number at the start: a marker a family, filled with its ways around;
    where one family is there with several changes, a letter a network.

    Args:
        table: see `forecast.forecast`; a mark is a network's mean over its seeds.
    """
    known = distinct(table)
    looks, keys = (
        _lettered(known) if known.groupby("family")["variant"].nunique().max() > 1 else _marked(known)
    )
    quantities = list(dict.fromkeys(known["quantity"]))
    rows = -(-(len(quantities) + 1) // COLUMNS)
    with styled():
        made, panels = figure(rows, COLUMNS, 0.6 + 2.5 * rows, note, sharey=True)
        places = [axes for line in panels for axes in line]
        for axes, quantity in zip(places, quantities, strict=False):
            _panel(axes, known[known["quantity"] == quantity], quantity, looks)
        for axes in places[len(quantities) :]:
            axes.set_axis_off()
        for line in panels:
            line[0].set_ylabel("training error (%)")
        places[-1].legend(
            handles=keys, loc="center", frameon=False, fontsize=7.5 if len(keys) >= MANY else None
        )
        return made


def _marked(known: pd.DataFrame) -> tuple[Looks, list[Line2D]]:
    names = list(dict.fromkeys(ordered(known.assign(depth=0))["family"]))
    marks = {one: MARKERS[at % len(MARKERS)] for at, one in enumerate(dict.fromkeys(map(own, names)))}
    looks = {}
    for family, variant in known[KIND].drop_duplicates().itertuples(index=False, name=None):
        name = own(str(family))
        looks[family, variant] = _look(marks[name], SHORTCUT if name == family else PLAIN)
    keys = [Line2D([], [], label=name, **_look(mark, SHORTCUT)) for name, mark in marks.items()]
    return looks, [*keys, Line2D([], [], label="hollow: its plain twin", **_look("o", PLAIN))]


def _lettered(known: pd.DataFrame) -> tuple[Looks, list[Line2D]]:
    kinds = ordered(known.assign(depth=0))[KIND].drop_duplicates().itertuples(index=False, name=None)
    looks, keys = {}, []
    for letter, (family, variant) in zip(itertools.cycle(LETTERS), kinds, strict=False):
        place = SHORTCUT if own(str(family)) == family else PLAIN
        look = _look(f"$\\mathrm{{{letter}}}$", place) | {"markerfacecolor": SERIES[place]}
        looks[family, variant] = look | {"markeredgewidth": 0.4}
        keys.append(Line2D([], [], label=label(str(family), variant), **looks[family, variant]))
    return looks, keys


def _panel(axes: Axes, known: pd.DataFrame, quantity: str, looks: Looks) -> None:
    grid(axes)
    means = known.groupby(KIND, sort=False)[["value", "train_error"]].mean()
    for kind, row in means.iterrows():
        axes.plot(row["value"], row["train_error"], **looks[kind])
    axes.set_xlabel("\n".join(textwrap.wrap(quantity, WIDE)))


def _look(marker: str, place: int) -> dict[str, Any]:
    colours = {"color": SERIES[place], "markerfacecolor": fill(place)}
    return {"marker": marker, **colours, "markersize": 6.5, "linestyle": ""}
