"""The picture of `curvature.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid, nothing
from degradation.why.drawing import by_depth, figure, names_of, styled
from degradation.why.quantities import FINAL, INITIAL


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The largest eigenvalue against depth, a point a seed, at initialisation and at the checkpoint.

    Args:
        table: columns `curvature.COLUMNS`, `state` and the network's.
    """
    first = table[(table["place"] == 1) & (table["eigenvalue"] > 0)]
    names = names_of(table)
    with styled():
        made, (panels,) = figure(1, 2, 3.6, note, sharey=True)
        for axes, state in zip(panels, (INITIAL, FINAL), strict=True):
            axes.set_title(f"at {'the ' if state == FINAL else ''}{state}", loc="left")
            there = first[first["state"] == state]
            if there.empty:
                nothing(axes, "not measured")
                continue
            grid(axes)
            axes.set_yscale("log")
            by_depth(axes, there, "eigenvalue", names=names, geometric=True)
        panels[0].set_ylabel("largest eigenvalue of the Hessian")
        handles, labels = panels[1].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return made
