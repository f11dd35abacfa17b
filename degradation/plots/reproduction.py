"""Our curves beside those of somebody who trained the same networks for longer, over epochs."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from degradation.plots.style import INK, STYLE, WIDTH, depth_colours, grid, noted, percent_up

ROWS = {"train_error": "training error (clean)", "test_error": "test error"}
TICKS = (1, 2, 5, 10, 20, 50, 100, 164)


def figure(own: pd.DataFrame, theirs: pd.DataFrame, note: str = "") -> Figure:
    """Plain networks left, residual ones right; training error above, test error below.

    Args:
        own: family, depth, epoch, train_error, test_error (percent); NaN is not drawn.
        theirs: the same columns.
        note: what was trained, drawn above the panels.
    """
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 6.2), layout="constrained")
        noted(made, note)
        panels = made.subplots(2, 2, sharex=True, sharey=True)
        colours = depth_colours(sorted({int(d) for d in theirs["depth"]} | {int(d) for d in own["depth"]}))
        for column, family in enumerate(("plain", "residual")):
            for row, (error, name) in enumerate(ROWS.items()):
                axes = panels[row, column]
                axes.set_title(f"{family}: {name}", loc="left")
                for frame, width, style in ((theirs, 1.0, (0, (1, 1))), (own, 2.2, "solid")):
                    lines = frame[(frame["family"] == family) & frame[error].notna()]
                    for depth, line in lines.groupby("depth"):
                        look = {"color": colours[int(depth)], "linewidth": width, "linestyle": style}
                        marker = "o" if len(line) == 1 else ""  # a line of one point is none
                        axes.plot(line["epoch"], line[error], marker=marker, **look)
                axes.set_xscale("log")
                axes.set_xlim(1, max(theirs["epoch"].max(), own["epoch"].max()))
                axes.xaxis.set_major_locator(FixedLocator(TICKS))
                axes.xaxis.set_minor_locator(NullLocator())
                axes.xaxis.set_major_formatter(FuncFormatter(lambda epoch, _: f"{epoch:g}"))
                percent_up(axes, 100)
                grid(axes)
            panels[1, column].set_xlabel("epochs done")
        for axes in panels[:, 0]:
            axes.set_ylabel("error (%)")
        keys = [Line2D([], [], color=colours[d], linewidth=2.5, label=f"{d} layers") for d in colours]
        keys.append(Line2D([], [], color=INK, linewidth=2.2, label="here"))
        keys.append(Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (1, 1)), label="the reproduction"))
        made.legend(handles=keys, loc="outside lower center", ncols=len(keys), frameon=False)
        return made
