"""Two pictures of what networks cost: error against operations, and times."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from degradation.plots.style import FAINT, INK, MARKERS, SERIES, STYLE, WIDTH, grid, nothing

COLOURS = (*SERIES, "#8C510A", "#5E3C99", "#1B7837")  # more families than the shades of one picture
LARGEST = 900.0  # area of the largest bubble, square points


def errors(points: pd.DataFrame) -> Figure:
    """Test error against multiply-adds, a panel an experiment; the bubbles' areas are the parameters.

    Args:
        points: `experiment`, `pair`, `plain`, `variant`, `depth`, `parameters`, `multiply_adds`, `test_error`
            (percent). Networks with shortcuts are filled, their plain twins hollow; a line joins the depths.
    """
    points = points[points["test_error"].notna()]
    names = list(dict.fromkeys(points["experiment"]))
    pairs = list(dict.fromkeys(points["pair"]))
    columns = min(len(names), 2) or 1
    rows = -(-len(names) // columns) or 1
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 1.0 + 3.8 * rows), layout="constrained")
        panels = made.subplots(rows, columns, squeeze=False).ravel()
        if not names:
            nothing(panels[0], "no complete run")
        for axes, name in zip(panels, names, strict=False):
            _bubbles(axes, points[points["experiment"] == name], pairs)
            axes.set_title(name, loc="left")
        for axes in panels[max(len(names), 1) :]:
            axes.set_visible(False)
        handles = [
            Line2D([], [], marker="o", linestyle="", color=COLOURS[place % len(COLOURS)], label=pair)
            for place, pair in enumerate(pairs)
        ]
        twin = {"markerfacecolor": "white", "markeredgecolor": INK, "linestyle": "--", "color": INK}
        handles.append(Line2D([], [], marker="o", label="its plain twin", **twin))  # type: ignore[arg-type]
        if names:
            made.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
        return made


def _bubbles(axes: Axes, own: pd.DataFrame, pairs: list[str]) -> None:
    largest = own["parameters"].max()
    for (pair, plain, _), line in own.groupby(["pair", "plain", "variant"], sort=False):
        colour = COLOURS[pairs.index(str(pair)) % len(COLOURS)]
        line = line.sort_values("depth")
        across, up = line["multiply_adds"].astype(float), line["test_error"]
        axes.plot(across, up, color=colour, linewidth=1, linestyle="--" if plain else "-", alpha=0.7)
        axes.scatter(
            across,
            up,
            s=(LARGEST * line["parameters"] / largest).astype(float),
            facecolor="white" if plain else colour,
            edgecolor=colour,
            alpha=0.75,
            linewidth=1.3,
            clip_on=False,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / 1e6:g} M"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}" if y >= 0 else ""))
    axes.margins(0.16)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.set_xlabel("multiply-adds of an image")
    axes.set_ylabel("test error at the last step (%)")
    axes.annotate(
        f"largest bubble: {largest:,} parameters",
        (1, 1),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize=8,
        color=FAINT,
    )
    grid(axes)


def times(costs: pd.DataFrame) -> Figure:
    """Milliseconds an image, a row a network: forward, forward and backward, in a batch and alone.

    Args:
        costs: `network`, `size`, `batch`, and seconds `forward_one`, `training_one`, `forward_batch`,
            `training_batch`; what is NaN is not drawn.
    """
    groups = list(costs.groupby(costs["size"] > 32))
    counts = [len(own) for _, own in groups]
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 1.6 + 0.2 * sum(counts)), layout="constrained")
        panels = made.subplots(len(groups), 1, squeeze=False, height_ratios=counts, sharex=True).ravel()
        for axes, (_, own) in zip(panels, groups, strict=True):
            _rows(axes, own.reset_index(drop=True))
        panels[-1].set_xlabel("milliseconds an image")
        handles, labels = panels[0].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
        return made


def _rows(axes: Axes, own: pd.DataFrame) -> None:
    places = np.arange(len(own))
    for place, (cell, name) in enumerate(
        (
            ("forward_batch", "forward, batch"),
            ("training_batch", "forward and backward, batch"),
            ("forward_one", "forward, one image"),
            ("training_one", "forward and backward, one image"),
        )
    ):
        images = own["batch"] if cell.endswith("batch") else 1
        colour = SERIES[1] if cell.startswith("forward") else SERIES[0]
        axes.scatter(
            1e3 * own[cell] / images,
            places,
            marker=MARKERS[0] if cell.endswith("batch") else MARKERS[4],
            s=26,
            facecolor=colour if cell.endswith("batch") else "white",
            edgecolor=colour,
            label=name,
            zorder=3 + place,
        )
    axes.set_yticks(places, list(own["network"]), fontsize=8)
    axes.set_ylim(len(own) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.grid(axis="both", color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    sizes = " and ".join(
        f"{size} px in batches of {batch}"
        for size, batch in sorted(set(zip(own["size"], own["batch"], strict=True)))
    )
    axes.set_title(sizes, loc="left")
