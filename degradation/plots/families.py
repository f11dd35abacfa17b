"""Many families at once: training error against depth, a panel each, beside the plain twin."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from degradation.plots import numbers
from degradation.plots.depth import connector, ends, explained
from degradation.plots.style import (
    MARKERS,
    PLAIN,
    SERIES,
    SHORTCUT,
    STYLE,
    WIDTH,
    beside,
    grid,
    noted,
    nothing,
    percent_up,
)
from degradation.runs.label import label, short

COLUMNS = 3
PANEL = 180.0  # points that a panel is wide, about
TALLEST = 13.0  # inches
APART = 7.0  # points by which twin and network are drawn beside each other
LONG = 34  # letters that a title has room for
NAMES = {PLAIN: "plain twin", SHORTCUT: "with shortcut"}


def figure(table: pd.DataFrame, pairs: pd.DataFrame, note: str = "") -> Figure:
    """Draw a panel for each pair, in its order, all on one error axis.

    Args:
        table: columns `schema.TABLE_COLUMNS`; error bars are the std over the seeds.
        pairs: columns family, variant, twin, twin_variant.
        note: what was trained, drawn above the panels.
    """
    with mpl.rc_context(STYLE):
        rows = -(-len(pairs) // COLUMNS)
        made = Figure(
            figsize=(WIDTH, 0.8 + min(2.6 * rows, TALLEST)), layout=ConstrainedLayoutEngine(h_pad=0.09)
        )
        noted(made, note)
        panels = made.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
        top = ends(table, ["train_error"])
        for index, (axes, (_, pair)) in enumerate(zip(panels, pairs.iterrows(), strict=False)):
            grid(axes)
            percent_up(axes, top, 0.05)
            lines = {
                PLAIN: _own(table, pair["twin"], pair["twin_variant"]),
                SHORTCUT: _own(table, pair["family"], pair["variant"]),
            }
            for place, own in lines.items():
                _line(axes, own, place)
            _depths(axes, lines, "depth (layers)" if index + COLUMNS >= len(pairs) else "")
            axes.set_title(_name(pair["family"], pair["variant"]), loc="left")
        for axes in panels[len(pairs) :]:
            axes.set_visible(False)
        for axes in panels[::COLUMNS]:
            axes.set_ylabel("training error (%)")
        _legend(made, table)
        return made


def _own(table: pd.DataFrame, family: str, variant: str) -> pd.DataFrame:
    own = table[(table["family"] == family) & (table["variant"] == variant)]
    return own[own["train_error_mean"].notna()].sort_values("depth")


def _name(family: str, variant: str) -> str:
    """A title, in two lines where one is too short; of a long variant the start."""
    name = label(family, variant)
    if len(name) <= LONG:
        return name
    said = short(variant)
    return f"{family}\n({said if len(said) <= LONG else f'{said[:LONG]}…'})"


def _line(axes: Axes, own: pd.DataFrame, place: int) -> None:
    std = own["train_error_std"]
    axes.errorbar(
        own["depth"].astype(int),
        own["train_error_mean"],
        yerr=std.fillna(0) if std.notna().any() else None,
        color=SERIES[place],
        marker=MARKERS[place],
        markerfacecolor=fill(place),
        capsize=3,
        elinewidth=1.2,
        transform=beside(axes, APART * (place - 0.5)),
        **connector(len(own)),
    )


def _depths(axes: Axes, lines: dict[int, pd.DataFrame], label: str) -> None:
    """The depths of twin and network, whichever has them, and the numbers below."""
    depths = sorted({int(depth) for own in lines.values() for depth in own["depth"]})
    if not depths:
        nothing(axes, "no complete run")
        return
    numbers.stretch(axes, depths, 0.2)
    rows = [
        numbers.Row(
            SERIES[place],
            MARKERS[place],
            fill(place),
            dict(zip(own["depth"].astype(int), own["train_error_mean"], strict=True)),
        )
        for place, own in lines.items()
    ]
    numbers.under(axes, rows, depths, PANEL, label)


def fill(place: int) -> str:
    """Of a mark: plain twins are hollow."""
    return "white" if place == PLAIN else SERIES[place]


def _legend(made: Figure, table: pd.DataFrame) -> None:
    keys = []
    for place, name in NAMES.items():
        look = {"color": SERIES[place], "marker": MARKERS[place], "markerfacecolor": fill(place)}
        keys.append(Line2D([], [], linestyle="", label=name, **look))  # type: ignore[arg-type]
    made.legend(handles=keys + explained(table), loc="outside lower center", ncols=4, frameon=False)
