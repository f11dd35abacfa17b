"""Whether a prediction holds, by a row of summary.csv (no torch)."""

import math

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.why.verdict.explanation import Prediction

HOLDS, AGAINST, OPEN, FEW = "yes", "**no, the opposite**", "can't be told from noise", "too few seeds"
ZERO = "**no**: exactly zero in every seed"


def chosen(prediction: Prediction, summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary that a prediction speaks of, of networks with the experiment's own settings; the
    deepest network's first."""
    same = summary["value"].notna() & (summary["variant"] == "")
    for column in ("analysis", "quantity", "kind", "state", "family"):
        same &= summary[column] == getattr(prediction, column)
    return summary[same].sort_values("depth", ascending=False)


def holds(prediction: Prediction, row: pd.Series) -> str:
    """By the interval, where there are seeds enough for one. A number that is exactly zero in every seed,
    with an interval of no width, is neither above nor below."""
    if row["seeds"] < ENOUGH_SEEDS or math.isnan(row["low"]):
        return FEW
    if row["low"] == row["high"] == 0 and not prediction.margin:
        return ZERO
    low, high = sorted(prediction.sign * (row[end] - prediction.margin) for end in ("low", "high"))
    return HOLDS if low > 0 else AGAINST if high < 0 else OPEN
