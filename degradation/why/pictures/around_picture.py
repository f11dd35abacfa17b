"""The picture of `around.py` (no torch)."""

import pandas as pd
from matplotlib.figure import Figure

from degradation.runs.label import short
from degradation.why.pictures.drawing import figure, styled
from degradation.why.pictures.witness_picture import ends, keys


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """A panel a change: where runs begin, and where training ends them, against how far from the witness.

    Args:
        table: columns of a `witness_runs.COLUMNS` run, and the network's.
    """
    variants = list(dict.fromkeys(table["variant"]))
    with styled():
        made, rows = figure(len(variants), 1, 1.0 + 2.3 * len(variants), note, sharex=True, sharey=True)
        for (axes,), variant in zip(rows, variants, strict=True):
            ends(axes, table[table["variant"] == variant])
            axes.label_outer()
            axes.set_title(f"{short(variant) or 'as it is'}: training error (%)", loc="left")
        explained = keys(table)
        made.legend(handles=explained, loc="outside lower center", ncols=len(explained), frameon=False)
        return made
