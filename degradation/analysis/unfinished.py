"""The runs that the table does not hold: unfinished, failed, and missing ones."""

import re
from collections.abc import Collection, Iterator
from itertools import product

import pandas as pd

from degradation.analysis.series import ordered, plain_twin
from degradation.runs.schema import COMPLETE

MISSING = "missing"
COLUMNS = ["run", "family", "variant", "depth", "seed", "status", "step", "steps", "message"]
RUN = re.compile(r"([a-z][a-z0-9_]*)-(\d+)(?:-(.+))?-seed(\d+)")  # see `Request.name`
Place = tuple[str, str, int, int]  # family, variant, depth, seed


def unfinished(runs: pd.DataFrame, planned: Collection[str] = ()) -> pd.DataFrame:
    """A row per run that is not complete, and per run that is missing.

    Missing is what is planned and absent; where the names of all planned runs aren't given, a (family, depth,
    seed) that is absent from the grid which the other runs of its variant and of its family and plain twin
    span. Columns: run (empty if missing), family, variant, depth, seed, status, step, steps, message.
    """
    there = runs[runs["status"] != COMPLETE][COLUMNS]
    missing = _planned(runs, planned) if planned else _spanned(runs)
    said = {"run": "", "status": MISSING, "message": "never started, or moved away"}
    rows = [dict(zip(COLUMNS[1:5], place, strict=True)) | said for place in missing]
    absent = pd.DataFrame(rows, columns=COLUMNS).astype(there.dtypes.to_dict())
    return ordered(pd.concat([there, absent], ignore_index=True) if len(absent) else there)


def _planned(runs: pd.DataFrame, planned: Collection[str]) -> Iterator[Place]:
    for name in sorted(set(planned) - set(runs["run"])):
        found = RUN.fullmatch(name)
        if found:
            family, depth, keys, seed = found.groups(default="")
            yield family, ",".join(re.split(r"-(?=[a-z_.]+=)", keys)), int(depth), int(seed)


def _spanned(runs: pd.DataFrame) -> Iterator[Place]:
    # A family and its plain twin share their depths; another family has its own.
    twins = [plain_twin(family) or family for family in runs["family"]]
    for (variant, _), group in runs.groupby(["variant", pd.Series(twins, index=runs.index, dtype="str")]):
        present = set(zip(group["family"], group["depth"], group["seed"], strict=True))
        for family, depth, seed in product(*(group[key].unique() for key in ("family", "depth", "seed"))):
            if (family, depth, seed) not in present:
                yield family, str(variant), depth, seed
