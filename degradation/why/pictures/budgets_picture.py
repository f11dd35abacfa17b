"""The picture of `budgets.py` (no torch)."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from degradation.plots.style import grid
from degradation.why.numbers.budgets import budgets, ends
from degradation.why.pictures.drawing import Looks, each, explained, figure, legend, looks, names_of, styled

APART = 0.6  # layers between the marks of two seeds
BESIDE = 2.4  # layers between the middles of two kinds of networks
THOUSANDS = FuncFormatter(lambda value, _: f"{value:,g}")
NOWHERE = 1.12  # how far above the largest budget the networks stand that don't get there


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Clean training error against the budget, and steps until a network gets there against depth.

    Args:
        table: the curves, see `budgets.ends`.
    """
    drawn = looks(table)
    with styled():
        made, ((left, right),) = figure(1, 2, 4.4, note)
        _by_budget(left, ends(table), drawn)
        _by_depth(right, budgets(table), drawn, int(table["steps"].max()))
        legend(made, drawn, table, explained("^", "not within the largest budget"))
        return made


def _by_budget(axes: Axes, at_end: pd.DataFrame, drawn: Looks) -> None:
    grid(axes)
    for own, look in each(at_end, drawn):
        mean = own.groupby("steps")["clean"].mean()
        axes.plot(mean.index.to_numpy(int), mean.to_numpy(), **look.line)
        dots: dict[str, Any] = {"color": look.colour, "markersize": 4, "alpha": 0.6}
        axes.plot(own["steps"].to_numpy(int), own["clean"].to_numpy(), ".", **dots)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sorted(at_end["steps"].unique())))
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(bottom=0)
    axes.set_xlabel("steps in all; a dot a seed")
    axes.set_ylabel("clean training error at the end (%)")


def _by_depth(axes: Axes, numbers: pd.DataFrame, drawn: Looks, most: int) -> None:
    grid(axes)
    kinds = names_of(numbers)
    for own, look in each(numbers, drawn):
        seeds = own["seed"].rank(method="dense") - 1
        place = kinds.index((own["family"].iloc[0], own["variant"].iloc[0])) - (len(kinds) - 1) / 2
        at = own["depth"] + BESIDE * place + APART * (seeds - seeds.max() / 2)
        never = own["there"] == 0
        style: dict[str, Any] = {"color": look.colour, "markersize": 5.5}
        axes.plot(at[~never], own.loc[~never, "step"], look.marker, alpha=0.8, **style)
        axes.plot(at[never], [NOWHERE * most] * int(never.sum()), "^", markerfacecolor="white", **style)
    axes.axhline(most, color="0.7", linewidth=0.8, linestyle=(0, (1, 2)))
    axes.set_ylim(0, 1.2 * most)
    axes.xaxis.set_major_locator(FixedLocator(sorted(numbers["depth"].unique())))
    axes.set_xlabel("layers; a mark a seed")
    axes.set_ylabel(f"steps, of {most:,}")
    axes.yaxis.set_major_formatter(THOUSANDS)
    axes.set_title("steps to the error that the shallowest of its\nkind has after the fewest", loc="left")
