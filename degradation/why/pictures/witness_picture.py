"""The picture of `witness.py` and `witness_runs.py` (no torch)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.plots.style import INK, first_place, grid, look
from degradation.why.numbers.further_quantities import AGAIN, FRESH, LINE, NOISE, RUN, SHALLOW, WITNESS
from degradation.why.pictures.drawing import explained, figure, styled

MARKS = (  # when, column, marker, whether it is hollow
    ("start", "error", "o", True),
    ("end", "highest", "x", False),
    ("end", "train_error", "o", False),
)


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Left, where runs begin and where training ends them; right, the error on lines from the witness.

    Args:
        table: columns `witness_runs.COLUMNS` and the network's.
    """
    runs, lines = table[table["kind"] == RUN], table[table["kind"] == LINE]
    with styled():
        made, ((left, right),) = figure(1, 2, 4.0, note)
        ends(left, runs)
        left.set_title("training error (%)", loc="left")
        _lines(right, lines)
        handles, _ = right.get_legend_handles_labels()
        made.legend(handles=[*handles, *keys(table)], loc="outside lower center", ncols=3, frameon=False)
        return made


def keys(table: pd.DataFrame) -> list[Line2D]:
    """What the markers of `ends` are, for a legend."""
    return [
        explained("o", f"where it starts, on {table['images'].max():,} images"),
        explained("x", "highest on the way (running)"),
        explained("o", "where it ends, on all images", fill=INK),
    ]


def ends(axes: Axes, runs: pd.DataFrame) -> None:
    """The errors of runs by where they start, a point a seed.

    Args:
        runs: rows of the kind `run`, of one family and variant.
    """
    grid(axes)
    sizes = sorted(runs["size"].dropna().unique())
    names: dict[tuple[str, float | None], str] = {(SHALLOW, None): "shallow\nnetwork"}
    if (runs["start"] == AGAIN).any():
        names[AGAIN, None] = "the same,\ntrained on"
    names |= {(WITNESS, 0.0): "witness"}
    names |= {(NOISE, size): f"noise of\n{size:g} norm" for size in sizes if size} | {
        (FRESH, None): "fresh\nstart"
    }
    seeds = sorted(runs["seed"].unique())
    colour, _ = look(first_place(list(runs["family"].unique())))
    for place, (start, size) in enumerate(names):
        own = runs[(runs["start"] == start) & (runs["size"].isna() if size is None else runs["size"] == size)]
        for when, column, marker, fill in MARKS:
            if start == SHALLOW and when == "start":
                when = "end"  # no run of its own starts there, but all these do
            at = own[own["when"] == when]
            moved = [place + 0.12 * (seeds.index(seed) - (len(seeds) - 1) / 2) for seed in at["seed"]]
            heights = at[column].to_numpy(float)
            face: dict[str, Any] = {
                "markerfacecolor": "white" if fill else colour,
                "markersize": 8 if fill else 5,
            }
            axes.plot(moved, heights, marker, color=colour, clip_on=False, in_layout=False, **face)
    axes.set_xticks(range(len(names)), list(names.values()))
    axes.set_xlabel(f"where it starts; a point a seed ({len(seeds)})")
    axes.set_ylim(bottom=0)


def _lines(axes: Axes, lines: pd.DataFrame) -> None:
    grid(axes)
    axes.set_title("error along the straight line (%)", loc="left")
    for place, (start, name) in enumerate(((FRESH, "to the fresh run"), (WITNESS, "to the run from it"))):
        own, (colour, _) = lines[lines["start"] == start], look(place)
        for _, line in own.groupby("seed"):
            axes.plot(line["at"].to_numpy(), line["error"].to_numpy(), color=colour, alpha=0.35, linewidth=1)
        mean = own.groupby("at")["error"].mean()
        axes.plot(np.asarray(mean.index), mean.to_numpy(), color=colour, label=name, linewidth=1.6)
    axes.set_xticks([0, 1], ["witness", "where SGD ended"])
    axes.set_ylim(bottom=0)
