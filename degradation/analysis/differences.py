"""By how many points errors grow with depth, and by how many plain networks lie above the others."""

import math
from collections.abc import Sequence

import pandas as pd
from scipy.special import stdtrit

from degradation.analysis.series import MEASURES, NETWORK, SERIES, complete, ordered, with_twins
from degradation.runs.label import label

ENOUGH_SEEDS = 3  # with fewer there is no telling noise from effect
CONFIDENCE = 0.95
TWIN = ["twin", "twin_variant"]
POINTS = ["points", "low", "high", "seeds", "above"]


def interval(differences: Sequence[float]) -> dict[str, float]:
    """Mean of differences (`points`), ends of its 95% interval (`low`, `high`), how many there are (`seeds`),
    and how many of them are above zero (`above`).

    The interval is Student's; it is NaN with fewer than three differences, or infinite ones, the mean with
    none.
    """
    values = [value for value in differences if not math.isnan(value)]
    n = len(values)
    finite = all(map(math.isfinite, values))
    mean = (math.fsum(values) if finite else sum(values)) / n if n else math.nan
    half = math.nan
    if n >= ENOUGH_SEEDS and finite:
        variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
        half = stdtrit(n - 1, (1 + CONFIDENCE) / 2) * math.sqrt(variance / n)  # Student's t
    above = sum(value > 0 for value in values)
    return {"points": mean, "low": mean - half, "high": mean + half, "seeds": n, "above": above}


def growth(runs: pd.DataFrame) -> pd.DataFrame:
    """How much each error grows from the shallowest to the deepest network of each (family, variant).

    Differences are paired by seed. Columns: family, variant, measure, shallow, deep (depths), points, low,
    high (percentage points; see `interval`), seeds. A series of one depth has no row.
    """
    rows = []
    for (family, variant), series in complete(runs).groupby(SERIES):
        shallow, deep = series["depth"].min(), series["depth"].max()
        if shallow == deep:
            continue
        for measure in MEASURES:
            by_seed = series.pivot(index="seed", columns="depth", values=measure)
            row = {"family": family, "variant": variant, "measure": measure, "shallow": shallow, "deep": deep}
            rows.append(row | interval(list(by_seed[deep] - by_seed[shallow])))
    columns = [*SERIES, "measure", "shallow", "deep", *POINTS]
    return ordered(pd.DataFrame(rows, columns=columns).assign(depth=0)).drop(columns="depth")


def means(runs: pd.DataFrame) -> pd.DataFrame:
    """The error of each network at the last step, with the interval of its mean over the seeds.

    Columns: family, variant, depth, measure, points (the mean), low, high (percent; see `interval`), seeds.
    """
    rows = [
        dict(zip(NETWORK, network, strict=True)) | {"measure": measure} | interval(list(own[measure]))
        for network, own in complete(runs).groupby(NETWORK)
        for measure in MEASURES
    ]
    return ordered(pd.DataFrame(rows, columns=[*NETWORK, "measure", *POINTS]))


def trained(grown: pd.DataFrame) -> pd.DataFrame:
    """The rows of `growth` that say how the clean training error grows, where that was measured."""
    return grown[(grown["measure"] == "train_error") & grown["points"].notna()]


def gaps(runs: pd.DataFrame) -> pd.DataFrame:
    """Plain twin minus network, for each complete pair of the same depth, seed and settings.

    Columns: those of the network's run, with each error (`MEASURES`) replaced by the difference in points.
    """
    pairs = with_twins(complete(runs))
    return pairs.assign(**{measure: pairs[f"{measure}_twin"] - pairs[measure] for measure in MEASURES})


def gap(runs: pd.DataFrame) -> pd.DataFrame:
    """Plain minus network at each depth.

    Columns: family, variant, depth, twin, twin_variant (the plain series), measure, points, low, high, seeds.
    """
    rows = []
    for network_and_twin, pairs in gaps(runs).groupby([*NETWORK, "family_twin", "variant_twin"]):
        network = dict(zip([*NETWORK, *TWIN], network_and_twin, strict=True))
        rows += [network | {"measure": measure} | interval(list(pairs[measure])) for measure in MEASURES]
    return ordered(pd.DataFrame(rows, columns=[*NETWORK, *TWIN, "measure", *POINTS]))


def excess(runs: pd.DataFrame) -> pd.DataFrame:
    """How much more depth costs the plain twin than the network: how the gap grows. Columns as `growth`."""
    return growth(gaps(runs))


def contrast(runs: pd.DataFrame, more: Sequence[str], less: Sequence[str], measure: str) -> dict[str, float]:
    """The sum of the errors of some networks minus that of others, paired by seed; see `interval`.

    Args:
        more, less: networks as `runs.label` names them: `plain-56`. One named twice counts twice.
        measure: one of `MEASURES`.

    Returns:
        Of seeds of which all these networks are complete. `seeds` is 0 where there are none.
    """
    done = complete(runs)
    names = [label(*network) for network in zip(done["family"], done["variant"], done["depth"], strict=True)]
    by_seed = done.assign(network=names).pivot_table(index="seed", columns="network", values=measure)
    by_seed = by_seed.reindex(columns=list(dict.fromkeys([*more, *less]))).dropna()
    return interval(list(by_seed[list(more)].sum(axis=1) - by_seed[list(less)].sum(axis=1)))
