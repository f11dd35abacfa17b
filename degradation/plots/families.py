"""Many families at once: training error against depth, a panel each, beside the plain twin."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from degradation.plots.style import MARKERS, SERIES, STYLE, WIDTH, grid

COLUMNS = 3


def figure(table: pd.DataFrame, pairs: pd.DataFrame) -> Figure:
    """Draw a panel for each pair, in its order.

    Args:
        table: columns `schema.TABLE_COLUMNS`; error bars are the std over the seeds.
        pairs: columns family, variant, twin, twin_variant.
    """
    with mpl.rc_context(STYLE):
        rows = -(-len(pairs) // COLUMNS)
        made = Figure(figsize=(WIDTH, 0.5 + 2.3 * rows), layout="constrained")
        panels = made.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
        for axes, (_, pair) in zip(panels, pairs.iterrows(), strict=False):
            twin = _own(table, pair["twin"], pair["twin_variant"])
            network = _own(table, pair["family"], pair["variant"])
            higher = twin["train_error_mean"].iloc[-1] >= network["train_error_mean"].iloc[-1]
            _line(axes, twin, 0, "plain twin", higher)
            _line(axes, network, 1, "with shortcut", not higher)
            _finish(
                axes, twin, f"{pair['family']} ({pair['variant']})" if pair["variant"] else pair["family"]
            )
        for axes in panels[len(pairs) :]:
            axes.set_visible(False)
        for axes in panels[::COLUMNS]:
            axes.set_ylabel("training error (%)")
        handles, labels = panels[0].get_legend_handles_labels()
        made.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return made


def _own(table: pd.DataFrame, family: str, variant: str) -> pd.DataFrame:
    return table[(table["family"] == family) & (table["variant"] == variant)].sort_values("depth")


def _line(axes: Axes, own: pd.DataFrame, place: int, name: str, above: bool) -> None:
    across, mean, std = own["depth"].astype(int), own["train_error_mean"], own["train_error_std"]
    axes.errorbar(
        across,
        mean,
        yerr=std.fillna(0) if std.notna().any() else None,
        color=SERIES[place],
        marker=MARKERS[place],
        capsize=3,
        linewidth=1.6,
        label=name,
    )
    axes.annotate(
        f"{mean.iloc[-1]:.1f}",
        (across.iloc[-1], mean.iloc[-1]),
        xytext=(6, 4 if above else -4),
        textcoords="offset points",
        va="bottom" if above else "top",
        color=SERIES[place],
        fontsize=8.5,
    )


def _finish(axes: Axes, own: pd.DataFrame, name: str) -> None:
    depths = sorted(int(depth) for depth in own["depth"])
    room = 0.22 * (depths[-1] - depths[0]) or 4
    axes.set_xlim(depths[0] - room, depths[-1] + 1.4 * room)
    axes.set_ylim(-16, 104)
    axes.set_yticks(range(0, 101, 20))
    axes.set_xticks(depths)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("depth (layers)")
    axes.set_title(name, loc="left")
    grid(axes)
