"""The paper's Fig. 6: error against step, plain networks left, the others right."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from degradation.plots.style import FAINT, INK, STYLE, WIDTH, Colours, depth_colours, grid, nothing

TEST, TRAIN = "test_error", "train_error_running"
ENDS = (5, 10, 20, 30, 40, 50, 60, 80, 100)  # where an axis of percent may end
DASHES = (0, (3.5, 1.5))  # points drawn, points left out
ROOM = 1.5  # the axis ends that many times above the highest error at the end


def figure(lines: pd.DataFrame) -> Figure:
    """Draw the curves, one panel a family and variant, one colour a depth.

    Args:
        lines: columns family, variant, depth, line (empty for the mean of complete runs, else the name of an
            unfinished one), runs, step, and test_error and train_error_running (percent) with `_low` and
            `_high`; in the order of the panels. NaN is not drawn.
    """
    with mpl.rc_context(STYLE):
        panels = list(lines.groupby(["family", "variant"], sort=False))
        columns = min(2, max(1, len(panels)))
        rows = max(1, -(-len(panels) // columns))
        width = WIDTH if columns == 2 else 0.7 * WIDTH
        made = Figure(figsize=(width, 0.7 + (3.5 if rows < 4 else 2.2) * rows), layout="constrained")
        grid_of_axes = made.subplots(rows, columns, sharey=True, sharex=True, squeeze=False).flatten()
        colours = depth_colours([int(depth) for depth in lines["depth"].unique()])
        if not panels or lines[[TEST, TRAIN]].isna().all(axis=None):
            nothing(grid_of_axes[0], "nothing was measured yet")
            panels, colours = [], {}
        for axes, ((family, variant), own) in zip(grid_of_axes, panels, strict=False):
            _panel(axes, own, colours)
            name = f"{family} ({variant})" if variant else family
            axes.set_title(f"{name}\n{_seen(own)}", loc="left")
        for axes in grid_of_axes[max(1, len(panels)) :]:
            axes.remove()
        if panels:
            _axes(grid_of_axes[: len(panels)], columns, lines)
            _legend(made, lines, colours, 4 if columns == 1 else 8 if rows < 4 else 6)
        return made


def _panel(axes: Axes, own: pd.DataFrame, colours: Colours) -> None:
    grid(axes)
    for (depth, line), curve in own.groupby(["depth", "line"], sort=False):
        width = 1.4 if line == "" else 0.6
        for measure, dashes in ((TRAIN, DASHES), (TEST, "solid")):
            drawn = curve[curve[measure].notna()]
            axes.plot(drawn["step"], drawn[measure], color=colours[depth], linewidth=width, linestyle=dashes)
            if (drawn["runs"] > 1).any():
                low, high = drawn[f"{measure}_low"], drawn[f"{measure}_high"]
                axes.fill_between(drawn["step"], low, high, color=colours[depth], alpha=0.15, linewidth=0)


def _seen(own: pd.DataFrame) -> str:
    """What is to be seen: where the shallowest and the deepest network end."""
    done = own[(own["line"] == "") & own[TEST].notna()].sort_values("step")
    ends = done.groupby("depth")[TEST].last()
    if ends.empty:
        return "no complete run"
    if len(ends) == 1:
        return f"{ends.index[0]} layers end at {ends.iloc[0]:.1f}% test error"
    first, last = (f"{ends.iloc[place]:.1f}%" for place in (0, -1))
    return f"{ends.index[0]} layers end at {first}, {ends.index[-1]} at {last} test error"


def _axes(panels: np.ndarray, columns: int, lines: pd.DataFrame) -> None:
    top = _top(lines)
    start = lines["step"].min()
    for place, axes in enumerate(panels):
        axes.set_ylim(0, top)
        axes.set_xlim(0 if start < 0.2 * lines["step"].max() else None, lines["step"].max())
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=2))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step:,.0f}"))
        if place >= len(panels) - columns:
            axes.set_xlabel("step (updates of the weights)")
            axes.tick_params(labelbottom=True)
        if place % columns == 0:
            axes.set_ylabel("error (%)")
    if lines[[TEST, TRAIN]].max(axis=None) > top:
        panels[0].set_ylabel(f"error (%), cut off above {top:g}")


def _top(lines: pd.DataFrame) -> float:
    """The end of the error axis: above where every complete run ends; early errors may lie beyond it."""
    done = lines[lines["line"] == ""]
    last = (
        (lines if done.empty else done)
        .sort_values("step")
        .groupby(["family", "variant", "depth", "line"])[[TEST, TRAIN]]
        .last()
    )
    wanted = ROOM * last.max(axis=None)
    return float(next((end for end in ENDS if end >= wanted), ENDS[-1]))


def _legend(made: Figure, lines: pd.DataFrame, colours: Colours, columns: int) -> None:
    keys = [Line2D([], [], color=colours[depth], linewidth=2.5, label=f"{depth} layers") for depth in colours]
    keys.append(Line2D([], [], color=INK, linewidth=1.4, label="test"))
    keys.append(Line2D([], [], color=INK, linewidth=1.4, linestyle=DASHES, label="training (running)"))
    if (lines["runs"] > 1).any():
        keys.append(Line2D([], [], color=FAINT, alpha=0.4, linewidth=7, label="range of seeds"))
    if (lines["line"] != "").any():
        keys.append(Line2D([], [], color=INK, linewidth=0.6, label="unfinished"))
    narrow = {"handlelength": 2.0, "columnspacing": 1.2, "handletextpad": 0.5, "frameon": False}
    made.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), columns), **narrow)
