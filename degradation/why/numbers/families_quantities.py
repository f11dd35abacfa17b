"""The tables of `columns.py` and `reuse.py` -> a few numbers a network (no torch), as in `quantities.py`."""

import numpy as np
import pandas as pd

from degradation.why.numbers.quantities import each

ALL = "all"  # as `columns.py` and `reuse.py` call them
SAID = {"running": "BN's running statistics", "again": "BN measured again"}
LAYER, TRANSITION, LINEAR = "layer", "transition", "linear"


def columns(table: pd.DataFrame) -> pd.DataFrame:
    """The errors at the end, of each column by its layers; and whether deeper, and all, is better."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        own = own[own["step"] == own["step"].max()]
        alone = own[own["column"] != ALL].sort_values("layers")
        found = {
            f"{what} error, column of {row['layers']} layers alone (%)": row[f"{what}_error"]
            for what in ("training", "test")
            for _, row in alone.rename(columns={"train_error": "training_error"}).iterrows()
        }
        joined = own[own["column"] == ALL]
        if joined.empty:  # a plain twin, which has one column
            return found
        together = float(joined["test_error"].iloc[0])
        errors = alone["test_error"].to_numpy(float)
        rises = np.diff(errors)
        return found | {
            "training error, all columns (%)": float(joined["train_error"].iloc[0]),
            "test error, all columns (%)": together,
            "test error, deepest column minus shallowest (points)": errors[-1] - errors[0],
            "largest rise of the test error from a column to the next (points)": float(rises.max())
            if len(rises)
            else np.nan,
            "test error, all columns minus the best alone (points)": together - errors.min(),
        }

    return each(table.assign(state=table["bn"].map(SAID)), of)


def reuse(table: pd.DataFrame) -> pd.DataFrame:
    """The paper's four observations, each as a ratio that initial values have near 1."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        layers = own.groupby("block")["target"].transform("max") - 1
        early = own["source"] <= layers / 2
        inner = own["kind"] == LAYER
        given = own["source"] == 0
        return {
            "layers: weight on the one right before over that on all others": _ratio(
                own[inner & (own["target"] > 1)], own["source"] == own["target"] - 1
            ),
            "layers of a block's second half: weight on its first half over that on its second": _ratio(
                own[inner & (own["target"] > layers / 2)], early
            ),
            "transitions: weight on the block's first half over that on its second": _ratio(
                own[own["kind"] == TRANSITION], early
            ),
            "layers: weight on what blocks from the second on are given, over that on all others": _ratio(
                own[inner & (own["block"] > 1) & (own["target"] > 1)], given
            ),
            "linear layer: weight on the block's second half over that on its first": _ratio(
                own[own["kind"] == LINEAR], ~early
            ),
        }

    return each(table, of)


def _ratio(rows: pd.DataFrame, which: pd.Series) -> float:
    """Mean weight of some sources over that of the others: the mean over the targets."""
    means = rows.assign(which=which).groupby(["block", "target", "which"])["weight"].mean().unstack("which")
    return float((means[True] / means[False]).mean()) if {True, False} <= set(means) else float("nan")
