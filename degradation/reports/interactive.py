"""The data of the page's figures, which web/figures.js draws: what there is, where, and in which colour.

Errors travel as whole hundredths of a percent, and steps once for all runs that were evaluated at the same.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from degradation.analysis import lines
from degradation.analysis.differences import means
from degradation.analysis.series import MEASURES, NETWORK, SERIES, ordered
from degradation.plots import style
from degradation.plots.curves import Name, panel_rows, panel_shades, top_of
from degradation.runs.label import label
from degradation.runs.schema import COMPLETE

POINTS = 70_000  # drawn of all errors together; of more, every second or third evaluation is drawn
SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "p": "pentagon",
    "*": "star",
}
WIDE = 8  # times the least value of an axis, from which it is logarithmic
Json = dict[str, Any]


class Steps:
    """The steps at which runs were evaluated, each list of them once."""

    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self._places: dict[bytes, int] = {}

    def place(self, steps: np.ndarray) -> int:
        key = steps.tobytes()
        if key not in self._places:
            self._places[key] = len(self.lists)
            self.lists.append(steps.tolist())
        return self._places[key]


def data(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    twins: pd.DataFrame,
    found: pd.DataFrame | None,
) -> Json:
    """All that the figures show, ready for JSON.

    Args:
        runs: the checked runs, named as the tables name them.
        curves: a row per evaluation.
        table: what `table.table` makes of the runs.
        drawn: what `lines.lines` makes of the curves.
        twins: what `sides.sides` makes of the runs: which panels stand side by side.
        found: what `grid.grid` makes of the runs: a setting that is the axis; None: depth is.
    """
    names: list[Name] = list(ordered(runs)[SERIES].drop_duplicates().itertuples(index=False, name=None))
    index = {name: place for place, name in enumerate(names)}
    rows = _rows(names, twins)
    first = style.first_place([family for family, _ in names])
    top = top_of(drawn) if drawn[list(lines.DRAWN)].notna().any(axis=None) else 100.0
    steps = Steps()
    every = max(1, math.ceil(curves[list(MEASURES)].notna().sum(axis=None) / POINTS))
    return {
        "series": [
            {
                "name": label(*name),
                "symbol": SYMBOLS[style.look(first + place)[1]],
                "light": style.look(first + place)[0],
                "dark": style.DARK_SERIES[(first + place) % len(style.DARK_SERIES)],
            }
            for place, name in enumerate(names)
        ],
        "depths": sorted({int(depth) for depth in runs["depth"]}),
        "rows": [[index[name] for name in row] for row in rows],
        "shades": _shades(rows, runs, index),
        "top": top,
        "cut": bool((drawn[list(lines.DRAWN)] > top).any(axis=None)),
        "every": every,
        "runs": _runs(runs, curves, index, steps, every),
        "means": _means(runs, curves, drawn, index, steps, every),
        "depth": _against(runs, table, index, found),
        "steps": steps.lists,
    }


def _rows(names: Sequence[Name], twins: pd.DataFrame) -> list[list[Name]]:
    """The panels of each row; those that a static picture has no room for follow."""
    rows = panel_rows(list(names), twins)
    rest = [name for name in names if not any(name in row for row in rows)]
    return rows + [rest[place : place + 2] for place in range(0, len(rest), 2)]


def _shades(rows: list[list[Name]], runs: pd.DataFrame, index: dict[Name, int]) -> list[dict[str, Json]]:
    """Of each series the colour of each depth, on a light and on a dark page."""
    panels = dict(list(runs.groupby(SERIES)))
    shades: list[dict[str, Json]] = [{} for _ in index]
    for kind, colours in (("light", style.depth_colours), ("dark", style.dark_depth_colours)):
        for row, of_row in zip(rows, panel_shades(rows, panels, colours), strict=True):
            for name in row:
                shades[index[name]][kind] = {str(depth): colour for depth, colour in of_row.items()}
    return shades


def _runs(
    runs: pd.DataFrame, curves: pd.DataFrame, index: dict[Name, int], steps: Steps, every: int
) -> list[Json]:
    """A row a run: its curves, and its errors at the last step where it is complete."""
    own = curves.groupby("run", sort=False).indices
    when, what = curves["step"].to_numpy(), {measure: curves[measure].to_numpy() for measure in MEASURES}
    made = []
    for run in runs.to_dict("records"):
        one: Json = {"name": run["run"], "s": index[run["family"], run["variant"]], "d": int(run["depth"])}
        if run["status"] == COMPLETE:
            one["end"] = {measure: _hundredths(run[measure]) for measure in MEASURES}
        else:
            one["status"] = run["status"]
        rows = own.get(run["run"])
        if rows is not None:
            one |= {m: _curve(when[rows], what[m][rows], steps, every) for m in MEASURES}
        made.append(one)
    return made


def _means(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    drawn: pd.DataFrame,
    index: dict[Name, int],
    steps: Steps,
    every: int,
) -> list[Json]:
    """A row a network of several complete runs: their mean and their range."""
    missing = tuple(measure for measure in MEASURES if measure not in lines.DRAWN)
    frames = (
        dict(list(frame[(frame["line"] == "") & (frame["runs"] > 1)].groupby(NETWORK, sort=False)))
        for frame in (drawn, lines.lines(runs, curves, missing))
    )
    of_drawn, of_missing = frames
    made = []
    for network, rows in of_drawn.items():
        family, variant, depth = network
        one: Json = {
            "s": index[str(family), str(variant)],
            "d": int(depth),
            "runs": int(rows["runs"].iloc[0]),
        }
        for measure in MEASURES:
            source = of_missing[network] if measure in missing else rows
            when = source["step"].to_numpy()
            found = [
                _curve(when, source[f"{measure}{end}"].to_numpy(), steps, every)
                for end in ("", "_low", "_high")
            ]
            one[measure] = [found[0][0], *(values for _, values in found)]
        made.append(one)
    return made


def _curve(when: np.ndarray, values: np.ndarray, steps: Steps, every: int) -> list[Any]:
    """The place of the steps at which a run was measured, and what was; the first and the last always."""
    there = np.flatnonzero(np.isfinite(values))
    if every > 1 and len(there):
        there = np.unique(np.concatenate((there[:1], there[::-every])))
    return [steps.place(when[there]), np.rint(100 * values[there]).astype(int).tolist()]


def _hundredths(value: float) -> int | None:
    return round(100 * value) if math.isfinite(value) else None


def _against(
    runs: pd.DataFrame, table: pd.DataFrame, index: dict[Name, int], found: pd.DataFrame | None
) -> Json:
    """The points of error against depth (or against a setting), by line, with intervals and the paper's."""
    ends = means(runs)
    papers = table.set_index(NETWORK)["paper_test_error"]
    xs = _setting(runs, found) if found is not None else {}
    by_line: dict[tuple[str, Any], list[Json]] = {}
    for network, rows in ends.groupby(NETWORK, sort=False):
        family, variant, depth = str(network[0]), str(network[1]), int(network[2])
        own = rows.set_index("measure")
        point: Json = {"s": index[family, variant], "d": depth, "x": xs.get((family, variant), depth)}
        point |= {
            measure: [_rounded(own.loc[measure, end]) for end in ("points", "low", "high")]
            for measure in MEASURES
        }
        point["paper"] = _rounded(papers[network])
        by_line.setdefault((family, depth) if xs else (family, variant), []).append(point)
    first = style.first_place([family for family, _ in by_line])
    made: list[Json] = []
    for place, (name, points) in enumerate(by_line.items()):
        colour, marker = style.look(first + place)
        dark = style.DARK_SERIES[(first + place) % len(style.DARK_SERIES)]
        called = f"{name[0]}-{name[1]}" if xs else label(*name)
        look = {"name": called, "light": colour, "dark": dark, "symbol": SYMBOLS[marker]}
        made.append({**look, "points": sorted(points, key=lambda point: float(point["x"]))})
    values = sorted({point["x"] for points in by_line.values() for point in points})
    return {
        "x": str(found["key"].iloc[0]) if found is not None else "depth (layers)",
        "log": bool(values and 0 < values[0] < values[-1] / WIDE),
        "values": values,
        "lines": made,
    }


def _setting(runs: pd.DataFrame, found: pd.DataFrame) -> dict[Name, float]:
    """The value of the setting that is the axis, by family and variant."""
    cells = runs.drop_duplicates(SERIES).set_index(SERIES)[f"config.{found['key'].iloc[0]}"]
    return {(str(name[0]), str(name[1])): float(cell) for name, cell in cells.items()}


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None
