"""The picture of `convergence.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.numbers.convergence import LEVELS
from degradation.why.pictures.drawing import each, figure, legend, log_along, log_up, looks, styled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The running training error against the step, both logarithmic: the mean over seeds, each seed thin.

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
            own = own[own["error"] > 0]
            mean = own.groupby("step")["error"].mean()
            axes.plot(mean.index.to_numpy(int), mean.to_numpy(), **look.line)
            for _, line in own.groupby("seed"):
                thin = {**look.line, "linewidth": 0.7, "alpha": 0.35}
                axes.plot(line["step"].to_numpy(int), line["error"].to_numpy(), **thin)
        log_along(axes)
        log_up(axes)
        axes.set_xlabel("step; thin: each seed, dotted: the levels that are asked for")
        axes.set_ylabel("running training error (%)")
        legend(made, drawn, table)
        return made
