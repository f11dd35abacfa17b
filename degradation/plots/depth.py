"""The paper's argument in one picture: the error at the end against depth."""

from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from degradation.plots.style import MARKERS, SERIES, STYLE, WIDTH, grid, nothing

PANELS = {"train_error": "Training error", "test_error": "Test error"}


def figure(table: pd.DataFrame) -> Figure:
    """Draw the clean training error and the test error at the end against depth, a line a family and variant.

    Args:
        table: columns `schema.TABLE_COLUMNS`, in the order of the families. Error bars are the std over the
            seeds; what was not measured (NaN) is not drawn.
    """
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 4.1), layout="constrained")
        panels = made.subplots(1, 2, sharey=True)
        for axes, (measure, name) in zip(panels, PANELS.items(), strict=True):
            drawn = table[table[f"{measure}_mean"].notna()]
            if drawn.empty:
                axes.set_title(name, loc="left")
                nothing(axes, "no complete run")
                continue
            series = list(drawn.groupby(["family", "variant"], sort=False))
            for place, ((family, variant), own) in enumerate(series):
                _line(axes, own, measure, place, f"{family} ({variant})" if variant else family)
            _labels(axes, drawn, measure, _top(table))
            axes.set_title(f"{name}{_change(series, measure)}", loc="left")
        _finish(panels, table)
        handles, labels = panels[0].get_legend_handles_labels()
        if not handles:
            handles, labels = panels[1].get_legend_handles_labels()
        if handles:
            made.legend(
                handles, labels, loc="outside lower center", ncols=min(len(handles), 4), frameon=False
            )
        return made


def _line(axes: Axes, own: pd.DataFrame, measure: str, place: int, name: str) -> None:
    look: dict[str, Any] = {"color": SERIES[place % len(SERIES)], "marker": MARKERS[place % len(MARKERS)]}
    # No std with one run: its NaN would draw nothing, bars of 0 would claim that it is known.
    bars = own[f"{measure}_std"].fillna(0) if own[f"{measure}_std"].notna().any() else None
    axes.errorbar(
        own["depth"].astype(int),
        own[f"{measure}_mean"],
        yerr=bars,
        label=name,
        capsize=3,
        linewidth=1.8,
        **look,
    )


def _change(series: list[tuple[Any, pd.DataFrame]], measure: str) -> str:
    """What is to be seen: by how many points each line changes, where there are few enough to say."""
    changes, families = [], {family for (family, _), _ in series}
    for (family, variant), own in series:
        if len(own) > 1:
            ends = own.sort_values("depth")[f"{measure}_mean"]
            change = round(ends.iloc[-1] - ends.iloc[0], 1)
            name = family if len(families) == len(series) else variant.rpartition("=")[2] or family
            changes.append(f"{name} {change:+.1f}" if change else f"{name} 0.0")
    return f": {', '.join(changes)} points" if changes and len(series) <= 2 else ""


def _labels(axes: Axes, drawn: pd.DataFrame, measure: str, top: float) -> None:
    """Numbers beside the points: the higher line's above, the lower's below; of many lines only the last."""
    mean, spread = drawn[f"{measure}_mean"], drawn[f"{measure}_std"].fillna(0)
    drawn = drawn.assign(y=mean, above=mean + spread, below=mean - spread)
    series = list(drawn.groupby(["family", "variant"], sort=False))
    if len(series) > 2:
        _last_labels(axes, series, top)
        return
    for place, (_, own) in enumerate(series):
        own = own.sort_values("depth").reset_index(drop=True)
        for index, point in own.iterrows():
            same = (drawn["family"] == point["family"]) & (drawn["variant"] == point["variant"])
            others = drawn[(drawn["depth"] == point["depth"]) & ~same]
            up = others.empty or bool((point["y"], -place) >= (others["y"].iloc[0], -(1 - place)))
            before, after = own["y"].get(int(str(index)) - 1), own["y"].get(int(str(index)) + 1)
            _label(axes, point, up, _side(point["y"], before, after, up), SERIES[place])


def _side(y: float, before: float | None, after: float | None, up: bool) -> str:
    """Where a number stands so that its own line does not run through it."""
    sign = 1 if up else -1
    left = before is not None and sign * (before - y) > 0
    right = after is not None and sign * (after - y) > 0
    return "center" if left == right else "left" if left else "right"


def _label(axes: Axes, point: pd.Series, up: bool, side: str, colour: str) -> None:
    offset = ({"left": 2, "right": -2}.get(side, 0), 6 if up else -6)
    axes.annotate(
        _number(point["y"]),
        (point["depth"], point["above" if up else "below"]),
        xytext=offset,
        textcoords="offset points",
        ha=side,
        va="bottom" if up else "top",
        color=colour,
        fontsize=9,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )


def _last_labels(axes: Axes, series: list[tuple[Any, pd.DataFrame]], top: float) -> None:
    """The number at the deepest point of each of many lines, pushed upwards where they would overlap."""
    lasts = [(own.sort_values("depth").iloc[-1], place) for place, (_, own) in enumerate(series)]
    height, free = 0.06 * top, -top
    for point, place in sorted(lasts, key=lambda last: last[0]["y"]):
        free = max(point["y"], free + height)
        axes.annotate(
            _number(point["y"]),
            (point["depth"], free),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=SERIES[place % len(SERIES)],
            fontsize=9,
        )


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def _top(table: pd.DataFrame) -> float:
    """The highest end of an error bar in either panel, percent; at least 0.1."""
    ends = [table[f"{measure}_mean"] + table[f"{measure}_std"].fillna(0) for measure in PANELS]
    return max([0.1, *(float(end.max()) for end in ends if end.notna().any())])


def _finish(panels: Iterable[Axes], table: pd.DataFrame) -> None:
    """The axes: percent from zero up with room for the numbers, depths as they are."""
    top = _top(table)
    depths = sorted({int(depth) for depth in table["depth"]})
    for axes in panels:
        if not axes.has_data():
            continue
        grid(axes)
        axes.set_ylim(-0.09 * top, 1.14 * top)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}" if y >= 0 else ""))
        if depths[-1] > 8 * depths[0]:
            axes.set_xscale("log")
            room = (depths[-1] / depths[0]) ** 0.12
            axes.set_xlim(depths[0] / room, depths[-1] * room)
        else:
            room = 0.12 * (depths[-1] - depths[0]) or 6
            axes.set_xlim(depths[0] - room, depths[-1] + room)
        axes.xaxis.set_major_locator(FixedLocator(depths))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axes.set_xlabel("depth (layers)")
    next(iter(panels)).set_ylabel("error at the last step (%)")
