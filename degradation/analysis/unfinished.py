"""The runs that the table does not hold: unfinished, failed, and missing ones."""

from collections.abc import Collection, Sequence
from itertools import product

import pandas as pd

from degradation.analysis.series import ordered, plain_twin
from degradation.runs.schema import COMPLETE

MISSING = "missing"
COLUMNS = ["run", "family", "variant", "depth", "seed", "status", "step", "steps", "message"]


def unfinished(runs: pd.DataFrame, planned: Collection[str] = ()) -> pd.DataFrame:
    """A row per run that is not complete, and per run that is missing.

    Missing is a (family, depth, seed) that is absent from the grid which the other runs of its variant and
    of its family and plain twin span, and that is planned, where the names of all planned runs are given.
    Columns: run (empty if missing), family, variant, depth, seed, status, step, steps, message.
    """
    there = runs[runs["status"] != COMPLETE][COLUMNS]
    absent = pd.DataFrame(_missing(runs, planned), columns=COLUMNS).astype(there.dtypes.to_dict())
    return ordered(pd.concat([there, absent], ignore_index=True) if len(absent) else there)


def _missing(runs: pd.DataFrame, planned: Collection[str]) -> list[dict[str, object]]:
    rows = []
    # A family and its plain twin share their depths; another family has its own.
    twins = [plain_twin(family) or family for family in runs["family"]]
    for (variant, _), group in runs.groupby(["variant", pd.Series(twins, index=runs.index, dtype="str")]):
        present = set(zip(group["family"], group["depth"], group["seed"], strict=True))
        for network in product(*(group[key].unique() for key in ("family", "depth", "seed"))):
            if network not in present and (not planned or _named(network, planned)):
                row: dict[str, object] = dict(zip(("family", "depth", "seed"), network, strict=True))
                message = "never started, or moved away"
                rows.append(row | {"run": "", "variant": variant, "status": MISSING, "message": message})
    return rows


def _named(network: Sequence[object], planned: Collection[str]) -> bool:
    """Whether one of the names is of this family, depth and seed, of whatever variant."""
    family, depth, seed = network
    return any(name.startswith(f"{family}-{depth}-") and name.endswith(f"-seed{seed}") for name in planned)
