"""The picture of `signals.py`: Fig. 7's axes, and what else is measured layer by layer (no torch)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from degradation.plots.style import grid, nothing
from degradation.why.pictures.drawing import (
    Looks,
    each,
    figure,
    legend,
    log_up,
    looks,
    states,
    styled,
    titled,
)

Panel = tuple[str, str, str, bool, bool]  # state, column, title, logarithmic, sorted
AT_EACH: tuple[tuple[str, str, bool], ...] = (
    ("std", "std of responses", False),
    ("gradient", "gradient norm", True),
    ("rank", "effective rank", False),
)
LAST: tuple[tuple[str, str, bool, bool], ...] = (
    ("std", "std, sorted by magnitude", False, True),
    ("update", "|update| / |weight|", True, False),
    ("dead", "share of dead channels", False, False),
)


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A row of panels for each state, and another with the rest, of the last; each against the layers.

    Args:
        table: columns `signals.COLUMNS`, `state` and the network's.
    """
    there = states(table)
    panels: list[list[Panel]] = [[(state, *rest, False) for rest in AT_EACH] for state in there]
    panels.append([(there[-1], *rest) for rest in LAST])
    drawn = looks(table)
    with styled():
        made, axes = figure(len(panels), 3, 0.4 + 2.15 * len(panels), note)
        for row, of_row in zip(panels, axes, strict=True):
            for panel, one in zip(row, of_row, strict=True):
                _panel(one, table[table["state"] == panel[0]], panel, drawn)
        for one in axes[-1][1:]:
            one.set_xlabel("layer" if one.lines else "")
        axes[-1][0].set_xlabel("place in that order")
        legend(made, drawn, table)
        return made


def _panel(axes: Axes, table: pd.DataFrame, panel: Panel, drawn: Looks) -> None:
    state, column, name, log, ordered = panel
    axes.set_title(f"{name}\n{titled(state)}", loc="left", fontsize=9.5)
    if table[column].isna().all():  # such as updates of networks that others trained
        nothing(axes, "not known")
        return
    grid(axes)
    for own, look in each(table, drawn):
        by_layer = own.groupby("layer")[column].mean().sort_index()
        if ordered:
            by_layer = by_layer.sort_values(ascending=False)
        axes.plot(range(1, len(by_layer) + 1), by_layer.to_numpy(), **look.line)
    if log:
        log_up(axes)
    else:
        axes.set_ylim(0, max(1.1 * axes.get_ylim()[1], 0.01))  # equal lines are seen, and so is nothing dead
