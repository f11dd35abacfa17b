"""A run folder or a report folder -> its runs, each as text cells and rows of numbers, checked.

Both kinds of folder are brought to the same cells, so a report that is drawn again from its own runs.csv is
the same report.
"""

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from degradation.errors import BadRequest
from degradation.files import read_json
from degradation.runs.cells import Cells, cell, check_cells, read_csv, real
from degradation.runs.schema import (
    COMPLETE,
    CONFIG,
    CURVE_COLUMNS,
    CURVES,
    HISTORY,
    LAST,
    LOSS_COLUMNS,
    OPTIONAL,
    PREVIOUS,
    RECORD,
    RECORD_KEYS,
    RUN_COLUMNS,
    flatten,
)

RUNS_CSV, CURVES_CSV = "runs.csv", "curves.csv"  # of a report folder
# The most that a cell of curves.csv may hold: a loss that isn't finite is `inf`.
HIGHEST = {c: 100.0 for c in CURVE_COLUMNS if "error" in c} | dict.fromkeys(LOSS_COLUMNS, math.inf)
HIGHEST["step"] = float(2**53)
# Folders of one machine: never in a report.
LOCAL = frozenset({"config.runs", "config.data.root", "config.logger.uri"})


@dataclass(frozen=True)
class Found:
    """One run, and where it was found.

    Attributes:
        folder: the run's, or the report's that holds it.
        cells: what it recorded; `config.*` and `versions.*` beside `RUN_COLUMNS`.
        curves: a row per evaluation: `schema.CURVE_COLUMNS`; not measured is NaN, not finite inf.
    """

    folder: Path
    report: bool
    cells: Cells
    curves: pd.DataFrame


def find(path: Path) -> list[Path]:
    """The run and report folders that a path stands for; hidden ones were moved aside and don't count.

    Raises:
        BadRequest: there are none.
    """
    if not path.exists():
        raise BadRequest(f"no folder {path}: train first (scripts/train.py), or name a folder of runs")
    if not path.is_dir():
        raise BadRequest(f"{path} is a file: name a run's, an experiment's or a report's folder")
    if _is_report(path) or _is_run(path):
        return [path]
    children = _folders(path)
    own = {child: _is_report(child) or _is_run(child) for child in children}
    found = [child for child in children if own[child]]
    found += [run for child in children if not own[child] for run in _folders(child) if _is_run(run)]
    if not found:
        raise BadRequest(f"no runs under {path}: train first (scripts/train.py), or name a folder of runs")
    return found


def _folders(path: Path) -> list[Path]:
    return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))


def _is_report(folder: Path) -> bool:
    return (folder / RUNS_CSV).exists()


def _is_run(folder: Path) -> bool:
    # Any one file will do: a torn run folder is to be named, not passed over.
    some = any((folder / file).exists() for file in (RECORD, CURVES, CONFIG, LAST, PREVIOUS))
    return some and not _is_report(folder)


def read(folder: Path) -> list[Found]:
    """The runs of a run or a report folder.

    Raises:
        BadRequest: a file is missing, damaged or truncated, or holds what training can't have written.
    """
    return _read_report(folder) if _is_report(folder) else [_read_run(folder)]


def _read_run(folder: Path) -> Found:
    path = folder / RECORD
    try:
        record = read_json(path)
    except FileNotFoundError:
        raise BadRequest(f"{folder} is not a run folder: it has no {RECORD}; move it away") from None
    except ValueError as error:
        raise BadRequest(f"{error}; move that run away or train it again") from None
    lacking = [key for key in RECORD_KEYS if key not in record]
    if lacking:
        raise BadRequest(f"{path}: lacks {', '.join(lacking)}; move that run away or train it again")
    cells = {key: cell(record[key], key) for key in RUN_COLUMNS}
    cells |= {key: cell(record[key], key) for key in OPTIONAL if record.get(key) is not None}
    # The folders are what the user sees and may have renamed, so they decide.
    whole = Path(os.path.abspath(folder))
    cells |= {"run": whole.name, "experiment_name": whole.parent.name}
    for table in ("config", "versions"):
        if not isinstance(record[table], Mapping | None):
            raise BadRequest(f"{path}: {table} is not a table; move that run away or train it again")
        for key, value in (record[table] or {}).items():
            cells[f"{table}.{key}"] = cell(value, f"{table}.{key}")
    cells |= _history(record.get(HISTORY))
    check_cells(cells, path)
    curves_path = folder / CURVES
    if not curves_path.exists() and cells["status"] != COMPLETE:
        rows: list[list[str]] = []  # it ended before its first evaluation
    else:
        rows = read_csv(curves_path, CURVE_COLUMNS)[1]
    curves = to_curves(rows, curves_path)
    check_curves(curves, cells, curves_path)
    return Found(folder, False, {key: cell for key, cell in cells.items() if key not in LOCAL}, curves)


def _history(history: Any) -> Cells:
    """Of a run that was continued by another commit, device or version: all of them, in order."""
    if not isinstance(history, list) or not all(isinstance(one, Mapping) for one in history):
        return {}
    columns: dict[str, list[str]] = {}
    for one in history:
        flat = flatten(one)
        for key in flat.keys() - {"from_step"}:
            columns.setdefault(key, []).append(cell(flat[key], key))
    return {key: " then ".join(dict.fromkeys(filter(None, cells))) for key, cells in columns.items()}


def _read_report(folder: Path) -> list[Found]:
    path = folder / RUNS_CSV
    header, rows = read_csv(path, RUN_COLUMNS, more=True)
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    for row in cells:
        check_cells(row, path)
    if not cells or len({row["experiment_name"] for row in cells}) > 1:
        raise BadRequest(f"{path}: a report is of one experiment, this one names {len(cells) and 'several'}")
    curves_path = folder / CURVES_CSV
    rows = read_csv(curves_path, ("run", *CURVE_COLUMNS))[1]
    curves = to_curves([row[1:] for row in rows], curves_path)
    of_run = dict(iter(curves.groupby(np.array([row[0] for row in rows], dtype=object), sort=False)))
    names = [row["run"] for row in cells]
    if len(set(names)) < len(names) or not set(of_run) <= set(names):
        both = ", ".join(sorted({name for name in names if names.count(name) > 1} | set(of_run) - set(names)))
        raise BadRequest(f"{curves_path}: rows of {both}, which {RUNS_CSV} has twice or not at all")
    found = [Found(folder, True, row, of_run.get(row["run"], curves.iloc[:0])) for row in cells]
    for one in found:
        check_curves(one.curves, one.cells, curves_path)
    return found


def to_curves(rows: list[list[str]], path: Path) -> pd.DataFrame:
    """Rows of text -> float64 columns; an empty cell is NaN."""
    cells = [cell for row in rows for cell in row]
    try:
        flat = np.array([float(cell) if cell else math.nan for cell in cells])
    except ValueError:
        place = next(place for place, cell in enumerate(cells) if not real(cell or "0"))
        row, column = divmod(place, len(CURVE_COLUMNS))
        raise BadRequest(
            f"{path}: row {row + 2}: {CURVE_COLUMNS[column]} is {cells[place]!r}, not a number"
        ) from None
    numbers = flat.reshape(len(rows), len(CURVE_COLUMNS))
    highest = [HIGHEST.get(column, sys.float_info.max) for column in CURVE_COLUMNS]
    written = np.array([cell != "" for cell in cells], bool).reshape(numbers.shape)
    steps = numbers[:, :1]
    wrong = (numbers < 0) | (numbers > highest) | (np.isnan(numbers) & written)
    wrong[:, :1] |= np.isnan(steps) | (steps % 1 != 0)
    if wrong.any():
        index, column = np.argwhere(wrong)[0]
        raise BadRequest(f"{path}: row {index + 2}: {CURVE_COLUMNS[column]} can't be {rows[index][column]!r}")
    return pd.DataFrame(numbers, columns=list(CURVE_COLUMNS))


def check_curves(curves: pd.DataFrame, cells: Cells, path: Path) -> None:
    """Refuse a curve that goes back in time, or ends before its run was complete."""
    run, steps = cells["run"], curves["step"].to_numpy().astype("int64")
    back = np.flatnonzero(np.diff(steps) <= 0)
    if len(back):
        before, after = steps[back[0] : back[0] + 2]
        raise BadRequest(f"{path}: run {run}: step {after} comes after step {before}")
    end = steps[-1] if len(steps) else None
    if cells["status"] == COMPLETE and str(end) != cells["steps"]:
        reach = f"ends at step {end}" if end is not None else "has no rows"
        whole = f"run {run} is complete ({cells['steps'] or 'unknown'} steps)"
        raise BadRequest(f"{path}: truncated: {whole}, but the file {reach}")
