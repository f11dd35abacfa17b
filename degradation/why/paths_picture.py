"""The picture of `paths.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid, nothing
from degradation.why.drawing import each, figure, legend, looks, styled
from degradation.why.quantities import FINAL, INITIAL


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The gradient's norm by the number of branches passed, at initialisation and at the checkpoint.

    Args:
        table: columns `paths.COLUMNS`, `state` and the network's.
    """
    drawn = looks(table)
    with styled():
        made, (panels,) = figure(1, 2, 3.6, note, sharey=True)
        for axes, state in zip(panels, (INITIAL, FINAL), strict=True):
            axes.set_title(f"at {'the ' if state == FINAL else ''}{state}", loc="left")
            there = table[table["state"] == state]
            if there.empty:
                nothing(axes, "not measured")
                continue
            grid(axes)
            for own, look in each(there, drawn):
                mean = 100 * own.groupby("branches")["norm"].mean()
                axes.plot(mean.index.to_numpy(int), mean.to_numpy(), marker=".", markersize=4, **look.line)
            axes.set_xlabel("residual branches passed (plain: always all)")
        panels[0].set_ylabel("share of the gradient's norm (%)")
        legend(made, drawn, table)
        return made
