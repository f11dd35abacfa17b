"""The picture of `shattering.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from degradation.plots.style import grid
from degradation.why.pictures.drawing import each, figure, legend, looks, styled


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """Left: correlation of the nearest gradients against depth, a point a seed. Right: against distance, of
    the shallowest and the deepest networks.

    Args:
        table: columns `shattering.COLUMNS` and the network's.
    """
    depths = sorted({int(depth) for depth in table["depth"]})
    ends = table[table["depth"].isin([depths[0], depths[-1]])]
    drawn, near = looks(ends), table["distance"].min()
    with styled():
        made, ((left, right),) = figure(1, 2, 3.9, note, sharey=True)
        for axes in (left, right):
            grid(axes)
            axes.axhline(0, color="0.8", linewidth=0.8)
        left.set_title(f"points {100 * near:.1f}% of the way apart", loc="left")
        deepest = {key[:2]: look for key, look in drawn.items()}
        for name, own in table[table["distance"] == near].groupby(["family", "variant"], sort=False):
            look = deepest[name]
            mean = own.groupby("depth")["correlation"].mean()
            left.plot(mean.index.to_numpy(int), mean.to_numpy(), color=look.colour)
            left.plot(own["depth"].to_numpy(int), own["correlation"], ".", color=look.colour, markersize=4)
        left.set_xscale("log")
        left.xaxis.set_major_locator(FixedLocator(depths))
        left.xaxis.set_minor_locator(NullLocator())
        left.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        left.set_xlabel("depth (layers); a point a seed, the line their mean")
        left.set_ylabel("correlation of input gradients")
        right.set_title("against the distance of the two points", loc="left")
        for own, look in each(ends, drawn):
            mean = own.groupby("distance")["correlation"].mean()
            right.plot(100 * mean.index.to_numpy(), mean.to_numpy(), **look.line)
        right.set_xscale("log")
        right.xaxis.set_minor_locator(NullLocator())
        right.xaxis.set_major_locator(FixedLocator([2, 5, 10, 20, 50]))
        right.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        right.set_xlabel("distance (% of the way between two images)")
        legend(made, drawn, ends)
        return made
