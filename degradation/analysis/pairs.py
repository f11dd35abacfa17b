"""For which families leaving the shortcut out degrades training: a row a network and its plain twin."""

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS, POINTS, TWIN, interval
from degradation.analysis.series import SERIES, complete, ordered, with_twins

MANY = 3  # pairs, from which a report tells of them in a table
CLEAR = 1.0  # points that count as degradation where there are too few seeds for an interval
ENDS = [f"{who}_{end}" for who in ("twin", "network") for end in ("shallow", "deep")]
COLUMNS = [*SERIES, *TWIN, "shallow", "deep", *ENDS, *POINTS, "answer"]
YES, NO, LESS, UNSURE = "yes", "no", "no, the twin's grows less", "not beyond noise"


def pairs(runs: pd.DataFrame) -> pd.DataFrame:
    """How much more depth costs the plain twin than the network, in clean training error.

    Args:
        runs: the checked runs.

    Returns:
        A row per (family, variant) with a twin at two depths at least: family, variant, twin, twin_variant,
        shallow, deep (depths), the mean errors there in percent (`twin_shallow` to `network_deep`), points,
        low, high, seeds (see `differences.interval`), and answer: does leaving the shortcut out degrade
        training?
        All numbers are over the same seeds: those of which network and twin are complete at both depths.
    """
    rows = []
    for key, found in with_twins(complete(runs)).groupby(
        [*SERIES, "family_twin", "variant_twin"], sort=False
    ):
        shallow, deep = found["depth"].min(), found["depth"].max()
        by_seed = found.pivot(index="seed", columns="depth", values=["train_error_twin", "train_error"])
        ends = pd.DataFrame(
            {
                f"{who}_{end}": by_seed[measure, depth]
                for who, measure in (("twin", "train_error_twin"), ("network", "train_error"))
                for end, depth in (("shallow", shallow), ("deep", deep))
            }
        ).dropna()
        if shallow == deep or ends.empty:
            continue
        row = {**dict(zip([*SERIES, *TWIN], key, strict=True)), "shallow": shallow, "deep": deep}
        row |= ends.mean().to_dict()
        grown = (ends["twin_deep"] - ends["twin_shallow"]) - (ends["network_deep"] - ends["network_shallow"])
        row |= interval(list(grown))
        rows.append(row | {"answer": answer(pd.Series(row))})
    return ordered(pd.DataFrame(rows, columns=COLUMNS).assign(depth=0)).drop(columns="depth")


def answer(row: pd.Series) -> str:
    """Whether the twin's training error grows by more: by the interval, or without one from `CLEAR` on."""
    if row["seeds"] >= ENOUGH_SEEDS:
        return YES if row["low"] > 0 else LESS if row["high"] < 0 else UNSURE
    return YES if row["points"] >= CLEAR else LESS if row["points"] <= -CLEAR else NO
