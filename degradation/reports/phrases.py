"""Numbers and lists as a sentence says them."""

import math
from collections.abc import Iterable, Sequence

import pandas as pd

SEEDS = {1: "one seed", 2: "two seeds"}


def signed(points: float) -> str:
    """`+83.70`; a difference in percentage points."""
    return f"{points:+.2f}" if round(points, 2) else "0.00"


def percent(value: float) -> str:
    """`83.90`, or a dash where nothing was measured."""
    return "–" if pd.isna(value) else f"{value:.2f}"


def points(row: pd.Series, unit: str = "") -> str:
    """A difference with its spread: `+83.70 (95% interval +80.10 to +87.30, above zero in 3 of 3 seeds)`."""
    return f"{signed(row['points'])}{unit} {spread(row)}"


def spread(row: pd.Series) -> str:
    """The interval of a difference and in how many of its seeds it lies above zero, in brackets."""
    if row["seeds"] == 0:
        return "(not paired by seed)"
    seeds = of_seeds(row["seeds"])
    if math.isnan(row["low"]):
        return f"({seeds})"
    return f"(95% interval {ends(row)}, above zero in {row['above']} of {seeds})"


def ends(row: pd.Series) -> str:
    """Of the interval of a difference: `+80.10 to +87.30`."""
    return f"{signed(row['low'])} to {signed(row['high'])}"


def brief(row: pd.Series) -> str:
    """The same in a table that says what the brackets hold: `+83.70 (+80.10 to +87.30; 3 of 3)`."""
    if math.isnan(row["low"]):
        return f"{signed(row['points'])} {spread(row)}"
    return f"{signed(row['points'])} ({ends(row)}; {row['above']} of {row['seeds']})"


def lies(rows: pd.DataFrame) -> str:
    """For how many differences the interval lies where: `above zero for 3 and around zero for 1`."""
    above, below = (rows["low"] > 0).sum(), (rows["high"] < 0).sum()
    counts = {"above": above, "below": below, "around": len(rows) - above - below}
    return joined([f"{place} zero for {count}" for place, count in counts.items() if count])


def of_seeds(count: int) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{count} seed{'s' if count > 1 else ''}"


def over(counts: pd.Series) -> str:
    """In brackets over how many seeds each of several means is, where these differ; else nothing."""
    return f" (over {joined([str(n) for n in counts])} seeds)" if counts.nunique() > 1 else ""


def few(counts: Iterable[int]) -> str:
    """What numbers of seeds that give no interval can't say; empty where there are none."""
    found = sorted(set(counts))
    if found == [0]:
        return "No seed pairs the two: this can't tell noise from effect."
    seeds = " or ".join(SEEDS[count] for count in found if count in SEEDS)
    if not seeds:
        return ""
    said = f"Numbers of {seeds}" if found[-1] not in SEEDS else f"With {seeds} this"
    return f"{said} can't tell noise from effect; three or more give an interval."


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
