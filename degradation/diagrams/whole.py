"""A whole network drawn layer by layer, plain beside the one with shortcuts, as the paper's Fig. 3."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import nn

from degradation.diagrams import paths
from degradation.diagrams.diagram import SHORTCUT
from degradation.diagrams.tables import block, on_path, stage
from degradation.models.layers import Layer
from degradation.plots.style import FAINT, FAINT_INK, INK, STYLE

ROW, BOX, COLUMN, LEFT, TOP = 0.2, 1.25, 2.3, 1.3, 0.45  # inches: from row to row, widths, margins
SIZE = 7.0  # points
MOST_BLOCKS = 18  # of a stage, all drawn: those of residual-110; of more, the first two and the last
FILLS = ("0.96", "#E3ECF7", "#E5F2E2", "#FBEEDC", "#F4E3EE", "#ECECF8")


@dataclass(frozen=True)
class Row:
    """A layer as it is drawn."""

    text: str
    stage: str
    block: str
    side: str  # height and width of its maps


@dataclass(frozen=True)
class Column:
    """A network as it is drawn.

    Attributes:
        around: block -> whether its shortcut is the identity, of the blocks that have one.
    """

    title: str
    rows: tuple[Row, ...]
    around: dict[str, bool]


def column(title: str, network: nn.Module, layers: Sequence[Layer]) -> Column:
    """What is drawn of a network: its layers without those on shortcuts, long stages shortened."""
    rows, last = [], "stem"
    for one in layers:
        if on_path(one):
            if one.name.startswith("stages"):
                last = stage(one)
            elif last.startswith("stage") and one.multiply_adds:
                last = "end"
            rows.append(Row(one.what, last, block(one), "×".join(map(str, one.shape[1:]))))
    around = {}
    for name, module in network.named_modules():
        shortcut = getattr(module, "shortcut", None)
        if shortcut is not None or getattr(module, "dense", False) is True:
            around[name] = shortcut is None or isinstance(shortcut, nn.Identity)
    return Column(title, tuple(_shortened(rows)), around)


def _shortened(rows: Sequence[Row]) -> list[Row]:
    """The middle blocks of stages with too many of them as one row."""
    blocks: dict[str, list[str]] = {}
    for row in rows:
        known = blocks.setdefault(row.stage, [])
        if row.block not in known:
            known.append(row.block)
    left_out = {name: known[2:-1] for name, known in blocks.items() if len(known) > MOST_BLOCKS}
    made: list[Row] = []
    for row in rows:
        dropped = left_out.get(row.stage, [])
        if row.block not in dropped:
            made.append(row)
        elif row.block == dropped[0] and made[-1].block != "":
            made.append(Row(f"{len(dropped)} more blocks", row.stage, "", row.side))
    return made


def figure(columns: Sequence[Column]) -> Figure:
    """Networks side by side from the image down; equal rows stand at equal heights."""
    tall = TOP + (max(len(one.rows) for one in columns) + 1.5) * ROW
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(LEFT + COLUMN * len(columns), tall))
        axes = made.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, LEFT + COLUMN * len(columns)), ylim=(tall, 0))
        axes.set_axis_off()
        for place, one in enumerate(columns):
            _draw(axes, one, LEFT + COLUMN * place, first=place == 0)
        return made


def _draw(axes: Axes, network: Column, left: float, first: bool) -> None:
    axes.text(left, 0.2, network.title, weight="bold", fontsize=9, color=INK, va="center")
    stages = list(dict.fromkeys(row.stage for row in network.rows))
    before = ""
    for place, row in enumerate(network.rows):
        y = _middle(place)
        fill = "white" if not row.block else FILLS[stages.index(row.stage) % len(FILLS)]
        look: dict[str, Any] = {"facecolor": fill, "edgecolor": FAINT, "linewidth": 0.7 if row.block else 0}
        corner = "round,pad=0,rounding_size=0.02"
        axes.add_patch(FancyBboxPatch((left, y - 0.065), BOX, 0.13, boxstyle=corner, **look))
        axes.text(left + BOX / 2, y, row.text, fontsize=SIZE, ha="center", va="center", color=INK)
        if place:
            arrow: dict[str, Any] = {
                "arrowstyle": "-|>,head_length=1.5,head_width=1",
                "linewidth": 0.7,
                "color": FAINT,
            }
            x = left + BOX / 2
            axes.add_patch(
                FancyArrowPatch((x, y - ROW + 0.065), (x, y - 0.065), shrinkA=0, shrinkB=0, **arrow)
            )
        if first and row.stage != before:
            said = f"{row.stage}, {row.side} px" if row.side else row.stage
            axes.text(left - 0.1, y, said, fontsize=SIZE, ha="right", va="center", color=FAINT_INK)
        before = row.stage
    for name, identity in network.around.items():
        own = [place for place, row in enumerate(network.rows) if row.block == name]
        if own:
            _around(axes, left + BOX / 2, _middle(own[0]) - ROW / 2, _middle(own[-1]) + ROW / 2, identity)


def _around(axes: Axes, x: float, start: float, end: float, identity: bool) -> None:
    """A shortcut; dotted where it is more than the identity, as in the paper."""
    path = paths.around((x, start), (x, end), x + BOX / 2 + 0.25)
    axes.add_patch(
        FancyArrowPatch(
            path=path,
            arrowstyle="-|>,head_length=2,head_width=1.4",
            color=SHORTCUT,
            linewidth=1.0,
            linestyle="-" if identity else (0, (2, 1.5)),
            shrinkA=0,
            shrinkB=0,
        )
    )


def _middle(place: int) -> float:
    return TOP + (place + 0.5) * ROW
