"""How the networks of an experiment stand, read off their run folders: from any shell, and afterwards."""

import csv
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from degradation.errors import BadRequest
from degradation.files import holder, read_json
from degradation.runs import schema
from degradation.runs.planned import read_plan
from degradation.sweeps.job import WAITING

STALLED, DEAD = "stalled", "dead"
SILENT = 60.0  # seconds without a word, from which a network counts as stalled: it speaks every half minute
ENDING = 10.0  # seconds that a process may take to write down how it ended
ENDED = (schema.COMPLETE, schema.FAILED, schema.INTERRUPTED, DEAD)
SPOKEN = (schema.PROGRESS, schema.LOG, schema.CURVES, schema.RECORD, schema.LAST)


@dataclass
class Seen:
    """One network as its run folder shows it; what isn't known is NaN.

    Attributes:
        state: `record.json`'s; `waiting`: it has no folder; `stalled`: its process has been silent for a
            minute; `dead`: its process is gone, and could not write it down.
        train_error, test_error: of the last evaluation, percent; the running training error where there is no
            clean one.
        curve: the running training error, percent, at each evaluation.
        seconds: of training so far.
        seconds_left, seconds_in_all: to its end, and from its start, as it says while it runs.
    """

    name: str
    state: str = WAITING
    message: str = ""
    step: float = math.nan
    steps: float = math.nan
    train_error: float = math.nan
    test_error: float = math.nan
    images_per_second: float = math.nan
    seconds: float = math.nan
    seconds_left: float = math.nan
    seconds_in_all: float = math.nan
    curve: list[float] = field(default_factory=list)


@dataclass
class Experiment:
    """The networks of one experiment, those that wait too, and when all will have ended."""

    name: str
    networks: list[Seen]
    seconds_left: float


def experiments(path: Path, now: float | None = None) -> list[Experiment]:
    """All experiments under a root of runs, or one.

    Args:
        now: seconds since 1970.

    Raises:
        BadRequest: there are no runs.
    """
    now = time.time() if now is None else now
    if not path.is_dir():
        raise BadRequest(f"no folder {path}: train first (scripts/train.py), or name a folder of runs")
    for folders in ([path], sorted(child for child in path.iterdir() if child.is_dir())):
        found = [experiment(folder, now) for folder in folders]
        found = [one for one in found if one.networks]
        if found:
            return found
    raise BadRequest(f"no runs under {path}: train first (scripts/train.py), or name a folder of runs")


def experiment(folder: Path, now: float) -> Experiment:
    """An experiment's networks in the order of their names."""
    plan = read_plan(folder)
    runs = {path.parent.name: path.parent for path in folder.glob(f"*/{schema.RECORD}")}
    names = sorted({*runs, *plan["networks"]}, key=_by_numbers)
    networks = [look(runs[name], now) if name in runs else Seen(name) for name in names]
    costs = [(one, _number(plan["networks"].get(one.name))) for one in networks]
    return Experiment(folder.name, networks, seconds_left(costs, int(plan["at_once"])))


def look(folder: Path, now: float) -> Seen:
    """One network's run folder."""
    try:
        record = read_json(folder / schema.RECORD)
    except (OSError, ValueError):
        return Seen(folder.name, DEAD, f"{schema.RECORD} can't be read")
    rows = _rows(folder / schema.CURVES)
    last = rows[-1] if rows else {}
    seen = Seen(
        folder.name,
        str(record.get("status")),
        str(record.get("message") or ""),
        step=_number(record.get("step")),
        steps=_number(record.get("steps")),
        train_error=_first(last, "train_error", "train_error_running"),
        test_error=_first(last, "test_error"),
        images_per_second=_first(last, "images_per_second"),
        seconds=_number(record.get("seconds")),
        curve=[error for row in rows if not math.isnan(error := _first(row, "train_error_running"))],
    )
    if seen.state == schema.RUNNING:
        _running(folder, seen, now)
    return seen


def _running(folder: Path, seen: Seen, now: float) -> None:
    """What its progress says, and whether it is as alive as its record says."""
    try:
        progress = read_json(folder / schema.PROGRESS)
    except (OSError, ValueError):
        progress = {}
    if _number(progress.get("step")) >= seen.step:  # else a checkpoint is newer
        since = now - _number(progress.get("time"))
        seen.step = _number(progress.get("step"))
        seen.images_per_second = _number(progress.get("images_per_second"))
        seen.seconds_left = max(_number(progress.get("seconds_left")) - since, 0.0)
        seen.seconds_in_all = _number(progress.get("seconds_in_all"))
    silent = now - max(_written(folder / name) for name in SPOKEN)
    lock = folder / schema.LOCK
    ours = not lock.exists() or os.access(lock, os.W_OK)  # else who holds it can't be known
    if ours and holder(lock) is None and silent > ENDING:
        seen.state, seen.message = DEAD, "its process is gone; the same command goes on"
    elif silent > SILENT:
        seen.state, seen.message = STALLED, f"its process has said nothing for {silent:.0f} s"
    if seen.state != schema.RUNNING:
        seen.seconds_left = math.nan


def seconds_left(networks: Sequence[tuple[Seen, float]], at_once: int) -> float:
    """Until the last network has ended, if all go on as those that were timed; NaN where none was.

    Args:
        networks: each with its cost: what it takes, relative to the others. NaN where not known.
        at_once: how many train at a time.
    """
    paces = [(cost, pace) for one, cost in networks if not math.isnan(pace := _seconds(one) / cost)]
    left = []
    for one, cost in networks:
        if one.state == schema.RUNNING and not math.isnan(one.seconds_left):
            left.append(one.seconds_left)
        elif one.state in (schema.RUNNING, WAITING):
            left.append(cost * (1 - _share(one)) * _nearest(cost, paces))
    return max([sum(left) / max(at_once, 1), *left]) if left else 0.0


def _share(seen: Seen) -> float:
    """How much of a network is done, from 0 to 1."""
    if math.isnan(seen.step) or not seen.steps > 0:  # an adopted network has taken none of none
        return 0.0
    return seen.step / seen.steps


def _seconds(seen: Seen) -> float:
    """What a network takes from start to end, as it says or from what it took so far."""
    if not math.isnan(seen.seconds_in_all):
        return seen.seconds_in_all
    share = _share(seen)
    return seen.seconds / share if share > 0 and seen.seconds > 0 else math.nan


def _nearest(cost: float, paces: Sequence[tuple[float, float]]) -> float:
    """The mean pace of those that are nearest in cost: small networks are slower than their cost says."""
    if math.isnan(cost) or not paces:
        return math.nan
    nearest = min(abs(other - cost) for other, _ in paces)
    return fmean(pace for other, pace in paces if abs(other - cost) == nearest)


def _written(path: Path) -> float:
    """When a file was written, in seconds since 1970; 0 where it isn't there, or no longer."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, ValueError):
        return []


def _first(row: dict[str, str], *columns: str) -> float:
    """The first of the columns that was measured."""
    values = (_number(row.get(column)) for column in columns)
    return next((value for value in values if not math.isnan(value)), math.nan)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """plain-20 before plain-110."""
    parts = name.replace("-seed", "-").split("-")
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
