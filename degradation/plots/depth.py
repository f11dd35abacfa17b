"""The paper's argument in one picture: the error at the end against depth."""

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.plots import numbers
from degradation.plots.style import (
    INK,
    STYLE,
    WIDTH,
    beside,
    first_place,
    grid,
    look,
    noted,
    nothing,
    percent_up,
)
from degradation.runs.label import label, short

PANELS = {"train_error": "Training error", "test_error": "Test error"}
PANEL = 288.0  # points that a panel is wide, about
TITLE = 54  # letters of a title that fit across a panel
APART = 8.0  # points by which the lines are drawn beside each other
KEY = 7.5  # points of height that a line takes in the legend, two a row
MOST_ROWS = 9  # of more lines the numbers are in the table alone
Series = list[tuple[Any, pd.DataFrame]]


def figure(table: pd.DataFrame, note: str = "") -> Figure:
    """Draw the clean training error and the test error at the end against depth, a line a family and variant.

    Args:
        table: columns `schema.TABLE_COLUMNS`, in the order of the families. Error bars are the std over the
            seeds; what was not measured (NaN) is not drawn.
        note: what was trained, drawn above the panels.
    """
    with mpl.rc_context(STYLE):
        first = first_place([str(family) for family in table["family"]])
        places = {name: place for place, (name, _) in enumerate(_series(table), start=first)}
        rows = len(places) if len(places) <= MOST_ROWS else 0
        room = rows * numbers.ROW + max(0, len(places) - 4) * KEY
        room += len(places) * KEY if _columns([label(*one) for one in places]) == 1 else 0
        made = Figure(figsize=(WIDTH, 4.3 + room / 72), layout="constrained")
        noted(made, note)
        panels = made.subplots(1, 2, sharey=True)
        for axes, (measure, name) in zip(panels, PANELS.items(), strict=True):
            drawn = table[table[f"{measure}_mean"].notna()]
            axes.set_title(f"{name}{_change(_series(drawn), measure)}", loc="left")
            if drawn.empty:
                nothing(axes, "no complete run")
                continue
            for which, own in _series(drawn):
                _line(axes, own, measure, places[which], len(places))
            _finish(axes, table, drawn, measure, places if rows else {})
        if places and not table[[f"{measure}_mean" for measure in PANELS]].isna().all(axis=None):
            panels[0].set_ylabel("error at the last step (%)")
            _legend(made, table, places)
        return made


def bars(table: pd.DataFrame) -> str:
    """What an error bar is; empty where there are none."""
    several = table[table["train_error_std"].notna() | table["test_error_std"].notna()]["runs"]
    if several.empty:
        return ""
    least, most = several.min(), several.max()
    return f"bar: ± one standard deviation of {least if least == most else f'{least} to {most}'} seeds"


def explained(table: pd.DataFrame) -> list[Line2D]:
    """Keys of a legend: what an error bar is, and what a dotted line, where there are any."""
    keys = []
    if bars(table):
        keys.append(Line2D([], [], color=INK, marker="|", linestyle="", markersize=11, label=bars(table)))
    if _two(table):
        keys.append(Line2D([], [], color=INK, linestyle=":", linewidth=1.2, label="dotted: two depths only"))
    return keys


def _two(table: pd.DataFrame) -> bool:
    return bool((table.groupby(["family", "variant"]).size() == 2).any())


def ends(table: pd.DataFrame, measures: Sequence[str]) -> float:
    """Where the axis ends: above the highest error bar, percent; at least 0.1."""
    tops = [table[f"{measure}_mean"] + table[f"{measure}_std"].fillna(0) for measure in measures]
    return 1.06 * max([0.1, *(float(top.max()) for top in tops if top.notna().any())])


def connector(depths: int) -> dict[str, Any]:
    """How points are joined: of two nobody knows what lies between, so the line is only a faint guide."""
    return {"linestyle": ":", "linewidth": 1.2} if depths < 3 else {"linestyle": "-", "linewidth": 1.8}


def _series(table: pd.DataFrame) -> Series:
    return list(table.groupby(["family", "variant"], sort=False))


def _line(axes: Axes, own: pd.DataFrame, measure: str, place: int, lines: int) -> None:
    # No std with one run: its NaN would draw nothing, bars of 0 would claim that it is known.
    spread = own[f"{measure}_std"].fillna(0) if own[f"{measure}_std"].notna().any() else None
    colour, marker = look(place)
    axes.errorbar(
        own["depth"].astype(int),
        own[f"{measure}_mean"],
        yerr=spread,
        color=colour,
        marker=marker,
        capsize=3,
        elinewidth=1.2,
        transform=beside(axes, APART * (place % lines - (lines - 1) / 2) if lines < 6 else 0),
        **connector(len(own)),
    )


def _change(series: Series, measure: str) -> str:
    """What is to be seen: by how many points each line changes, where there are few enough to say."""
    changes, spans, families = [], set(), {family for (family, _), _ in series}
    for (family, variant), own in series:
        if len(own) > 1:
            own = own.sort_values("depth")
            by = own[f"{measure}_mean"].iloc[-1] - own[f"{measure}_mean"].iloc[0]
            name = family if len(families) == len(series) else _setting(variant) or family
            changes.append(f"{name} {by:+.2f}" if round(by, 2) else f"{name} 0.00")
            spans.add(f"{own['depth'].iloc[0]} to {own['depth'].iloc[-1]} layers")
    if not changes or len(series) > 2:
        return ""
    said = f"{spans.pop() if len(spans) == 1 else 'with depth'}: {', '.join(changes)} points"
    return f"\n{textwrap.fill(said, TITLE)}"


def _setting(variant: str) -> str:
    """What a title has room for: of one key the value alone."""
    return variant.rpartition("=")[2] if variant.count("=") == 1 else short(variant)


def _finish(
    axes: Axes, table: pd.DataFrame, drawn: pd.DataFrame, measure: str, places: dict[Any, int]
) -> None:
    """The axes: percent from zero up, depths as they are, the numbers below."""
    grid(axes)
    percent_up(axes, ends(table, list(PANELS)))
    depths = sorted({int(depth) for depth in table["depth"]})
    numbers.stretch(axes, depths, 0.12, log=depths[-1] > 8 * depths[0])
    rows = []
    for which, own in _series(drawn):
        if which in places:
            colour, marker = look(places[which])
            values = dict(zip(own["depth"].astype(int), own[f"{measure}_mean"], strict=True))
            rows.append(numbers.Row(colour, marker, colour, values))
    what = "mean error" if (table["runs"] > 1).any() else "error"
    label = f"depth (layers), and the {what} in %" if rows else "depth (layers)"
    numbers.under(axes, rows, depths, PANEL, label)


def _legend(made: Figure, table: pd.DataFrame, places: dict[Any, int]) -> None:
    keys = []
    for (family, variant), place in places.items():
        colour, marker = look(place)
        keys.append(Line2D([], [], color=colour, marker=marker, linewidth=1.4, label=label(family, variant)))
    keys += explained(table)
    columns = _columns([str(key.get_label()) for key in keys])
    made.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), columns), frameon=False)


def _columns(names: Sequence[str]) -> int:
    """How many names of the legend fit beside each other."""
    longest = max(map(len, names), default=0)
    return 1 if longest > 46 else 2 if longest > 28 else 4
