"""Error at the end against one setting, such as the learning rate: a line a network."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.plots import numbers
from degradation.plots.style import (
    FAINT,
    INK,
    MARKERS,
    SERIES,
    STYLE,
    WIDTH,
    beside,
    first_place,
    grid,
    noted,
    nothing,
    percent_up,
)

PANELS = {"train_error": "Training error", "test_error": "Test error"}
PANEL = 288.0  # points that a panel is wide, about
APART = 5.0  # points by which the lines are drawn beside each other, where values are few
CLOSE = 60.0  # points that all values together may take for it
WIDE = 10.0  # times the least value, from where on the axis is logarithmic
MOST_ROWS = 9  # of more networks the numbers are in the table alone
Network = tuple[str, int]  # family, depth


def figure(table: pd.DataFrame, key: str, own_value: float | None = None, note: str = "") -> Figure:
    """Draw training and test error against the setting; a bar spans the lowest and the highest run.

    Args:
        table: columns family, depth, value, runs, and of `train_error` and `test_error` `_mean`, `_low` and
            `_high` (percent), in the order of the networks. NaN is not drawn.
        key: the setting.
        own_value: the experiment's own value, marked by a line; None: it was not trained.
        note: what was trained, drawn above the panels.
    """
    with mpl.rc_context(STYLE):
        looks = _looks(table)
        rows = len(looks) if len(looks) <= MOST_ROWS else 0
        made = Figure(figsize=(WIDTH, 4.3 + rows * numbers.ROW / 72), layout="constrained")
        noted(made, note)
        panels = made.subplots(1, 2, sharey=True)
        for axes, (measure, name) in zip(panels, PANELS.items(), strict=True):
            axes.set_title(name, loc="left")
            drawn = table[table[f"{measure}_mean"].notna()]
            if drawn.empty:
                nothing(axes, "no complete run")
                continue
            if own_value is not None:
                axes.axvline(own_value, color=FAINT, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
            _lines(axes, drawn, measure, looks)
            _finish(axes, table, drawn, measure, key, looks if rows else {})
        panels[0].set_ylabel("error at the last step (%)")
        _legend(made, table, looks, own_value)
        return made


def _looks(table: pd.DataFrame) -> dict[Network, tuple[str, str, str]]:
    """Of each network the colour (its family's), the marker (its own), the line (solid for the deepest)."""
    families = list(dict.fromkeys(str(family) for family in table["family"]))
    first = first_place(families)
    looks = {}
    for place, (family, depth) in enumerate(table.groupby(["family", "depth"], sort=False).groups):
        deepest = depth == table[table["family"] == family]["depth"].max()
        colour = SERIES[(first + families.index(family)) % len(SERIES)]
        looks[(family, depth)] = (colour, MARKERS[place % len(MARKERS)], "-" if deepest else "--")
    return looks


def _lines(axes: Axes, drawn: pd.DataFrame, measure: str, looks: dict[Network, tuple[str, str, str]]) -> None:
    apart = min(APART, CLOSE / drawn["value"].nunique()) if len(looks) < 6 else 0.0
    for place, (network, (colour, marker, dashes)) in enumerate(looks.items()):
        own = drawn[(drawn["family"] == network[0]) & (drawn["depth"] == network[1])].sort_values("value")
        mean = own[f"{measure}_mean"]
        bars = [mean - own[f"{measure}_low"], own[f"{measure}_high"] - mean]
        bars = [bar.clip(lower=0) for bar in bars]  # the mean of equal numbers may lie a rounding beyond them
        axes.errorbar(
            own["value"],
            mean,
            yerr=bars if (own["runs"] > 1).any() else None,
            color=colour,
            marker=marker,
            markerfacecolor=colour if dashes == "-" else "white",
            linestyle=dashes,
            linewidth=1.4,
            elinewidth=1.1,
            capsize=2.5,
            transform=beside(axes, apart * (place - (len(looks) - 1) / 2)),
        )


def _finish(
    axes: Axes,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    measure: str,
    key: str,
    looks: dict[Network, tuple[str, str, str]],
) -> None:
    grid(axes)
    percent_up(axes, 1.06 * max(0.1, *(table[f"{one}_high"].max(skipna=True) for one in PANELS)))
    values = sorted(set(table["value"]))
    numbers.stretch(axes, values, 0.1, log=values[0] > 0 and values[-1] > WIDE * values[0])
    rows = []
    for (family, depth), (colour, marker, dashes) in looks.items():
        own = drawn[(drawn["family"] == family) & (drawn["depth"] == depth)]
        shown = dict(zip(own["value"], own[f"{measure}_mean"], strict=True))
        rows.append(numbers.Row(colour, marker, colour if dashes == "-" else "white", shown))
    what = "mean error" if (table["runs"] > 1).any() else "error"
    numbers.under(axes, rows, values, PANEL, f"{key}, and the {what} in %" if rows else key)


def _legend(
    made: Figure,
    table: pd.DataFrame,
    looks: dict[Network, tuple[str, str, str]],
    own_value: float | None,
) -> None:
    keys = []
    for (family, depth), (colour, marker, dashes) in looks.items():
        fill = colour if dashes == "-" else "white"
        look = {"color": colour, "marker": marker, "linestyle": dashes, "markerfacecolor": fill}
        keys.append(Line2D([], [], label=f"{family}-{depth}", **look))  # type: ignore[arg-type]
    least, most = table["runs"].min(), table["runs"].max()
    if most > 1:
        seeds = f"{most}" if least == most else f"{least} to {most}"
        label = f"bar: lowest to highest of {seeds} seeds"
        keys.append(Line2D([], [], color=INK, marker="|", linestyle="", markersize=11, label=label))
    if own_value is not None:
        label = f"the experiment's own: {own_value:g}"
        keys.append(Line2D([], [], color=FAINT, linewidth=0.8, linestyle=(0, (1, 2)), label=label))
    made.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False)
