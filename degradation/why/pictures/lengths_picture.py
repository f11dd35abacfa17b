"""The picture of `lengths.py` and `lengths_runs.py` (no torch)."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from degradation.plots.style import grid
from degradation.why.numbers.further_quantities import AS_IT_IS, LAYER, RUN, SHORTENED
from degradation.why.numbers.quantities import FINAL, INITIAL
from degradation.why.pictures.drawing import Looks, each, figure, legend, log_up, looks, styled

PANELS = (
    (FINAL, "grown", "length of the weights at the end,\nover that at the start"),
    (INITIAL, "step", "a step over the weights,\nat the start"),
    (FINAL, "step", "a step over the weights, at the end\n(first learning rate)"),
)


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Three panels against the layers; a fourth says what training on gives, as it is and shortened.

    Args:
        table: columns `lengths_runs.COLUMNS` and the network's.
    """
    layers, runs = table[table["kind"] == LAYER], table[table["kind"] == RUN]
    drawn = looks(table)
    with styled():
        made, axes = figure(2, 2, 5.6, note)
        panels = [one for row in axes for one in row]
        for one, (state, column, title) in zip(panels, PANELS, strict=False):
            _against_layers(one, layers[layers["state"] == state], column, drawn)
            one.set_title(title, loc="left", fontsize=9.5)
        panels[2].set_xlabel("layer")
        _trained_on(panels[3], runs, drawn)
        legend(made, drawn, table)
        return made


def _against_layers(axes: Axes, table: pd.DataFrame, column: str, drawn: Looks) -> None:
    grid(axes)
    for own, look in each(table, drawn):
        by_layer = own.groupby("layer")[column].mean().sort_index()
        axes.plot(by_layer.index.to_numpy(), by_layer.to_numpy(), **look.line)
    log_up(axes)


def _trained_on(axes: Axes, runs: pd.DataFrame, drawn: Looks) -> None:
    """A line a seed from the error before to those after."""
    grid(axes)
    axes.set_title("training error (%), trained on from its end\nwith the weights", loc="left", fontsize=9.5)
    places: dict[str, Any] = {AS_IT_IS: 0, SHORTENED: 1}
    for own, look in each(runs, drawn):
        for _, of_seed in own.groupby("seed"):
            by_start = of_seed.set_index("start")["train_error"].reindex(list(places))
            axes.plot(
                list(places.values()), by_start.to_numpy(), marker=look.marker, markersize=4, **look.line
            )
    axes.set_xticks(list(places.values()), ["as they are", "as long as at the start"])
    axes.set_xlim(-0.3, 1.3)
    axes.set_ylim(bottom=0)
