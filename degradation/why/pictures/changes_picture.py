"""The picture of `changes.py` (no torch)."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.analysis.series import ordered
from degradation.plots.style import INK, first_place, look, not_run
from degradation.why.pictures.drawing import figure, styled

ROW = 0.24  # inches
Rows = list[tuple[str, str]]


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A panel a depth, a row a change: by how many points it moves the error, a dot a seed, a bar the mean.

    Args:
        table: what `changes.changes` returns.
    """
    table = ordered(table.assign(points=table["train_error"] - table["as_it_is"]))
    rows: Rows = list(table[["family", "change"]].drop_duplicates().itertuples(index=False, name=None))
    families = list(dict.fromkeys(family for family, _ in rows))
    colours = {one: look(first_place(families) + at)[0] for at, one in enumerate(families)}
    depths = sorted(table["depth"].unique())
    with styled():
        made, (panels,) = figure(1, len(depths), 1.3 + ROW * len(rows), note, sharex=True, sharey=True)
        for axes, depth in zip(panels, depths, strict=True):
            axes.set_title(f"{depth} layers", loc="left")
            _changes(axes, table[table["depth"] == depth], rows, colours)
        names = [change if len(families) == 1 else f"{family}: {change}" for family, change in rows]
        panels[0].set_yticks(range(len(rows)), names)
        panels[0].set_ylim(len(rows) - 0.5, -0.5)
        keys = [Line2D([], [], color=colour, marker="o", label=one) for one, colour in colours.items()]
        keys += [Line2D([], [], color=INK, marker="|", linestyle="", label="mean")]
        made.legend(handles=keys, loc="outside lower center", ncols=len(keys), frameon=False)
        return made


def _changes(axes: Axes, own: pd.DataFrame, rows: Rows, colours: dict[str, str]) -> None:
    for at, (family, change) in enumerate(rows):
        points = own.loc[(own["family"] == family) & (own["change"] == change), "points"].to_numpy(float)
        if not len(points):
            not_run(axes, at)
            continue
        look: dict[str, Any] = {"color": colours[family]}
        axes.plot([points.min(), points.max()], [at, at], linewidth=1.4, alpha=0.6, **look)
        axes.plot(points, [at] * len(points), "o", markersize=4, alpha=0.6, **look)
        axes.plot(points.mean(), at, "|", markersize=11, markeredgewidth=1.6, **look)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
    axes.set_xlabel("clean training error, minus as it is (points)")
    axes.grid(axis="x", color="0.92")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
