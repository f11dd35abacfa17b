"""The picture of `sharpness.py` (no torch)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid, steps_along
from degradation.why.pictures.drawing import each, figure, legend, log_up, looks, styled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The largest eigenvalue against the step: a point a seed, a line through their geometric means.

    Args:
        table: columns `sharpness.COLUMNS` and the network's.
    """
    drawn = looks(table)
    with styled():
        made, ((axes,),) = figure(1, 1, 4.2, note)
        grid(axes)
        for own, look in each(table[table["eigenvalue"] > 0], drawn):
            steps, values = own["step"].to_numpy(int), own["eigenvalue"].to_numpy()
            axes.plot(steps, values, look.marker, color=look.colour, markersize=3, alpha=0.5)
            mean = np.exp(np.log(own["eigenvalue"]).groupby(own["step"]).mean())
            axes.plot(mean.index.to_numpy(int), mean.to_numpy(), **look.line)
        log_up(axes)
        steps_along(axes)
        axes.set_xlabel("step; a point a seed")
        axes.set_ylabel("largest eigenvalue of the Hessian")
        legend(made, drawn, table, what="geometric mean")
        return made
