"""The picture of `curvature.py` (no torch)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from degradation.analysis.series import label
from degradation.plots.style import first_place, grid, look, nothing
from degradation.why.drawing import figure, names_of, styled
from degradation.why.quantities import FINAL, INITIAL


def draw(table: pd.DataFrame, note: str = "") -> Figure:
    """The largest eigenvalue against depth, a point a seed, at initialisation and at the checkpoint.

    Args:
        table: columns `curvature.COLUMNS`, `state` and the network's.
    """
    first = table[(table["place"] == 1) & (table["eigenvalue"] > 0)]
    names = names_of(table)
    start = first_place([str(family) for family, _ in names])
    with styled():
        made, (panels,) = figure(1, 2, 3.6, note, sharey=True)
        for axes, state in zip(panels, (INITIAL, FINAL), strict=True):
            axes.set_title(f"at {'the ' if state == FINAL else ''}{state}", loc="left")
            there = first[first["state"] == state]
            if there.empty:
                nothing(axes, "not measured")
                continue
            grid(axes)
            axes.set_yscale("log")
            depths = sorted({int(one) for one in there["depth"]})
            apart = 0.02 * (depths[-1] - depths[0] or 1)
            for at, name in enumerate(names):
                own = there[(there["family"] == name[0]) & (there["variant"] == name[1])]
                colour, marker = look(start + at)
                moved = apart * (at - (len(names) - 1) / 2)
                x, y = own["depth"].to_numpy(float) + moved, own["eigenvalue"].to_numpy()
                axes.plot(x, y, marker, color=colour, markersize=4, alpha=0.6)
                mean = np.exp(np.log(own["eigenvalue"]).groupby(own["depth"]).mean())
                named: dict[str, Any] = {"label": label(*name), "linewidth": 1.2}
                axes.plot(mean.index.to_numpy(float) + moved, mean.to_numpy(), color=colour, **named)
            axes.xaxis.set_major_locator(FixedLocator(depths))
            axes.margins(x=0.15, y=0.15)
            axes.set_xlabel("depth (layers); a point a seed")
        panels[0].set_ylabel("largest eigenvalue of the Hessian")
        handles, labels = panels[1].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return made
