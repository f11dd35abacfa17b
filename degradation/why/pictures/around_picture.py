"""The picture of `around.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.runs.label import short
from degradation.why.pictures.drawing import figure, styled
from degradation.why.pictures.witness_picture import ends, keys


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A panel a family and change: where runs begin, and where training ends them, against how far from the
    witness.

    Args:
        table: columns of a `witness_runs.COLUMNS` run, and the network's.
    """
    panels = [(key, own) for key, own in table.groupby(["family", "variant"], sort=False)]
    with styled():
        made, rows = figure(len(panels), 1, 1.0 + 2.3 * len(panels), note, sharex=True, sharey=True)
        for (axes,), ((family, variant), own) in zip(rows, panels, strict=True):
            ends(axes, own)
            axes.label_outer()
            axes.set_title(f"{family}, {short(str(variant)) or 'as it is'}: training error (%)", loc="left")
        explained = keys(table)
        made.legend(handles=explained, loc="outside lower center", ncols=len(explained), frameon=False)
        return made
