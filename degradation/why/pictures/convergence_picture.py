"""The picture of `convergence.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.numbers.convergence import LEVELS
from degradation.why.pictures.drawing import each, figure, legend, log_along, log_up, looks, styled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The running training error against the step, both logarithmic: a line a seed; levels dotted.

    Args:
        table: columns `convergence.COLUMNS` and the network's.
    """
    drawn = looks(table)
    with styled():
        made, ((axes,),) = figure(1, 1, 4.6, note)
        grid(axes)
        for level in LEVELS:
            axes.axhline(level, color="0.7", linewidth=0.8, linestyle=(0, (1, 2)))
        for own, look in each(table, drawn):
            for _, line in own[own["error"] > 0].groupby("seed"):
                axes.plot(line["step"].to_numpy(int), line["error"].to_numpy(), alpha=0.8, **look.line)
        log_along(axes)
        log_up(axes)
        axes.set_xlabel("step; a line a seed, dotted the levels that are asked for")
        axes.set_ylabel("running training error (%)")
        legend(made, drawn, table, what="each")
        return made
