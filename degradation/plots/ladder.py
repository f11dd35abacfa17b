"""One change at a time: the error at the end of each network with each change, a panel a depth."""

from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from degradation.plots.style import FAINT, INK, STYLE, WIDTH, first_place, look, not_run, noted
from degradation.runs.label import short

ROW, LINE = 0.27, 0.15  # inches that a change takes, and each line of its name beyond the first
AS_IT_IS = "as it is"


def figure(found: pd.DataFrame, trains: float | None, note: str = "") -> Figure:
    """Draw the clean training error, a row a change below the network as it is; a bar spans the lowest and
    the highest run. A dotted line goes down from the network as it is. Fewer seeds than
    others have are said.

    Args:
        found: columns family, variant, depth, points (the mean), least, most (percent), seeds.
        trains: the error below which a network counts as trained, drawn as a line; None: there is none.
        note: what was trained, drawn above the panels.
    """
    rows = list(found[["family", "variant"]].drop_duplicates().itertuples(index=False, name=None))
    families = list(dict.fromkeys(family for family, _ in rows))
    looks = {family: look(first_place(families) + at) for at, family in enumerate(families)}
    depths, names = sorted(found["depth"].unique()), [_name(*row) for row in rows]
    row = ROW + LINE * max(name.count("\n") for name in names)
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(WIDTH, 1.5 + row * len(rows)), layout="constrained")
        noted(made, note)
        panels = made.subplots(1, len(depths), sharex=True, sharey=True, squeeze=False)[0]
        for axes, depth in zip(panels, depths, strict=True):
            axes.set_title(f"{depth} layers", loc="left")
            if trains is not None:
                axes.axvline(trains, color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)))
            _changes(axes, found[found["depth"] == depth], rows, looks, found["seeds"].max())
            axes.set_xlabel("clean training error at the end (%)")
            axes.grid(axis="x", color="0.92")
            axes.set_axisbelow(True)
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks(range(len(rows)), names)
        panels[0].set_ylim(len(rows) - 0.5, -0.5)
        panels[0].set_xlim(left=-1.5)
        _legend(made, looks, trains, found)
        return made


def _name(family: str, variant: str) -> str:
    return short(variant).replace(", ", ",\n") or f"{family}, {AS_IT_IS}"


def _changes(
    axes: Axes,
    own: pd.DataFrame,
    rows: list[tuple[str, str]],
    looks: dict[str, tuple[str, str]],
    seeds: int,
) -> None:
    own = own[own["points"].notna()]
    there = set(own[["family", "variant"]].itertuples(index=False, name=None))
    for at, name in enumerate(rows):
        if name not in there:
            not_run(axes, at)
    for _, row in own.iterrows():
        colour, marker = looks[row["family"]]
        at = rows.index((row["family"], row["variant"]))
        if row["seeds"] < seeds:
            axes.annotate(f"   n = {row['seeds']}", (row["most"], at), va="center", fontsize="small")
        axes.plot([row["least"], row["most"]], [at, at], color=colour, linewidth=1.6, alpha=0.6)
        fill = "white" if row["variant"] else colour
        axes.plot(row["points"], at, marker, color=colour, markerfacecolor=fill, markersize=6)
        if not row["variant"]:
            last = max(place for place, (family, _) in enumerate(rows) if family == row["family"])
            axes.plot([row["points"]] * 2, [at, last], color=colour, linewidth=0.8, linestyle=(0, (1, 2)))


def _legend(
    made: Figure, looks: dict[str, tuple[str, str]], trains: float | None, found: pd.DataFrame
) -> None:
    keys = [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=f"{family}, {AS_IT_IS}")
        for family, (colour, marker) in looks.items()
    ]
    hollow: Any = {"color": INK, "markerfacecolor": "white", "linestyle": ""}
    keys.append(Line2D([], [], marker="o", label="changed", **hollow))
    counts = sorted({int(count) for count in found["seeds"]})
    seeds = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    if counts[-1] > 1:
        span = f"lowest to highest of {seeds} seeds"
        keys.append(Line2D([], [], color=INK, linewidth=1.6, alpha=0.6, label=span))
    if trains is not None:
        dashed: Any = {"color": FAINT, "linestyle": (0, (4, 2)), "linewidth": 0.8}
        keys.append(Line2D([], [], label=f"below {trains:g}%: it trains", **dashed))
    made.legend(handles=keys, loc="outside lower center", ncols=len(keys), frameon=False)
