"""Cells of CSV files: the same text wherever a value is read, and no folder of this machine in it."""

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from degradation.errors import BadRequest
from degradation.schema import RUN_COLUMNS


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
