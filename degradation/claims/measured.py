"""Committed reports -> the numbers that claims ask for, and whether a claim holds by them."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS, contrast, interval
from degradation.claims.claim import Claim, Cost, Errors, Number, Why
from degradation.reports.phrases import points
from degradation.runs import store
from degradation.runs.summary import SUMMARY, read_table

HOLDS, OPEN, AGAINST = "holds here", "not shown here", "**contradicted here**"
UNTESTED, WAITS = "not testable here", "not run yet"
COMPARE, COSTS, ROUNDS = "compare", "compare.csv", "rounds.csv"
GROWTH, GAP = "growth", "gap"  # kinds of comparisons in a summary
EXACT = ("parameters", "multiply_adds", "activation_bytes")  # counted, not measured
WORDS = {
    "train_error": "clean training error",
    "test_error": "test error",
    "multiply_adds": "multiply-adds",
    "training_one": "time of forward and backward, one image",
    "training_batch": "time of forward and backward, a batch",
}


@dataclass(frozen=True)
class Found:
    """A number: what it is of, how it is written, its 95% interval, and of how many seeds or measurements
    (n; 0: counted)."""

    report: str
    what: str
    said: str
    low: float
    high: float
    n: int


class Reports:
    """The committed reports, read once each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: dict[str, pd.DataFrame] = {}

    def runs(self, name: str) -> pd.DataFrame | None:
        """The runs of a report, as `runs.store` reads them; None if there is no such report."""
        if not (self.folder / name / store.RUNS_CSV).exists():
            return None
        if name not in self._runs:
            (experiment,) = store.load([self.folder / name])
            self._runs[name] = experiment.runs
        return self._runs[name]

    def summary(self, name: str) -> pd.DataFrame | None:
        path = self.folder / name / SUMMARY
        return read_table(path) if path.exists() else None

    @cached_property
    def costs(self) -> pd.DataFrame | None:
        """A row a network."""
        return self._compared(COSTS)

    @cached_property
    def rounds(self) -> pd.DataFrame | None:
        """A row a network and round."""
        return self._compared(ROUNDS)

    def _compared(self, file: str) -> pd.DataFrame | None:
        path = self.folder / COMPARE / file
        return read_table(path, text=()) if path.exists() else None


def measured(number: Number, reports: Reports) -> Found | None:
    """The number, or None where its runs aren't in a report yet."""
    if isinstance(number, Errors):
        return _errors(number, reports.runs(number.report))
    if isinstance(number, Why):
        return _why(number, reports.summary(number.report))
    if number.column in EXACT:
        return _counted(number, reports.costs)
    return _timed(number, reports.rounds)


def _errors(number: Errors, runs: pd.DataFrame | None) -> Found | None:
    row = contrast(runs, number.more, number.less, number.measure) if runs is not None else {"seeds": 0}
    if not row["seeds"]:
        return None
    what = f"{WORDS[number.measure]}, {' + '.join(number.more)} − {' − '.join(number.less)}"
    said = points(pd.Series(row, dtype=object), " points")
    return Found(number.report, what, said, row["low"], row["high"], int(row["seeds"]))


def _why(number: Why, summary: pd.DataFrame | None) -> Found | None:
    if summary is None:
        return None
    wanted = summary["value"].notna()
    for column in ("analysis", "quantity", "kind", "state", "family"):
        wanted &= summary[column] == getattr(number, column)
    if not wanted.any():
        return None
    own = wanted & (summary["variant"] == "")
    row = summary[own if own.any() else wanted].sort_values("depth").iloc[-1]
    whose = f"{row['family']}-{row['depth']}"
    if number.kind == GAP:
        whose = f"{row['other']} − {row['family']}, {row['depth']} layers"
    elif number.kind == GROWTH:
        whose = f"{row['family']}, {row['depth']} − {row['other']} layers"
    at = f", at {row['state']}" if row["state"] else ""
    low, high = row["low"], row["high"]
    said = f"{row['value']:.3g}{_between(low, high)}"
    return Found(number.report, f"{whose}, {number.quantity}{at}", said, low, high, int(row["seeds"]))


def _counted(number: Cost, costs: pd.DataFrame | None) -> Found | None:
    if costs is None or not {*number.of, *number.beside} <= set(costs["network"]):
        return None
    column = costs.set_index("network")[number.column]
    value = column[list(number.of)].prod() / column[list(number.beside)].prod()
    return Found(COMPARE, _ratio(number), f"{value:.3g}", value, value, 0)


def _timed(number: Cost, rounds: pd.DataFrame | None) -> Found | None:
    """Divided round by round; the interval is that of the ratios' logarithms."""
    if rounds is None:
        return None
    by_round = rounds.pivot(index="round", columns="network", values=number.column)
    of, beside = (
        np.log(by_round.reindex(columns=list(names))).sum(axis=1, skipna=False)
        for names in (number.of, number.beside)
    )
    row = interval(list(of - beside))
    if not row["seeds"]:
        return None
    value, low, high = (math.exp(row[key]) for key in ("points", "low", "high"))
    return Found(COMPARE, _ratio(number), f"{value:.3g}{_between(low, high)}", low, high, int(row["seeds"]))


def _ratio(number: Cost) -> str:
    return f"{WORDS.get(number.column, number.column)}, {' · '.join(number.of)} / {' · '.join(number.beside)}"


def _between(low: float, high: float) -> str:
    return "" if math.isnan(low) else f" (95% interval {low:.3g} to {high:.3g})"


def verdict(claim: Claim, found: Found | None) -> str:
    """By the interval: within what is claimed, outside of it, or neither."""
    if not claim.numbers:
        return UNTESTED
    if found is None:
        return WAITS
    if math.isnan(found.low):
        return f"{OPEN}: n below {ENOUGH_SEEDS}"
    if claim.low < found.low and found.high < claim.high:
        return HOLDS
    return AGAINST if found.high < claim.low or claim.high < found.low else OPEN
