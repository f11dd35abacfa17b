"""Cells of CSV files: the same text wherever a value is read, and no folder of this machine in it."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from degradation.errors import BadRequest
from degradation.runs.schema import FINAL_COLUMNS, LOSS_COLUMNS, MORE_KEYS, NOT_FINITE, RUN_COLUMNS, STATUSES

INTEGERS = ("depth", "seed", "parameters", "multiply_adds", "step", "steps", "threads")
REALS = (*FINAL_COLUMNS, "seconds")
NEEDED = ("run", "experiment_name", "status", "family", "depth", "seed")  # may not be empty

Cells = dict[str, str]


def cell(value: Any, key: str) -> str:
    """A value of record.json as a cell; empty for null.

    Args:
        key: the column. Cells of `config.*` and `deterministic` are plain strings where those can't be
            mistaken, else JSON (`0.1`, `true`, `[0.5, 0.75]`).
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if key in RUN_COLUMNS and isinstance(value, str):
        return " ".join((_scrub(value) if key == "message" else value).split())
    if isinstance(value, str):
        value = Path(value).name if value.startswith(("/", "~")) else value
        return value if _plain(value) or not key.startswith("config.") else json.dumps(value)
    if isinstance(value, list):
        value = [int(one) if isinstance(one, float) and one.is_integer() else one for one in value]
    elif isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.0 and 1 are the same setting
    return json.dumps(value)


def _plain(text: str) -> bool:
    """Whether a string can stand in a cell as it is, not taken for JSON or for a missing value."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return text != "" and text.isprintable()
    return False


def _scrub(message: str) -> str:
    """Cut absolute paths down to their last part."""
    quoted = re.sub(r"""(['"])(?:/|~/|[A-Za-z]:\\)[^'"]*?([^'"/\\]*)[/\\]?\1""", r"\1\2\1", message)
    folders = (
        r"(?<![\w./\\])(?<!http:)(?<!https:)(?:~|[A-Za-z]:)?[/\\]+(?=\S)(?:[^\s'\":,;()/\\]+[/\\]+(?=\w))*"
    )
    return re.sub(folders, "", quoted)


def read_csv(path: Path, columns: Sequence[str], more: bool = False) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV that is whole and has the columns, and after them others only if `more`.

    Raises:
        BadRequest: it is missing, damaged, truncated, or has other columns.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadRequest(f"{path} is missing") from None
    except UnicodeDecodeError:
        raise BadRequest(f"{path}: damaged (not text)") from None
    if not text.strip():
        raise BadRequest(f"{path}: empty; move that run away or train it again")
    try:
        header, *rows = csv.reader(io.StringIO(text), strict=True)
    except csv.Error as error:
        raise BadRequest(f"{path}: damaged ({error})") from None
    lacking = [column for column in columns if column not in header]
    if lacking:
        raise BadRequest(f"{path}: lacks the column {', '.join(lacking)}")
    others = header[len(columns) :]
    if header != [*columns, *others] or len(set(header)) < len(header) or (others and not more):
        raise BadRequest(f"{path}: its columns should be {', '.join(columns)}")
    torn = next((number for number, row in enumerate(rows, 2) if len(row) != len(header)), None)
    if torn or not text.endswith("\n"):
        raise BadRequest(f"{path}: truncated (row {torn or len(rows) + 1} is not whole)")
    return header, rows


def check_cells(cells: Cells, path: Path) -> None:
    """Refuse a run's cells that training can't have written.

    Raises:
        BadRequest: names the file, the run, the key and what would be right.
    """
    where = f"{path}: run {cells['run']}"
    empty = [key for key in NEEDED if not cells[key]]
    if empty:
        raise BadRequest(f"{where} has no {', '.join(empty)}")
    if cells["status"] not in STATUSES:
        raise BadRequest(f"{where}: status {cells['status']} is not one of {', '.join(STATUSES)}")
    if re.search(r"[/\\]", cells["experiment_name"]) or cells["experiment_name"] in (".", ".."):
        raise BadRequest(f"{where}: experiment_name {cells['experiment_name']} can't name a folder")
    for keys, fits, kind in KINDS:
        for key in keys:
            if cells.get(key) and not fits(cells[key]):
                raise BadRequest(f"{where}: {key} is {cells[key]}, not {kind}")


def _whole(text: str) -> bool:
    """Whether it is a whole number that int64 holds."""
    return re.fullmatch(r"-?\d{1,19}", text) is not None and -(2**63) <= int(text) < 2**63


def real(text: str) -> bool:
    """Whether it is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _loss(text: str) -> bool:
    return text == NOT_FINITE or real(text)


def _steps(text: str) -> bool:
    """Whether it is a list of finite numbers, in JSON."""
    try:
        values = json.loads(text)
    except ValueError:
        return False
    return isinstance(values, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in values
    )


KINDS: tuple[tuple[Sequence[str], Callable[[str], bool], str], ...] = (
    ((*INTEGERS, "config.train.steps", "config.train.batch_size"), _whole, "a whole number"),
    ([key for key in REALS if key not in LOSS_COLUMNS], real, "a number"),
    (LOSS_COLUMNS, _loss, f"a number or {NOT_FINITE}"),
    (MORE_KEYS, real, "a number"),
    (("config.schedule.milestones",), _steps, "a list of steps"),
)
