"""The picture of `paths.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.pictures.drawing import each, figure, legend, looks, states, styled, titled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The gradient's norm by the number of branches passed; a panel a state.

    Args:
        table: columns `paths.COLUMNS`, `state` and the network's.
    """
    drawn, there = looks(table), states(table)
    with styled():
        made, (panels,) = figure(1, len(there), 3.6, note, sharey=True)
        for axes, state in zip(panels, there, strict=True):
            grid(axes)
            axes.set_title(titled(state), loc="left")
            for own, look in each(table[table["state"] == state], drawn):
                mean = 100 * own.groupby("branches")["norm"].mean()
                axes.plot(mean.index.to_numpy(int), mean.to_numpy(), marker=".", markersize=4, **look.line)
            axes.set_xlabel("residual branches passed (plain: always all)")
        panels[0].set_ylabel("share of the gradient's norm (%)")
        legend(made, drawn, table)
        return made
