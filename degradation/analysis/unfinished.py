"""The runs that the table does not hold: unfinished, failed, and missing ones."""

from itertools import product

import pandas as pd

from degradation.analysis.series import ordered, plain_twin
from degradation.runs.schema import COMPLETE

MISSING = "missing"
COLUMNS = ["run", "family", "variant", "depth", "seed", "status", "step", "steps", "message"]


def unfinished(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per run that is not complete, and per run that is missing.

    Missing is a (family, depth, seed) that is absent from the grid which the other runs of its variant and
    of its family and plain twin span.
    Columns: run (empty if missing), family, variant, depth, seed, status, step, steps, message.
    """
    there = runs[runs["status"] != COMPLETE][COLUMNS]
    absent = pd.DataFrame(_missing(runs), columns=COLUMNS).astype(there.dtypes.to_dict())
    return ordered(pd.concat([there, absent], ignore_index=True) if len(absent) else there)


def _missing(runs: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    # A family and its plain twin share their depths; another family has its own.
    twins = [plain_twin(family) or family for family in runs["family"]]
    for (variant, _), group in runs.groupby(["variant", pd.Series(twins, index=runs.index, dtype="str")]):
        present = set(zip(group["family"], group["depth"], group["seed"], strict=True))
        for network in product(*(group[key].unique() for key in ("family", "depth", "seed"))):
            if network not in present:
                row: dict[str, object] = dict(zip(("family", "depth", "seed"), network, strict=True))
                message = "never started, or moved away"
                rows.append(row | {"run": "", "variant": variant, "status": MISSING, "message": message})
    return rows
