"""Run folders and report folders -> checked tables: one row per run, one row per evaluation.

Both kinds of folder are brought to the same text cells first, so a report that is drawn again from its own
runs.csv is the same report.
"""

import math
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from degradation.cells import cell, read_csv
from degradation.errors import BadRequest
from degradation.files import read_json
from degradation.schema import (
    COMPLETE,
    CONFIG,
    CURVE_COLUMNS,
    CURVES,
    FINAL_COLUMNS,
    LAST,
    MORE_KEYS,
    PREVIOUS,
    RECORD,
    RECORD_KEYS,
    RUN_COLUMNS,
    STATUSES,
)

RUNS_CSV, CURVES_CSV = "runs.csv", "curves.csv"  # of a report folder
INTEGERS = ("depth", "seed", "parameters", "multiply_adds", "step", "steps", "threads")
REALS = (*FINAL_COLUMNS, "seconds")
NEEDED = ("run", "experiment_name", "status", "family", "depth", "seed")  # may not be empty
LOCAL = frozenset({"config.runs", "config.data.root"})  # folders of one machine: never in a report

Cells = dict[str, str]


@dataclass(frozen=True)
class Experiment:
    """The runs of one experiment.

    Attributes:
        name: the experiment's folder.
        runs: a row per run: `RUN_COLUMNS`, then `config.*` and `versions.*`. Whole numbers are Int64, errors
            (percent) and seconds float64, all else text; missing is NA, NaN or "".
        curves: a row per evaluation: `run`, then `schema.CURVE_COLUMNS`; not measured is NaN.
    """

    name: str
    runs: pd.DataFrame
    curves: pd.DataFrame


def load(paths: Sequence[Path]) -> list[Experiment]:
    """Read everything under the paths: roots of runs, experiments, single runs, or report folders.

    Experiments of the same name (seeds trained on two machines) become one.

    Raises:
        BadRequest: nothing is there, a file is damaged, or one run is there twice; names it.
    """
    folders = {folder.resolve(): folder for path in paths for folder in _find(path)}
    rows: dict[str, list[tuple[Path, Cells]]] = {}
    curves: dict[str, list[pd.DataFrame]] = {}
    for folder in folders.values():
        cells, table = _read_report(folder) if _is_report(folder) else _read_run(folder)
        name = cells[0]["experiment_name"]
        rows.setdefault(name, []).extend((folder, row) for row in cells)
        curves.setdefault(name, []).append(table)
    return [_experiment(name, rows[name], curves[name]) for name in sorted(rows)]


def _find(path: Path) -> list[Path]:
    """The run and report folders that a path stands for; hidden ones were moved aside and don't count."""
    if not path.exists():
        raise BadRequest(f"no folder {path}: train first (scripts/train.py), or name a folder of runs")
    if not path.is_dir():
        raise BadRequest(f"{path} is a file: name a run's, an experiment's or a report's folder")
    if _is_report(path) or _is_run(path):
        return [path]
    children = _folders(path)
    found = [child for child in children if _is_report(child) or _is_run(child)]
    if not any(_is_run(child) for child in found):
        found += [run for child in children for run in _folders(child) if _is_run(run)]
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


def _read_run(folder: Path) -> tuple[list[Cells], pd.DataFrame]:
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
    cells |= {key: cell(record[key], key) for key in MORE_KEYS if record.get(key) is not None}
    # The folders are what the user sees and may have renamed, so they decide.
    whole = Path(os.path.abspath(folder))
    run, experiment = whole.name, whole.parent.name
    cells |= {"run": run, "experiment_name": experiment}
    for table in ("config", "versions"):
        if not isinstance(record[table], Mapping | None):
            raise BadRequest(f"{path}: {table} is not a table; move that run away or train it again")
        for key, value in (record[table] or {}).items():
            cells[f"{table}.{key}"] = cell(value, f"{table}.{key}")
    _check_cells(cells, path)
    curves_path = folder / CURVES
    if not curves_path.exists() and cells["status"] != COMPLETE:
        rows: list[list[str]] = []  # it ended before its first evaluation
    else:
        rows = read_csv(curves_path, CURVE_COLUMNS)[1]
    curves = _curves(rows, curves_path)
    curves.insert(0, "run", run)
    _check_curves(curves, [cells], curves_path)
    return [{key: cell for key, cell in cells.items() if key not in LOCAL}], curves


def _read_report(folder: Path) -> tuple[list[Cells], pd.DataFrame]:
    path = folder / RUNS_CSV
    header, rows = read_csv(path, RUN_COLUMNS, more=True)
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    for row in cells:
        _check_cells(row, path)
    if not cells or len({row["experiment_name"] for row in cells}) > 1:
        raise BadRequest(f"{path}: a report is of one experiment, this one names {len(cells) and 'several'}")
    curves_path = folder / CURVES_CSV
    header, rows = read_csv(curves_path, ("run", *CURVE_COLUMNS))
    curves = _curves([row[1:] for row in rows], curves_path)
    curves.insert(0, "run", np.array([row[0] for row in rows], dtype=object))
    _check_curves(curves, cells, curves_path)
    return cells, curves


def _check_cells(cells: Cells, path: Path) -> None:
    where = f"{path}: run {cells['run']}"
    empty = [key for key in NEEDED if not cells[key]]
    if empty:
        raise BadRequest(f"{where} has no {', '.join(empty)}")
    if cells["status"] not in STATUSES:
        raise BadRequest(f"{where}: status {cells['status']} is not one of {', '.join(STATUSES)}")
    if re.search(r"[/\\]", cells["experiment_name"]) or cells["experiment_name"] in (".", ".."):
        raise BadRequest(f"{where}: experiment_name {cells['experiment_name']} can't name a folder")
    for keys, pattern, kind in ((INTEGERS, r"-?\d+", "a whole number"), (REALS, None, "a number")):
        for key in keys:
            if cells[key] and not (re.fullmatch(pattern, cells[key]) if pattern else _real(cells[key])):
                raise BadRequest(f"{where}: {key} is {cells[key]}, not {kind}")


def _real(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _curves(rows: list[list[str]], path: Path) -> pd.DataFrame:
    """Rows of text -> float64 columns; an empty cell is NaN."""
    numbers = np.full((len(rows), len(CURVE_COLUMNS)), math.nan)
    for index, row in enumerate(rows):
        try:
            numbers[index] = [float(cell) if cell else math.nan for cell in row]
        except ValueError:
            bad = next(pair for pair in zip(CURVE_COLUMNS, row, strict=True) if not _real(pair[1] or "0"))
            raise BadRequest(f"{path}: row {index + 2}: {bad[0]} is {bad[1]!r}, not a number") from None
    highest = [100.0 if "error" in column else sys.float_info.max for column in CURVE_COLUMNS]
    steps = numbers[:, :1]
    wrong = (numbers < 0) | (numbers > highest)
    wrong[:, :1] |= np.isnan(steps) | (steps % 1 != 0)
    if wrong.any():
        index, column = np.argwhere(wrong)[0]
        raise BadRequest(f"{path}: row {index + 2}: {CURVE_COLUMNS[column]} can't be {rows[index][column]!r}")
    return pd.DataFrame(numbers, columns=list(CURVE_COLUMNS))


def _check_curves(curves: pd.DataFrame, cells: list[Cells], path: Path) -> None:
    """Refuse curves that go back in time, belong to no run, or end before their run was complete."""
    ends: dict[str, int] = {}
    for run, step in zip(curves["run"], curves["step"], strict=True):
        if step <= ends.get(run, -1):
            raise BadRequest(f"{path}: run {run}: step {step:.0f} comes after step {ends[run]}")
        ends[run] = int(step)
    for row in cells:
        end = ends.pop(row["run"], None)
        if row["status"] == COMPLETE and str(end) != row["steps"]:
            reach = f"ends at step {end}" if end is not None else "has no rows"
            whole = f"run {row['run']} is complete ({row['steps'] or 'unknown'} steps)"
            raise BadRequest(f"{path}: truncated: {whole}, but the file {reach}")
    if ends:
        raise BadRequest(f"{path}: rows of {', '.join(ends)}, which {RUNS_CSV} does not have")


def _experiment(name: str, found: list[tuple[Path, Cells]], tables: list[pd.DataFrame]) -> Experiment:
    seen: dict[tuple[str, ...], Path] = {}
    for folder, row in found:
        key = tuple(row[column] for column in ("family", "depth", "variant", "seed"))
        if key in seen:
            both = f"{seen[key]} and {folder}"
            raise BadRequest(f"{both} hold the same network and seed ({row['run']}): leave one of them out")
        seen[key] = folder
    rows = [row for _, row in found]
    extra = sorted({key for row in rows for key in row} - set(RUN_COLUMNS))
    columns = [*RUN_COLUMNS, *extra]
    runs = pd.DataFrame([[row.get(c, "") for c in columns] for row in rows], columns=columns, dtype="str")
    for column in INTEGERS:
        runs[column] = pd.array([int(cell) if cell else None for cell in runs[column]], dtype="Int64")
    for column in REALS:
        runs[column] = [float(cell) if cell else math.nan for cell in runs[column]]
    runs = runs.sort_values(["family", "depth", "variant", "seed"], ignore_index=True)
    curves = pd.concat(tables, ignore_index=True).astype({"run": "str", "step": "int64"})
    place = curves["run"].map({run: index for index, run in enumerate(runs["run"])})
    order = np.lexsort((curves["step"].to_numpy(), place.to_numpy()))
    return Experiment(name, runs, curves.iloc[order].reset_index(drop=True))
