"""How fast: this suite beside the usual way, a pair of bars a network."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from degradation.plots.style import FAINT, SERIES, STYLE, WIDTH, grid


def figure(summary: pd.DataFrame, title: str) -> Figure:
    """Draw medians as bars, the slowest and the fastest round as whiskers, the ratio above.

    Args:
        summary: columns `network`, and medians `usual`, `suite` (images/s), `ratio`, with `_low`, `_high`.
        title: which machine.
    """
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 3.6), layout="constrained")
        axes = made.subplots()
        places = range(len(summary))
        for offset, way, name, colour in (
            (-0.2, "usual", "the usual way", FAINT),
            (0.2, "suite", "this suite", SERIES[1]),
        ):
            median = summary[way]
            spread = [median - summary[f"{way}_low"], summary[f"{way}_high"] - median]
            axes.bar(
                [place + offset for place in places],
                median,
                width=0.38,
                yerr=spread,
                color=colour,
                label=name,
                capsize=2,
                ecolor="0.2",
            )
        for place, row in zip(places, summary.itertuples(), strict=True):
            axes.annotate(
                f"{row.ratio:.1f}×",
                (place + 0.2, row.suite_high),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
            )
        axes.set_xticks(list(places), [str(name).replace("-", "\n", 1) for name in summary["network"]])
        axes.set_ylabel("training images per second")
        axes.margins(y=0.12)
        axes.set_title(title, loc="left")
        axes.legend(frameon=False)
        grid(axes)
        return made
