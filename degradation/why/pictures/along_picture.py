"""The picture of `along.py`: the layers' numbers against the step (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid, steps_along
from degradation.why.numbers import quantities
from degradation.why.pictures.drawing import each, figure, legend, looks, styled

TITLES = {  # by how a quantity's name begins
    "gradient norm": "gradient norm, first quarter of the\nlayers over the last (log10)",
    "effective rank": "effective rank, last quarter\nof the layers",
    "std of responses": "std of responses, mean over\nlayers",
}


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Three panels: gradients, rank, responses.

    Args:
        table: `step`, columns of `models/signals.py` and the network's.
    """
    numbers = quantities.signals(table.assign(state=table["step"]))
    drawn = looks(table)
    with styled():
        made, (panels,) = figure(1, 3, 3.5, note)
        for axes, (start, title) in zip(panels, TITLES.items(), strict=True):
            grid(axes)
            axes.set_title(title, loc="left", fontsize=9.5)
            of_panel = numbers[numbers["quantity"].str.startswith(start)]
            for own, look in each(of_panel, drawn):
                mean = own.groupby("state")["value"].mean()
                axes.plot(mean.index.to_numpy(int), mean.to_numpy(), marker=".", markersize=3, **look.line)
            steps_along(axes)
            axes.set_xlabel("step")
        legend(made, drawn, table)
        return made
