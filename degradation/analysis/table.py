"""The table: errors of each network over its seeds, with the paper's beside them."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from degradation.analysis.series import MEASURES, NETWORK, complete, config_value, ordered
from degradation.protocol import TEST_ERROR, TRAIN_ERROR_RUNNING, protocol
from degradation.runs.schema import TABLE_COLUMNS


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per (family, depth, variant) with complete runs; columns `schema.TABLE_COLUMNS`.

    Errors in percent. The std is the sample's (n - 1), NaN with one run. A mean is NaN where one of the
    runs did not measure it.
    """
    rows = []
    for (family, variant, depth), group in complete(runs).groupby(NETWORK):
        row: dict[str, Any] = {"family": family, "depth": int(depth), "variant": variant}
        row |= {key: group[key].iloc[0] for key in ("parameters", "multiply_adds")}
        row["runs"] = len(group)
        for measure in MEASURES:
            row[f"{measure}_mean"] = group[measure].mean(skipna=False)
            row[f"{measure}_std"] = group[measure].std(ddof=1, skipna=False) if len(group) > 1 else math.nan
        row["paper_test_error"] = _papers(group.iloc[0], TEST_ERROR, math.nan)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    whole = ("depth", "parameters", "multiply_adds", "runs")
    text = ("family", "variant")
    kinds = {c: "Int64" if c in whole else "str" if c in text else "float64" for c in TABLE_COLUMNS}
    return ordered(frame.astype(kinds))


def paper_running(runs: pd.DataFrame) -> dict[tuple[str, str, int], tuple[float, float]]:
    """The paper's running training error (lowest and highest reading) of the networks it was read off for.

    Keys: (family, variant, depth); values in percent.
    """
    first = complete(runs).drop_duplicates(NETWORK)
    found = {
        (row["family"], row["variant"], int(row["depth"])): _papers(row, TRAIN_ERROR_RUNNING, None)
        for _, row in first.iterrows()
    }
    return {network: readings for network, readings in found.items() if readings is not None}


def _papers(run: pd.Series, numbers: Mapping[tuple[str, int], Any], missing: Any) -> Any:
    """The paper's number, for the paper's data set and network alone."""
    network = (str(run["family"]), int(run["depth"]))
    for key, value in protocol(*network).items():
        same = config_value(str(run.get(f"config.{key}", ""))) == value
        if (key == "data.name" or key.startswith("model.")) and not same:
            return missing
    return numbers.get(network, missing)
