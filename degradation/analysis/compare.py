"""Two sets of runs of the same networks: the second minus the first, paired by seed."""

import pandas as pd

from degradation.analysis.differences import POINTS, interval
from degradation.analysis.series import MEASURES, complete, config_value, identity_columns, ordered

NETWORK = ["family", "depth"]
COLUMNS = [*NETWORK, "measure", "first", "second", *POINTS]
GROWTH = ["family", "shallow", "deep", "measure", *POINTS]
HASHES = ("init_sha256", "data_sha256", "stream_sha256")


def paired(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """A row per network and seed that is complete in both; the second's columns end in `_second`.

    Where a set has no seeds (somebody else's curves), each run has its network's one of that set for a pair,
    and `by_seed` is False: their differences have a mean, but no spread that would say something of seeds.
    """
    first, second = complete(first), complete(second)
    by_seed = bool(first["seed"].notna().all() and second["seed"].notna().all())
    if by_seed:
        both = first.merge(second, on=[*NETWORK, "seed"], suffixes=("", "_second"))
    else:
        both = first.merge(second, on=NETWORK, suffixes=("", "_second"))
        both["seed"] = both["seed"].fillna(both["seed_second"]).fillna(0)
    return ordered(both.assign(by_seed=by_seed))


def differences(pairs: pd.DataFrame) -> pd.DataFrame:
    """The second minus the first of each network, over the seeds that both have.

    Args:
        pairs: what `paired` returns.

    Returns:
        A row per family, depth and measure: the means of both over these seeds (percent), and points, low,
        high, seeds, above (see `differences.interval`).
    """
    rows = []
    for network, own in pairs.groupby(NETWORK, sort=False):
        for measure in MEASURES:
            ours, theirs = own[measure], own[f"{measure}_second"]
            row = dict(zip(NETWORK, network, strict=True)) | {"measure": measure}
            spread = _interval(theirs - ours, own["by_seed"].all())
            rows.append(row | {"first": ours.mean(), "second": theirs.mean()} | spread)
    return pd.DataFrame(rows, columns=COLUMNS)


def growths(pairs: pd.DataFrame) -> pd.DataFrame:
    """By how much more errors grow with depth in the second than in the first, per family, paired by seed."""
    rows = []
    for family, own in pairs.groupby("family", sort=False):
        shallow, deep = own["depth"].min(), own["depth"].max()
        if shallow == deep:
            continue
        for measure in MEASURES:
            more = own.assign(more=own[f"{measure}_second"] - own[measure])
            by_seed = more.pivot(index="seed", columns="depth", values="more")
            row = {"family": family, "shallow": shallow, "deep": deep, "measure": measure}
            rows.append(row | _interval(by_seed[deep] - by_seed[shallow], own["by_seed"].all()))
    return pd.DataFrame(rows, columns=GROWTH)


def _interval(values: pd.Series, by_seed: bool) -> dict[str, float]:
    """Of differences that are paired by seed; else their mean alone, of no seeds."""
    return interval(list(values)) if by_seed else interval([values.mean()]) | {"seeds": 0, "above": 0}


def settings(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """The settings in which the sets differ: columns key, first, second (their values, as text)."""
    columns = dict.fromkeys([*identity_columns(first), *identity_columns(second)])
    rows = []
    for column in columns:
        values = [_values(runs, column) for runs in (first, second)]
        if values[0] != values[1]:
            rows.append((column.removeprefix("config."), *values))
    return pd.DataFrame(rows, columns=["key", "first", "second"])


def same(pairs: pd.DataFrame) -> dict[str, int]:
    """In how many pairs each hash was recorded and is the same."""
    return {
        kind: int((pairs[kind].ne("") & pairs[kind].eq(pairs[f"{kind}_second"])).sum()) for kind in HASHES
    }


def _values(runs: pd.DataFrame, column: str) -> str:
    if column not in runs:
        return ""
    cells = sorted(set(runs[column]), key=lambda cell: (str(type(config_value(cell))), cell))
    return ", ".join(cell or "none" for cell in cells)
