"""The picture of `lesions.py`: error by position, and by number deleted (no torch)."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from degradation.plots.style import grid, percent_up
from degradation.why.pictures.drawing import Looks, each, explained, figure, legend, looks, styled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Three panels: one block deleted, one swapped with the next, several deleted.

    Args:
        table: columns `lesions.COLUMNS` and the network's. The whole network's error is the thin line.
    """
    drawn = looks(table)
    with styled():
        made, (panels,) = figure(1, 3, 3.8, note, sharey=True)
        for axes, kind, title in (
            (panels[0], "delete", "one block deleted"),
            (panels[1], "swap", "one swapped with the next"),
        ):
            axes.set_title(title, loc="left")
            _by_position(axes, table, kind, drawn)
            axes.set_xlabel("position of the block")
        panels[2].set_title("several random blocks deleted", loc="left")
        _by_number(panels[2], table, drawn)
        for axes in panels:
            grid(axes)
            percent_up(axes, 100)
        panels[0].set_ylabel("test error (%)")
        legend(made, drawn, table, explained("o", "changes the shape"))
        return made


def _by_position(axes: Axes, table: pd.DataFrame, kind: str, drawn: Looks) -> None:
    for own, look in each(table, drawn):
        rows = own[own["kind"] == kind]
        mean = rows.groupby("position")["error"].mean()
        axes.plot(mean.index.to_numpy(int), mean.to_numpy(), **look.line)
        changing = rows[~rows["keeps_shape"].fillna(True).astype(bool)].groupby("position")["error"].mean()
        style: dict[str, Any] = {"color": look.colour, "markerfacecolor": "white", "markersize": 5}
        axes.plot(changing.index.to_numpy(int), changing.to_numpy(), "o", **style)
        whole = own[own["kind"] == "whole"]["error"].mean()
        axes.axhline(whole, color=look.colour, linestyle=look.dashes, linewidth=0.6, alpha=0.7)


def _by_number(axes: Axes, table: pd.DataFrame, drawn: Looks) -> None:
    numbers: set[int] = set()
    for own, look in each(table, drawn):
        deleted = own[own["kind"].isin(["whole", "delete", "several"])]
        mean = deleted.groupby("deleted")["error"].mean()
        numbers |= {int(number) for number in mean.index}
        axes.plot(mean.index.to_numpy(int), mean.to_numpy(), marker=".", **look.line)
    axes.set_xscale("symlog", base=2, linthresh=1)
    axes.xaxis.set_major_locator(FixedLocator(sorted(numbers)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_xlabel("blocks deleted (mean over sets)")
