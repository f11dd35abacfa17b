"""Run folders and report folders -> checked tables: one row per run, one row per evaluation."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from degradation.errors import BadRequest
from degradation.runs import others, reproduction
from degradation.runs.cells import INTEGERS, REALS, Cells, real
from degradation.runs.planned import read_plan
from degradation.runs.read import CURVES_CSV, RUNS_CSV, Found, find, read
from degradation.runs.schema import COMPLETE, FINAL_COLUMNS, RUN_COLUMNS

__all__ = ["CURVES_CSV", "RUNS_CSV", "Experiment", "load"]
NETWORK = ("family", "depth", "variant", "seed")  # what makes a run of an experiment the one that it is
RESULTS = (*NETWORK, *FINAL_COLUMNS, "steps", "init_sha256", "data_sha256", "stream_sha256", "precision")


@dataclass(frozen=True)
class Experiment:
    """The runs of one experiment.

    Attributes:
        name: the experiment's folder.
        runs: a row per run: `RUN_COLUMNS`, then `config.*` and `versions.*`. Whole numbers are Int64, errors
            (percent) and seconds float64, all else text; missing is NA, NaN or "".
        curves: a row per evaluation: `run`, then `schema.CURVE_COLUMNS`; not measured is NaN, not finite inf.
        beside: curves of somebody else that the report shows: `reproduction.COLUMNS`, most often no rows.
        planned: names of the runs that its sweeps set out to make; empty where that isn't known of all.
    """

    name: str
    runs: pd.DataFrame
    curves: pd.DataFrame
    beside: pd.DataFrame = field(default_factory=reproduction.none)
    planned: frozenset[str] = frozenset()


def load(paths: Sequence[Path]) -> list[Experiment]:
    """Read everything under the paths: roots of runs, experiments, single runs, or report folders.

    Experiments of the same name (seeds trained on two machines) become one. A run that a report holds and
    whose folder is there too counts once.

    Raises:
        BadRequest: nothing is there, a file is damaged, or one run is there twice; names it.
    """
    folders = {folder.resolve(): folder for path in paths for folder in find(path)}
    found: dict[str, list[Found]] = {}
    for folder in folders.values():
        for one in read(folder):
            found.setdefault(one.cells["experiment_name"], []).append(one)
    return [
        _experiment(name, _once(found[name]), _beside(found[name]), _planned(found[name], paths))
        for name in sorted(found)
    ]


def load_others(path: Path) -> Experiment:
    """Read a CSV of somebody else's curves: see `others.read`. Seeds are missing where it has none."""
    return _experiment(path.stem, others.read(path), reproduction.none(), frozenset())


def _beside(found: Sequence[Found]) -> pd.DataFrame:
    """What the first of the reports shows of somebody else."""
    folders = dict.fromkeys(one.folder for one in found if one.report)
    reports = (reproduction.kept(folder) for folder in folders)
    return next((frame for frame in reports if len(frame)), reproduction.none())


def _planned(found: Sequence[Found], named: Collection[Path]) -> frozenset[str]:
    """The names of all runs in the plans beside them. Of a run that is named itself no other is missing."""
    beside = [
        one.folder if one.report else one.folder.parent
        for one in found
        if one.report or one.folder not in named
    ]
    return frozenset(name for folder in dict.fromkeys(beside) for name in read_plan(folder)["networks"])


def _once(found: Sequence[Found]) -> list[Found]:
    """Each run once: of a run in a report and in its own folder the one that got further, the folder if both
    did.

    Raises:
        BadRequest: two folders hold the same network and seed, or two networks have one name.
    """
    kept: dict[tuple[str, ...], Found] = {}
    for one in sorted(found, key=lambda one: one.report):  # run folders first
        network = tuple(one.cells[column] for column in NETWORK)
        before = kept.get(network)
        if before is None:
            kept[network] = one
            continue
        if one.report == before.report or one.cells["run"] != before.cells["run"] or _disagree(one, before):
            both = f"{before.folder} and {one.folder}"
            raise BadRequest(
                f"{both} hold the same network and seed ({one.cells['run']}): leave one of them out"
            )
        if _reached(one.cells) > _reached(before.cells):
            kept[network] = one
    names: dict[str, Found] = {}
    for one in kept.values():
        other = names.setdefault(one.cells["run"], one)
        if other is not one:
            both = f"{other.folder} and {one.folder}"
            raise BadRequest(f"{both} are two networks of one name ({one.cells['run']}): rename one of them")
    return list(kept.values())


def _disagree(one: Found, other: Found) -> bool:
    """Whether both are complete, and not the same result."""
    both = one.cells["status"] == other.cells["status"] == COMPLETE
    return both and any(_value(one.cells[key]) != _value(other.cells[key]) for key in RESULTS)


def _value(text: str) -> float | str:
    """A number where it is one: a report writes 9.0 where a record has 9."""
    return float(text) if real(text) else text


def _reached(cells: Cells) -> tuple[bool, int]:
    return cells["status"] == COMPLETE, int(cells["step"] or 0)


def _experiment(
    name: str, found: Sequence[Found], beside: pd.DataFrame, planned: frozenset[str]
) -> Experiment:
    rows = [one.cells for one in found]
    extra = sorted({key for row in rows for key in row} - set(RUN_COLUMNS))
    columns = [*RUN_COLUMNS, *extra]
    runs = pd.DataFrame([[row.get(c, "") for c in columns] for row in rows], columns=columns, dtype="str")
    for column in INTEGERS:
        runs[column] = pd.array([int(cell) if cell else None for cell in runs[column]], dtype="Int64")
    for column in REALS:
        runs[column] = [float(cell) if cell else math.nan for cell in runs[column]]
    runs = runs.sort_values(list(NETWORK), ignore_index=True)
    curves = pd.concat([one.curves for one in found], ignore_index=True).astype({"step": "int64"})
    named = np.repeat([one.cells["run"] for one in found], [len(one.curves) for one in found])
    curves.insert(0, "run", pd.Series(named, dtype="str"))
    place = curves["run"].map({run: index for index, run in enumerate(runs["run"])})
    order = np.lexsort((curves["step"].to_numpy(), place.to_numpy()))
    known = planned if planned.issuperset(runs["run"]) else frozenset()
    return Experiment(name, runs, curves.iloc[order].reset_index(drop=True), beside, known)
