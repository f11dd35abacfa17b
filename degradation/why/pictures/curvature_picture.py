"""The picture of `curvature.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.pictures.drawing import by_depth, figure, names_of, states, styled, titled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The largest eigenvalue against depth, a point a seed; a panel a state.

    Args:
        table: columns `curvature.COLUMNS`, `state` and the network's.
    """
    first = table[(table["place"] == 1) & (table["eigenvalue"] > 0)]
    names, there = names_of(table), states(first)
    with styled():
        made, (panels,) = figure(1, len(there), 3.6, note, sharey=True)
        for axes, state in zip(panels, there, strict=True):
            grid(axes)
            axes.set_title(titled(state), loc="left")
            axes.set_yscale("log")
            by_depth(axes, first[first["state"] == state], "eigenvalue", names=names, geometric=True)
        panels[0].set_ylabel("largest eigenvalue of the Hessian")
        handles, labels = panels[-1].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return made
