"""Pictures of torchvision's networks: accuracy against operations, and what a forward pass takes here."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from degradation.plots.style import FAINT, FAINT_INK, INK, SERIES, STYLE, WIDTH, grid

# Those that the lecture names, each by what its networks' names begin with.
LECTURE = {
    "AlexNet": ("alexnet",),
    "VGG": ("vgg",),
    "GoogLeNet, Inception": ("googlenet", "inception"),
    "ResNet": ("resnet",),
    "Wide ResNet, ResNeXt": ("wide_resnet", "resnext"),
    "DenseNet": ("densenet",),
    "SqueezeNet": ("squeezenet",),
}
NAMED = (  # in the picture of bubbles; more would lie on one another
    *("alexnet", "vgg11", "vgg19", "googlenet", "resnet34", "resnet152"),
    *("resnext50_32x4d", "densenet121", "squeezenet1_1"),
)
COLOURS = dict(zip(LECTURE, SERIES, strict=False))
OTHERS = "the others"
AREA = 900 / 144e6  # points squared a parameter: VGG-19 has 900


def group(network: str) -> str:
    """The name in `LECTURE` that a network belongs to; empty: none."""
    found = [name for name, starts in LECTURE.items() if network.startswith(starts)]
    return found[0] if found else ""


def bubbles(table: pd.DataFrame) -> Figure:
    """Published accuracy against multiply-adds; a bubble's area is the number of parameters.

    Args:
        table: columns network, parameters, multiply_adds, accuracy (percent; those without are not drawn).
    """
    shown = table[table["accuracy"].notna()].sort_values("parameters", ascending=False)
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 5.6), layout="constrained")
        axes = made.subplots()
        for _, row in shown.iterrows():
            own = group(row["network"])
            axes.scatter(
                row["multiply_adds"],
                row["accuracy"],
                s=AREA * row["parameters"],
                color=COLOURS.get(own, FAINT),
                alpha=0.55 if own else 0.2,
                linewidth=0.8,
                edgecolor=INK if own else "none",
                zorder=3 if own else 2,
            )
            if row["network"] in NAMED:
                _named(axes, row)
        axes.set_xscale("log")
        axes.margins(x=0.08, y=0.12)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / 1e9:g} G"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("multiply-adds of one image")
        axes.set_ylabel("accuracy on ImageNet, top 1 (%), as published")
        grid(axes)
        keys = [_key(colour, name) for name, colour in COLOURS.items()]
        made.legend(handles=[*keys, _key(FAINT, OTHERS)], loc="outside lower center", ncols=4, frameon=False)
        return made


def _named(axes: Axes, row: pd.Series) -> None:
    axes.annotate(
        row["network"],
        (row["multiply_adds"], row["accuracy"]),
        xytext=(0, -2 - (AREA * row["parameters"] / np.pi) ** 0.5),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7.5,
        color=FAINT_INK,
        zorder=4,
    )


def _key(colour: str, name: str) -> Line2D:
    return Line2D([], [], linestyle="", marker="o", color=colour, alpha=0.7, label=name)


def bars(table: pd.DataFrame) -> Figure:
    """Milliseconds of a forward pass with the fastest and the slowest round, and the peak of memory; a row a
    network, the fastest above.

    Args:
        table: columns network, own, seconds, seconds_low, seconds_high, peak_bytes; NaN is not drawn.
    """
    shown = table[table["seconds"].notna()].sort_values("seconds", ignore_index=True)
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 1.0 + 0.17 * max(4, len(shown))), layout="constrained")
        left, right = made.subplots(1, 2, sharey=True)
        places = np.arange(len(shown))
        colours = [COLOURS.get(group(network), FAINT) for network in shown["network"]]
        milliseconds = 1e3 * shown[["seconds_low", "seconds", "seconds_high"]]
        low, middle, high = (milliseconds[name] for name in milliseconds)
        left.barh(places, middle, color=colours, xerr=[middle - low, high - middle], ecolor=INK, capsize=1.5)
        right.barh(places, shown["peak_bytes"] / 1e6, color=colours)
        for axes, what in ((left, "forward pass of one image, ms"), (right, "peak memory of it, MB")):
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.tick_params(axis="x", labelsize=7.5)
            axes.set_xlabel(what)
            axes.grid(axis="x", color="0.9", linewidth=0.8)
            axes.set_axisbelow(True)
        left.set_yticks(places, _names(shown), fontsize=7)
        left.set_ylim(len(shown) - 0.4, -0.6)
        made.legend(
            handles=[*(_key(colour, name) for name, colour in COLOURS.items()), _key(FAINT, OTHERS)],
            loc="outside upper center",
            ncols=4,
            frameon=False,
        )
        return made


def _names(shown: pd.DataFrame) -> Sequence[str]:
    return [f"{row['network']} (ours)" if row["own"] else row["network"] for _, row in shown.iterrows()]
