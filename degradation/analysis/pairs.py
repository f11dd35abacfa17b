"""For which families leaving the shortcut out degrades training: a row a network and its plain twin."""

import pandas as pd

from degradation.analysis.series import NETWORK, SERIES
from degradation.analysis.verdict import ENOUGH_SEEDS, POINTS, TWIN, excess, gap

MANY = 3  # pairs, from which a report tells of them in a table
CLEAR = 1.0  # points that count as degradation where there are too few seeds for an interval
ENDS = [f"{who}_{end}" for who in ("twin", "network") for end in ("shallow", "deep")]
COLUMNS = [*SERIES, *TWIN, "shallow", "deep", *ENDS, *POINTS, "answer"]
YES, NO, LESS, UNSURE = "yes", "no", "no, the twin's grows less", "not beyond noise"


def pairs(runs: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """How much more depth costs the plain twin than the network, in clean training error.

    Args:
        runs: the checked runs.
        table: what `table.table` makes of them.

    Returns:
        A row per (family, variant) with a twin at two depths at least: family, variant, twin, twin_variant,
        shallow, deep (depths), the mean errors there in percent (`twin_shallow` to `network_deep`), points,
        low, high, seeds (see `verdict.interval`), and answer: does leaving the shortcut out degrade training?
    """
    means = table.set_index(NETWORK)["train_error_mean"]
    twins = gap(runs).drop_duplicates(SERIES).set_index(SERIES)[TWIN]
    more = excess(runs)
    rows = []
    for _, row in more[(more["measure"] == "train_error") & more["points"].notna()].iterrows():
        network = (row["family"], row["variant"])
        twin = tuple(twins.loc[network])
        ends = {
            f"{who}_{end}": means.get((*which, row[end]))
            for who, which in (("network", network), ("twin", twin))
            for end in ("shallow", "deep")
        }
        named = dict(zip(TWIN, twin, strict=True))
        rows.append({**row[[*SERIES, "shallow", "deep", *POINTS]], **named, **ends, "answer": answer(row)})
    return pd.DataFrame(rows, columns=COLUMNS)


def answer(row: pd.Series) -> str:
    """Whether the twin's training error grows by more: by the interval, or without one from `CLEAR` on."""
    if row["seeds"] >= ENOUGH_SEEDS:
        return YES if row["low"] > 0 else LESS if row["high"] < 0 else UNSURE
    return YES if row["points"] >= CLEAR else LESS if row["points"] <= -CLEAR else NO
