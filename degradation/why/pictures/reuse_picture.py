"""The picture of `reuse.py`: a heat map a block (no torch)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from degradation.plots.style import INK
from degradation.why.numbers.quantities import FINAL
from degradation.why.pictures.drawing import each, figure, looks, styled

LINEAR = "linear"  # as `reuse.py` calls it
ROW = 2.9  # inches a network
COLOURS = "viridis"


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A row a network, a panel a block: what each target reads of each source, over its largest, the mean
    over seeds. The framed column is what reads the whole block: a transition, or the linear layer (Fig. 5).

    Args:
        table: columns `reuse.COLUMNS`, `state`, and the network's; those of the checkpoint are drawn.
    """
    table = table[table["state"] == FINAL]
    networks = list(each(table, looks(table)))
    blocks = sorted({int(block) for block in table["block"]})
    norm = Normalize(0, 1)
    with styled():
        made, rows = figure(len(networks), len(blocks), ROW * len(networks) + 0.3, note)
        for panels, (own, look) in zip(rows, networks, strict=True):
            for block, axes in zip(blocks, panels, strict=True):
                _map(axes, own[own["block"] == block], norm)
                axes.set_title(f"{look.label}, block {block}", loc="left", fontsize=9.5)
            panels[0].set_ylabel("source (0: what the block is given)")
        seeds = table["seed"].nunique()
        of = f" (mean of {seeds} seeds)" if seeds > 1 else ""
        made.colorbar(
            ScalarMappable(norm, COLOURS),
            ax=[axes for panels in rows for axes in panels],
            label=f"mean |weight|{of}\nover the target's largest",
            shrink=0.85,
        )
        return made


def _map(axes: Axes, own: pd.DataFrame, norm: Normalize) -> None:
    if own.empty:  # another network has more blocks
        axes.set_visible(False)
        return
    found = own.groupby(["source", "target"])["relative"].mean().unstack("target")
    sources, last = len(found), int(found.columns.max())
    axes.imshow(found.to_numpy(float), norm=norm, cmap=COLOURS, extent=(0.5, last + 0.5, sources - 0.5, -0.5))
    axes.add_patch(Rectangle((last - 0.5, -0.5), 1, sources, fill=False, edgecolor=INK, linewidth=1.5))
    what = "linear layer" if LINEAR in set(own["kind"]) else "transition"
    axes.set_xlabel(f"target; framed: the {what}")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
