"""The picture of `landscape.py`: planes as contours, lines below them (no torch)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, SubFigure

from degradation.plots.style import FAINT_INK, WIDTH, grid, noted
from degradation.why.pictures.drawing import SERIES, Looks, each, legend, log_up, looks, styled

LOSSES = (0.01, 100.0)  # what the colours span; what lies outside has the colour of the end
MOST = 4  # planes beside each other


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The loss on a plane for each network (its first seed), and along lines, all on one scale.

    Args:
        table: columns `landscape.COLUMNS` and the network's.
    """
    drawn = looks(table)
    planes = [(own, look.label) for own, look in each(table[table["kind"] == "plane"], drawn)]
    rows = -(-len(planes) // MOST)
    with styled():
        made = Figure(figsize=(WIDTH, 3.7 + 2.1 * rows), layout="constrained")
        noted(made, note)
        if planes:
            upper, lower = made.subfigures(2, 1, height_ratios=[2.1 * rows, 3.2], squeeze=False).flat
            _planes(upper, planes, rows)
        else:
            lower = made
        left, right = lower.subplots(1, 2)
        _lines(left, table, drawn, "loss")
        log_up(left)
        left.set_ylabel("loss on training images")
        _lines(right, table, drawn, "error")
        right.set_ylabel("error on them (%)")
        right.set_ylim(0, 100)
        legend(made, drawn, table[table["kind"] == "line"], what="median of lines")
        return made


def _planes(figure: SubFigure, planes: Sequence[tuple[pd.DataFrame, str]], rows: int) -> None:
    panels = figure.subplots(rows, min(MOST, len(planes)), squeeze=False, sharex=True, sharey=True)
    norm = LogNorm(*LOSSES)
    levels = np.geomspace(*LOSSES, 17)
    for axes in panels.flat[len(planes) :]:
        axes.set_visible(False)
    for axes, (own, name) in zip(panels.flat, planes, strict=False):
        first = own[own["seed"] == own["seed"].min()].pivot(index="y", columns="x", values="loss")
        losses = first.to_numpy(float).clip(*LOSSES)
        x, y = first.columns.to_numpy(float), first.index.to_numpy(float)
        axes.contourf(x, y, losses, levels=levels, norm=norm, cmap="viridis")
        axes.contour(x, y, losses, levels=levels[::2], norm=norm, colors="white", linewidths=0.4)
        axes.plot(0, 0, "+", color="white")
        axes.set_aspect("equal")
        axes.set_title(name, loc="left", fontsize=9.5)
    bar = figure.colorbar(
        ScalarMappable(norm, "viridis"), ax=panels.ravel().tolist(), label="loss", shrink=0.85
    )
    bar.ax.tick_params(labelsize=8)


def _lines(axes: Axes, table: pd.DataFrame, drawn: Looks, column: str) -> None:
    grid(axes)
    lines = table[(table["kind"] == "line") & np.isfinite(table["loss"])]
    for own, look in each(lines, drawn):
        for _, one in own.groupby([*SERIES, "seed", "draw"]):
            axes.plot(one["x"], one[column], color=look.colour, linewidth=0.4, alpha=0.35)
        middle = own.groupby("x")[column].median()
        axes.plot(middle.index.to_numpy(), middle.to_numpy(), **look.line)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("distance along a random line (filter norms)")
    axes.set_title("thin: a line of a seed; thick: their median", loc="left", fontsize=9, color=FAINT_INK)
