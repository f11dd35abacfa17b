"""The picture of `overfitting.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.numbers import quantities
from degradation.why.pictures.drawing import by_depth, figure, styled

TITLES = {
    "training error (%)": "clean training error (%)",
    "test minus training error (points)": "test error − training error (points)",
}


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Two panels against depth, a point a seed: the training error, and how far the test error lies above it.

    Args:
        table: what `overfitting.overfitting` returns.
    """
    numbers = quantities.overfitting(table)
    with styled():
        made, (panels,) = figure(1, 2, 3.6, note)
        for axes, (quantity, title) in zip(panels, TITLES.items(), strict=True):
            grid(axes)
            axes.set_title(title, loc="left")
            axes.axhline(0, color="0.7", linewidth=0.8)
            by_depth(axes, numbers[numbers["quantity"] == quantity], "value")
        handles, labels = panels[0].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return made
