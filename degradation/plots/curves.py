"""The paper's Fig. 6: error against step, plain networks left, the others right."""

import math
from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from degradation.plots.style import (
    FAINT,
    FAINT_INK,
    INK,
    STYLE,
    WIDTH,
    Colours,
    depth_colours,
    grid,
    noted,
    nothing,
    percent_up,
    steps_along,
)
from degradation.runs.label import label

TEST, TRAIN = "test_error", "train_error_running"
ENDS = (5, 10, 20, 30, 40, 50, 60, 80, 100)  # where an axis of percent may end
DASHES = (0, (3.5, 1.5))  # points drawn, points left out
ROOM = 1.5  # the axis ends that many times above the highest error at the end
TALLEST = 12.2  # inches that all rows take, where that leaves each enough
ONE_SCALE = 6  # depths that one scale of colours can tell apart
MOST_ROWS = 13  # where there are more, those without a twin are left out
FEW_ROWS, FLAT_ROWS = 3, 6  # up to so many rows have room for words, and for all ticks
LOW, EARLY = 1.0, 0.6  # percent, part of the steps: from when on a panel's curves are told of in words
PANEL, KEY = 292.0, 34.3  # points that a panel is wide, and that a key beside its title takes, about
TITLE = FontProperties(family=STYLE["font.family"], size=STYLE["axes.titlesize"])
Name = tuple[str, str]  # family, variant


def figure(lines: pd.DataFrame, twins: pd.DataFrame | None = None, note: str = "") -> Figure:
    """Draw the curves, one panel a family and variant, one colour a depth.

    Args:
        lines: columns family, variant, depth, line (empty for the mean of complete runs, else the name of an
            unfinished one), runs, step, and test_error and train_error_running (percent) with `_low` and
            `_high`; in the order of the panels. NaN is not drawn.
        twins: columns family, variant, twin, twin_variant. Each twin is drawn left of its network; what has
            none follows, two a row.
        note: what was trained, drawn above the panels.
    """
    with mpl.rc_context(STYLE):
        panels: dict[Name, pd.DataFrame] = {
            (str(family), str(variant)): own
            for (family, variant), own in lines.groupby(["family", "variant"], sort=False)
        }
        if lines[[TEST, TRAIN]].isna().all(axis=None):
            panels = {}
        rows = panel_rows(list(panels), twins)
        columns = max((len(row) for row in rows), default=1)
        height = 0.8 + _row_height(len(rows)) * max(1, len(rows))
        made = Figure(figsize=(WIDTH if columns == 2 else 0.7 * WIDTH, height), layout="constrained")
        noted(made, note)
        places = made.subplots(max(1, len(rows)), columns, sharey=True, sharex=True, squeeze=False)
        if not rows:
            nothing(places[0, 0], "nothing was measured yet")
            return made
        shades = panel_shades(rows, panels)
        one_scale = len({tuple(colours) for colours in shades}) == 1
        words = one_scale and len(rows) <= FEW_ROWS
        for axes_of_row, row, colours in zip(places, rows, shades, strict=True):
            for axes, name in zip(axes_of_row, row, strict=False):
                _panel(axes, panels[name], colours)
                keys = 0 if one_scale or name != row[-1] else len(colours)
                title = _title(name, keys)
                axes.set_title(f"{title}\n{_seen(panels[name])}" if words else title, loc="left")
                if words:
                    _say_low(axes, panels[name])
            for axes in axes_of_row[len(row) :]:
                axes.remove()
            if not one_scale:
                _depths(axes_of_row[len(row) - 1], colours)
        _axes(places, rows, lines)
        _legend(made, lines, shades[0] if one_scale else {}, 4 if columns == 1 else 7)
        return made


def _row_height(rows: int) -> float:
    """Inches."""
    return 3.5 if rows <= FEW_ROWS else max(0.94, min(2.2, TALLEST / rows))


def _title(name: Name, keys: int) -> str:
    """What a panel shows; of a long variant the start, where so many keys stand on the same line."""
    title = label(*name)
    room, shown = PANEL - KEY * (keys + 1) if keys else PANEL, title
    while text_to_path.get_text_width_height_descent(shown, TITLE, False)[0] > room:
        title = title[:-1]
        shown = f"{title}…"
    return shown


def panel_rows(names: list[Name], twins: pd.DataFrame | None) -> list[list[Name]]:
    """The panels of each row: a twin and its network, then the others by two."""
    rows = []
    for _, pair in (pd.DataFrame() if twins is None else twins).iterrows():
        row = [(pair["twin"], pair["twin_variant"]), (pair["family"], pair["variant"])]
        if set(row) <= set(names):
            rows.append(row)
    alone = [name for name in names if not any(name in row for row in rows)]
    others = [alone[place : place + 2] for place in range(0, len(alone), 2)]
    return rows if rows and len(rows) + len(others) > MOST_ROWS else rows + others


def panel_shades(
    rows: list[list[Name]],
    panels: Mapping[Name, pd.DataFrame],
    colours: Callable[[Sequence[int]], Colours] = depth_colours,
) -> list[Colours]:
    """The colours of each row's depths: of all rows together, where there are few enough depths for that."""
    depths = [sorted({int(depth) for name in row for depth in panels[name]["depth"]}) for row in rows]
    all_depths = sorted(set().union(*depths))
    return [colours(all_depths if len(all_depths) <= ONE_SCALE else own) for own in depths]


def _panel(axes: Axes, own: pd.DataFrame, colours: Colours) -> None:
    grid(axes)
    # The deeper the thinner: where several lines end at zero, each is seen behind the next.
    widths = dict(zip(colours, np.linspace(2.6, 1.2, len(colours)), strict=True))
    for (depth, line), curve in own.groupby(["depth", "line"], sort=False):
        width = widths[int(depth)] if line == "" else 0.6
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
        return f"{ends.index[0]} layers end at {ends.iloc[0]:.2f}% test error"
    first, last = (f"{ends.iloc[place]:.2f}%" for place in (0, -1))
    return f"{ends.index[0]} layers end at {first}, {ends.index[-1]} at {last} test error"


def _say_low(axes: Axes, own: pd.DataFrame) -> None:
    """Where all curves have long been at zero: say so, since they lie on one another."""
    end = own["step"].max()
    high = own[(own[[TEST, TRAIN]] >= LOW).any(axis=1)]["step"].max()
    below = own[own["step"] > high]["step"].min()
    if below <= EARLY * end:
        axes.annotate(
            f"all below {LOW:g}% from step {below:,} on",
            (0.97 * end, 0),
            xytext=(0, 6),
            textcoords="offset points",
            ha="right",
            color=FAINT_INK,
        )


def _axes(places: np.ndarray, rows: list[list[Name]], lines: pd.DataFrame) -> None:
    top, few = top_of(lines), len(rows) <= FEW_ROWS
    start = lines["step"].min()
    for index, row in enumerate(rows):
        for column in range(len(row)):
            axes = places[index, column]
            percent_up(axes, top, 0.03 if few else 0.06)
            if len(rows) > FLAT_ROWS:
                axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
            axes.set_xlim(0 if start < 0.2 * lines["step"].max() else None, lines["step"].max())
            axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=2))
            steps_along(axes)
            if index == len(rows) - 1 or column >= len(rows[index + 1]):
                axes.set_xlabel("step (updates of the weights)")
                axes.tick_params(labelbottom=True)
            if column == 0:
                axes.set_ylabel("error (%)")


def top_of(lines: pd.DataFrame) -> float:
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


def _depths(axes: Axes, colours: Colours) -> None:
    """The depths of a row, on its last panel's title line."""
    keys = [Line2D([], [], color=colours[depth], linewidth=2.5, label=f"{depth}") for depth in colours]
    keys[-1].set_label(f"{list(colours)[-1]} layers")
    axes.legend(
        handles=keys,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=len(keys),
        frameon=False,
        borderaxespad=0.0,
        handlelength=1.2,
        columnspacing=0.9,
        handletextpad=0.4,
    )


def _legend(made: Figure, lines: pd.DataFrame, colours: Colours, columns: int) -> None:
    keys = [Line2D([], [], color=colours[depth], linewidth=2.5, label=f"{depth} layers") for depth in colours]
    keys.append(Line2D([], [], color=INK, linewidth=1.4, label="test"))
    keys.append(Line2D([], [], color=INK, linewidth=1.4, linestyle=DASHES, label="training (running)"))
    if (lines["runs"] > 1).any():
        keys.append(Line2D([], [], color=FAINT, alpha=0.4, linewidth=7, label="range of seeds"))
    if (lines["line"] != "").any():
        keys.append(Line2D([], [], color=INK, linewidth=0.6, label="unfinished"))
    if lines[[TEST, TRAIN]].max(axis=None) > top_of(lines):
        keys.append(Line2D([], [], linestyle="", label=f"cut off above {top_of(lines):g}%"))
    narrow = {"handlelength": 2.0, "columnspacing": 1.2, "handletextpad": 0.5, "frameon": False}
    rows = math.ceil(len(keys) / columns)
    made.legend(handles=keys, loc="outside lower center", ncols=math.ceil(len(keys) / rows), **narrow)
