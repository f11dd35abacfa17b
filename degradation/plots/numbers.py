"""The numbers of a picture in rows under its axis, where no line or marker can hide them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import offset_copy

SIZE = 9.0  # of the text, points
ROW = 12.5  # from one row to the next, points
FIRST = 19.0  # from the axis to the first row: below the ticks' labels
NARROW = 40.0  # points from one number to the next: room for 100.00
CHARACTER, GAP = 6.5, 5.0  # points, of a tick's label and from one to the next


@dataclass(frozen=True)
class Row:
    """The numbers of one line: how it is drawn, and its values (percent) by place on the axis."""

    colour: str
    marker: str
    fill: str
    values: Mapping[float, float]


def kept(places: Sequence[float], width: float, narrow: float = NARROW) -> list[float]:
    """The places that get a label: both ends, and of those between what leaves room.

    Args:
        places: rising, from 0 to 1 across the panel.
        width: the panel's, points.
        narrow: from one label to the next, points.
    """
    least = narrow / width
    chosen = list(places[:1])
    for place in places[1:-1]:
        if place - chosen[-1] >= least and places[-1] - place >= least:
            chosen.append(place)
    return chosen + list(places[-1:]) if len(places) > 1 else chosen


def stretch(axes: Axes, values: Sequence[float], share: float, log: bool = False) -> None:
    """Let the axis begin and end beyond the values, which rise, by this share of what they span."""
    first, last = np.log([values[0], values[-1]]) if log else (float(values[0]), float(values[-1]))
    room = share * (last - first) or 1.0
    ends = np.asarray([first - room, last + room])
    axes.set_xscale("log" if log else "linear")
    axes.set_xlim(*(np.exp(ends) if log else ends))


def under(axes: Axes, rows: Sequence[Row], values: Sequence[float], width: float, label: str) -> None:
    """Label the ticks and write the rows under them, each behind its marker, two decimals as in the tables.

    Args:
        axes: as `stretch` left it.
        values: of the ticks, rising. Labels and numbers that have no room beside each other are left out, of
            each row by itself.
        width: the panel's, points.
        label: the axis's, below the rows.
    """
    to_panel = axes.transScale + axes.transLimits
    bottom = axes.get_ylim()[0]
    across = {float(to_panel.transform((value, bottom))[0]): value for value in values}
    tick = CHARACTER * max(len(f"{value:g}") for value in values) + GAP
    ticks = [across[place] for place in kept(list(across), width, tick)]
    axes.xaxis.set_major_locator(FixedLocator(list(values)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if x in ticks else ""))
    for index, row in enumerate(rows):
        down = -(FIRST + ROW * index)
        for place in kept([place for place, value in across.items() if value in row.values], width):
            axes.annotate(
                f"{row.values[across[place]]:.2f}",
                (across[place], 0),
                xycoords=("data", "axes fraction"),
                xytext=(0, down),
                textcoords="offset points",
                ha="center",
                va="top",
                color=row.colour,
                fontsize=SIZE,
                annotation_clip=False,
            )
        _marker(axes, row, down - SIZE / 2 + 1)
    axes.set_xlabel(label, labelpad=4 + ROW * len(rows))


def _marker(axes: Axes, row: Row, down: float) -> None:
    """Whose row it is, left of its numbers."""
    start = offset_copy(axes.transAxes, axes.get_figure(root=True), x=-7, y=down, units="points")
    axes.scatter(
        [0],
        [0],
        s=22,
        facecolor=row.fill,
        edgecolor=row.colour,
        marker=row.marker,
        transform=start,
        clip_on=False,
    )
