"""Numbers of networks -> what depth and the missing shortcut do to them, paired by seed (no torch)."""

import math

import pandas as pd

from degradation.analysis.differences import interval
from degradation.analysis.series import SHORTCUT_KEYS, counterpart
from degradation.why.numbers.quantities import COUNTED, WORSE

MEAN, GROWTH, GAP, ACROSS = "mean", "growth", "gap", "across"  # the last is `forecast.py`'s
COLUMNS = (
    *("quantity", "state", "kind", "family", "variant", "depth", "other"),
    *("value", "low", "high", "seeds", "above"),
)
SERIES = ["quantity", "state", "family", "variant"]


def compare(numbers: pd.DataFrame) -> pd.DataFrame:
    """All comparisons of all quantities.

    Args:
        numbers: `quantities.QUANTITY`.

    Returns:
        Rows of three kinds: `mean` (over the seeds of a network), `growth` (the deepest minus the shallowest
        of a series; depth: the deepest, other: the shallowest) and `gap` (the plain twin, or other
        counterpart, minus the network at one depth; other: its name). value, low, high: mean and ends of its
        95% interval (see `differences.interval`; NaN with fewer than three seeds). seeds: how many; above:
        how many are above zero.
    """
    rows: list[dict[str, object]] = []
    for key, series in numbers.groupby(SERIES, sort=False):
        named = dict(zip(SERIES, key, strict=True))
        by_seed = series.pivot(index="seed", columns="depth", values="value")
        for depth in by_seed:
            rows.append(_row(named, MEAN, int(depth), "", by_seed[depth]))
        shallow, deep = by_seed.columns.min(), by_seed.columns.max()
        if shallow != deep:
            rows.append(_row(named, GROWTH, int(deep), str(shallow), by_seed[deep] - by_seed[shallow]))
        twin = counterpart(str(named["family"]))
        if not twin or twin == named["family"]:
            continue
        same = (numbers["family"] == twin) & (numbers["quantity"] == named["quantity"])
        same &= (numbers["state"] == named["state"]) & (numbers["variant"] == _shared(str(named["variant"])))
        theirs = numbers[same].pivot(index="seed", columns="depth", values="value")
        for depth in by_seed.columns.intersection(theirs.columns):
            rows.append(_row(named, GAP, int(depth), twin, theirs[depth] - by_seed[depth]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def changed(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same of `quantities.changes`: of those that are differences already the rows `mean` alone."""
    found = compare(numbers)
    return found[(found["kind"] == MEAN) | ~already(found)]


def already(rows: pd.DataFrame) -> pd.Series:
    """Which rows are of numbers that are differences by themselves."""
    return rows["quantity"].str.endswith("(points)")


def _row(named: dict[str, object], kind: str, depth: int, other: str, values: pd.Series) -> dict[str, object]:
    found = interval(list(values))
    found["value"] = found.pop("points")
    if str(named["quantity"]).startswith((COUNTED, WORSE)):
        found["low"] = found["high"] = math.nan
    return {**named, "kind": kind, "depth": depth, "other": other, **found}


def _shared(variant: str) -> str:
    """The variant that the plain twin has: it knows no kinds of shortcuts, and none that are scaled."""
    return ",".join(part for part in variant.split(",") if part.partition("=")[0] not in SHORTCUT_KEYS)
