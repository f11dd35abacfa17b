"""Curves of the same networks that somebody else trained, to be shown beside ours: a CSV a network."""

import re
from pathlib import Path

import pandas as pd

from degradation.errors import BadRequest

REPRODUCTION_CSV = "reproduction.csv"  # of a report folder: drawn again from there
COLUMNS = ["source", "family", "depth", "epoch", "train_error", "test_error"]
NAME = re.compile(r"(plain|res)[a-z_-]*(\d+)$", re.IGNORECASE)
FAMILIES = {"plain": "plain", "res": "residual"}
FRACTIONS = {"train_err": "train_error", "test_err": "test_error"}


def none() -> pd.DataFrame:
    """Nobody's."""
    return pd.DataFrame(columns=COLUMNS)


def read(folder: Path, source: str) -> pd.DataFrame:
    """Read `plain<depth>.csv`, `resnet<depth>.csv` and the like.

    Each has a row an epoch, from the first: `epoch` from 0, and `train_err`, `test_err` as fractions, or
    `train_error`, `test_error` in percent.

    Args:
        source: whose they are, as a reader finds them.

    Returns:
        Columns `COLUMNS`: `epoch` counts the epochs that are done, errors are in percent.

    Raises:
        BadRequest: there are none, or one isn't of this form.
    """
    paths = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not paths:
        raise BadRequest(f"--beside {folder}: no CSV files there, such as plain20.csv and resnet20.csv")
    return pd.concat([_one(path, source) for path in paths], ignore_index=True)


def kept(folder: Path) -> pd.DataFrame:
    """What a report folder holds of it.

    Raises:
        BadRequest: the file is damaged.
    """
    path = folder / REPRODUCTION_CSV
    if not path.is_file():
        return none()
    try:
        frame = pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise BadRequest(f"{path}: damaged ({error})") from None
    return _checked(frame, path, COLUMNS)


def _one(path: Path, source: str) -> pd.DataFrame:
    name = NAME.search(path.stem)
    if name is None:
        raise BadRequest(f"{path}: its name should say the network, such as plain20.csv or resnet56.csv")
    try:
        frame = pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise BadRequest(f"{path}: not a CSV file that can be read ({error})") from None
    for fraction, percent in FRACTIONS.items():
        if fraction in frame:
            frame[percent] = 100 * frame[fraction]
    frame = _checked(frame, path, ["epoch", "train_error", "test_error"])
    frame = frame.assign(source=source, family=FAMILIES[name[1].lower()], depth=int(name[2]))
    frame["epoch"] += 1
    return frame[COLUMNS]


def _checked(frame: pd.DataFrame, path: Path, columns: list[str]) -> pd.DataFrame:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise BadRequest(f"{path}: no column {', '.join(missing)}")
    for column in ("epoch", "train_error", "test_error"):
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if numbers.isna().any() or numbers.min() < 0 or (column != "epoch" and numbers.max() > 100):
            raise BadRequest(f"{path}: {column} holds a cell that is no {column}")
        frame[column] = numbers
    return frame
