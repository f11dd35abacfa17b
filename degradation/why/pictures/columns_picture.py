"""The picture of `columns.py`: errors along training, and at the end by column (no torch)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.plots.style import (
    FAINT,
    INK,
    MARKERS,
    PLAIN,
    SERIES,
    depth_colours,
    grid,
    nothing,
    percent_up,
    steps_along,
)
from degradation.why.pictures.drawing import each, figure, looks, styled

ALL, RUNNING, AGAIN = "all", "running", "again"  # as `columns.py` calls them
ROW = 3.1  # inches a network
PLAIN_LOOK: dict[str, Any] = {  # hollow, as it may lie on a column's marker
    **{"color": SERIES[PLAIN], "marker": MARKERS[2], "linestyle": ""},
    **{"markerfacecolor": "none", "markersize": 8, "markeredgewidth": 1.6},
}


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A row a FractalNet: training and test error of each column along training, BN measured again; and the
    test error at the end by column, with both statistics, plain twins beside.

    Args:
        table: columns `columns.COLUMNS`, `step`, and the network's. Lines are means over seeds.
    """
    joined = set(table.loc[table["column"] == ALL, "family"])
    plain = table[~table["family"].isin(joined)]
    networks = [(own, look.label) for own, look in each(table, looks(table)) if set(own["family"]) <= joined]
    colours = depth_colours(sorted({int(layers) for layers in table.loc[table["column"] != ALL, "layers"]}))
    with styled():
        made, rows = figure(len(networks), 3, ROW * len(networks) + 0.5, note)
        for (left, middle, right), (own, name) in zip(rows, networks, strict=True):
            again = own[own["bn"] == AGAIN]
            for axes, measure in ((left, "train_error"), (middle, "test_error")):
                _along(axes, again, measure, colours)
            left.set_title(name, loc="left")
            left.set_ylabel("training error (%)")
            middle.set_ylabel("test error (%)")
            _at_end(right, own, plain[plain["variant"].isin(own["variant"])])
        _legend(made, table, colours, not plain.empty)
        return made


def _along(axes: Axes, own: pd.DataFrame, measure: str, colours: Mapping[int, str]) -> None:
    if own["step"].nunique() == 1:
        nothing(axes, "no weights were kept\nalong the way")
        return
    grid(axes)
    for (column, layers), line in own.groupby(["column", "layers"]):
        mean = line.groupby("step")[measure].mean()
        look = _look(str(column), int(layers), colours)
        axes.plot(mean.index.to_numpy(int), mean.to_numpy(), marker=".", **look)
    percent_up(axes, 100)
    steps_along(axes)
    axes.set_xlabel("step (BN measured again)")


def _at_end(axes: Axes, own: pd.DataFrame, plain: pd.DataFrame) -> None:
    grid(axes)
    ends = own[own["step"] == own.groupby("seed")["step"].transform("max")]
    alone = ends[ends["column"] != ALL]
    depths = sorted({int(layers) for layers in alone["layers"]})
    places: dict[Any, int] = {layers: place for place, layers in enumerate([*depths, ALL])}
    for bn, fill, dashes in ((RUNNING, "white", (0, (4, 1.5))), (AGAIN, INK, "-")):
        mean = alone[alone["bn"] == bn].groupby("layers")["test_error"].mean()
        style: dict[str, Any] = {"color": INK, "markerfacecolor": fill, "markersize": 5}
        axes.plot([places[layers] for layers in mean.index], mean.to_numpy(), "o", linestyle=dashes, **style)
        joined = ends[(ends["column"] == ALL) & (ends["bn"] == bn)]["test_error"].mean()
        axes.plot([places[ALL]], [joined], "D", **style)
    twins = plain[(plain["bn"] == AGAIN) & plain["layers"].isin(depths)]
    twins = twins[twins["step"] == twins.groupby(["seed", "depth"])["step"].transform("max")]
    mean = twins.groupby("layers")["test_error"].mean()
    axes.plot([places[layers] for layers in mean.index], mean.to_numpy(), **PLAIN_LOOK)
    axes.set_xticks(range(len(places)), [str(place) for place in places])
    percent_up(axes, 100)
    axes.margins(x=0.08)
    axes.set_xlabel("layers of the column, at the end")
    axes.set_ylabel("test error (%)")


def _look(column: str, layers: int, colours: Mapping[int, str]) -> dict[str, Any]:
    if column == ALL:
        return {"color": FAINT, "linewidth": 2.6, "alpha": 0.8, "zorder": 1}
    return {"color": colours[layers], "linewidth": 1.4}


def _legend(made: Figure, table: pd.DataFrame, colours: Mapping[int, str], twins: bool) -> None:
    shown: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 5}
    keys = [
        *(
            Line2D([], [], label=f"column of {layers} layers", **_look("", layers, colours))
            for layers in colours
        ),
        Line2D([], [], label="all columns", **_look(ALL, 0, colours)),
        Line2D(
            [], [], label="BN's running statistics", markerfacecolor="white", linestyle=(0, (4, 1.5)), **shown
        ),
        Line2D([], [], label="BN measured again", **shown),
    ]
    if twins:
        keys.append(Line2D([], [], label="plain, BN measured again", **PLAIN_LOOK))
    seeds = table["seed"].nunique()
    if seeds > 1:
        keys.append(Line2D([], [], linestyle="", label=f"mean of {seeds} seeds"))
    made.legend(handles=keys, loc="outside lower center", ncols=4, frameon=False)
