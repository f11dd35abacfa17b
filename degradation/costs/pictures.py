"""Pictures of what networks cost: error against operations, times, and how fast this suite trains."""

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from degradation.plots.style import (
    FAINT,
    FAINT_INK,
    MARKERS,
    PLAIN,
    SERIES,
    SHORTCUT,
    STYLE,
    WIDTH,
    grid,
    noted,
    nothing,
    percent_up,
)
from degradation.runs.label import label

LINE = ["family", "variant"]
LOOKS = {"forward": SERIES[SHORTCUT], "training": SERIES[PLAIN]}
WHAT = {"forward": "forward", "training": "forward and backward"}


def errors(points: pd.DataFrame) -> Figure:
    """Test error against multiply-adds, a panel an experiment, all on the same axes.

    Experiments of more than one line of a side (plain, with shortcut) have tables of their own: here those
    lines would lie on one another, so they are left out, and named.

    Args:
        points: `experiment`, `family`, `variant`, `plain`, `depth`, `multiply_adds`, `test_error` (percent).
            Networks with shortcuts are filled, their plain twins hollow; a line joins the depths.
    """
    points = points[points["test_error"].notna()]
    lines = points.drop_duplicates(["experiment", "plain", *LINE])
    several = set(lines["experiment"][lines.duplicated(["experiment", "plain"])])
    names = [name for name in dict.fromkeys(points["experiment"]) if name not in several]
    with mpl.rc_context(STYLE):
        rows, columns = max(1, (len(names) + 1) // 2), 2 if len(names) > 1 else 1
        made = Figure(figsize=(WIDTH, 0.9 + 2.6 * rows), layout="constrained")
        all_panels = made.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        panels, unused = np.split(all_panels, [max(1, len(names))])
        if several:
            left_out = f"left out, since lines of a colour lie on one another: {', '.join(sorted(several))}"
            noted(made, left_out)
        if not names:
            nothing(panels[0], "too many lines" if several else "no complete run")
            return made
        shown = points[points["experiment"].isin(names)]
        for axes, name in zip(panels, names, strict=True):
            _errors_of(axes, shown[shown["experiment"] == name], 1.18 * shown["test_error"].max())
            axes.set_title(str(name), loc="left")
            axes.label_outer()
        for axes in unused:
            axes.set_visible(False)
        for axes in panels[-columns:]:  # the last of each column
            axes.tick_params(labelbottom=True)
            _operations(axes, shown["multiply_adds"].astype(float))
        made.legend(handles=_sides(), loc="outside lower center", ncols=2, frameon=False)
        return made


def _errors_of(axes: Axes, own: pd.DataFrame, top: float) -> None:
    for (family, variant), line in own.groupby(LINE, sort=False):
        line = line.sort_values("depth")
        plain = bool(line["plain"].iloc[0])
        side = PLAIN if plain else SHORTCUT
        axes.plot(
            line["multiply_adds"].astype(float),
            line["test_error"],
            linewidth=1.2,
            linestyle="-" if len(line) > 2 else ":",
            color=SERIES[side],
            marker=MARKERS[side],
            markersize=10 if plain else 5,  # where both are at zero, one is seen around the other
            markerfacecolor="white" if plain else SERIES[side],
            zorder=2 + side,
        )
        for _, point in line.iterrows():
            _beside(axes, point, f"{point['depth']}", (0, 7 if plain else -7), "center", side)
        _beside(axes, line.iloc[-1], label(family, variant), (11, 0), "left", side)
    percent_up(axes, top, 0.16)
    axes.set_ylabel("test error (%)")
    grid(axes)


def _beside(
    axes: Axes, point: pd.Series, text: str, offset: tuple[float, float], side: str, place: int
) -> None:
    axes.annotate(
        text,
        (float(point["multiply_adds"]), point["test_error"]),
        xytext=offset,
        textcoords="offset points",
        ha=side,
        va="center" if side == "left" else "bottom" if offset[1] > 0 else "top",
        fontsize=8.5,
        color=SERIES[place],
    )


def _operations(axes: Axes, across: pd.Series) -> None:
    axes.set_xscale("log")
    axes.set_xlim(across.min() / 1.2, across.max() * 3)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / 1e6:g} M"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("multiply-adds of an image; the numbers are depths")


def _sides() -> list[Line2D]:
    keys = []
    for side, name in ((PLAIN, "plain"), (SHORTCUT, "with shortcut")):
        fill = "white" if side == PLAIN else SERIES[side]
        look = {"color": SERIES[side], "marker": MARKERS[side], "markerfacecolor": fill}
        keys.append(Line2D([], [], linestyle="", label=name, **look))  # type: ignore[arg-type]
    return keys


def times(costs: pd.DataFrame) -> Figure:
    """Milliseconds an image, a row a network: left in a batch, right alone.

    Args:
        costs: `network`, `size`, `batch`, and seconds `forward_one`, `training_one`, `forward_batch`,
            `training_batch`; what is NaN is not drawn.
    """
    groups = [own.reset_index(drop=True) for _, own in costs.groupby(costs["size"] > 32)]
    counts = [len(own) + 1 for own in groups]
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 1.2 + 0.205 * sum(counts)), layout="constrained")
        panels = made.subplots(len(groups), 2, squeeze=False, height_ratios=counts, sharex=True, sharey="row")
        for row, own in zip(panels, groups, strict=True):
            for axes, kind in zip(row, ("batch", "one"), strict=True):
                _rows(axes, own, kind)
                axes.tick_params(labeltop=own is groups[0], top=own is groups[0])
            row[0].set_yticks(np.arange(len(own)), list(own["network"]), fontsize=9)
            row[0].set_ylim(len(own) - 0.4, -0.6)
        for axes in panels[-1]:
            axes.set_xlabel("milliseconds an image")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False)
        return made


def _rows(axes: Axes, own: pd.DataFrame, kind: str) -> None:
    places = np.arange(len(own))
    _bands(axes, [str(name) for name in own["network"]])
    images = own["batch"] if kind == "batch" else 1
    ends = [1e3 * own[f"{what}_{kind}"] / images for what in LOOKS]
    axes.hlines(places, *ends, color="0.75", linewidth=1.0)
    for (what, colour), across in zip(LOOKS.items(), ends, strict=True):
        marker = MARKERS[PLAIN] if what == "training" else MARKERS[SHORTCUT]
        axes.scatter(across, places, marker=marker, s=28, color=colour, label=WHAT[what], zorder=3)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.grid(axis="x", color="0.85", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    sizes, batches = (" and ".join(map(str, sorted(set(own[of])))) for of in ("size", "batch"))
    at_once = f"batches of {batches}" if kind == "batch" else "one image"
    axes.set_title(f"{sizes} px, {at_once}", loc="left", fontsize=9.5, color=FAINT_INK)


def _bands(axes: Axes, names: list[str]) -> None:
    """A band behind every second family, so that the eye keeps to a row."""
    families = [name.split("-")[0].removeprefix("plain_") for name in names]
    groups = np.cumsum([0, *(one != before for before, one in pairwise(families))])
    for place, group in enumerate(groups):
        if group % 2:
            axes.axhspan(place - 0.5, place + 0.5, color="0.95", linewidth=0, zorder=0)


def speed(summary: pd.DataFrame, title: str) -> Figure:
    """This suite beside the usual way, a pair of bars a network: medians, the slowest and the fastest
    round as whiskers, the ratio above.

    Args:
        summary: columns `network`, and medians `usual`, `suite` (images/s), `ratio`, with `_low`, `_high`.
        title: which machine.
    """
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 3.6), layout="constrained")
        axes = made.subplots()
        places = range(len(summary))
        for offset, way, name, colour in (
            (-0.2, "usual", "the usual way", FAINT),
            (0.2, "suite", "this suite", SERIES[1]),
        ):
            median = summary[way]
            spread = [median - summary[f"{way}_low"], summary[f"{way}_high"] - median]
            axes.bar(
                [place + offset for place in places],
                median,
                width=0.38,
                yerr=spread,
                color=colour,
                label=name,
                capsize=2,
                ecolor="0.2",
            )
        for place, row in zip(places, summary.itertuples(), strict=True):
            axes.annotate(
                f"{row.ratio:.1f}×",
                (place + 0.2, row.suite_high),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
            )
        axes.set_xticks(list(places), [str(name).replace("-", "\n", 1) for name in summary["network"]])
        axes.set_ylabel("training images per second")
        axes.margins(y=0.12)
        axes.set_title(title, loc="left")
        axes.legend(frameon=False)
        grid(axes)
        return made
