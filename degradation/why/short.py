"""The short answer to why plain networks degrade: sentences, each with the numbers that it rests on.

The words are written by hand, the numbers are read from the committed reports. A sentence says no more than
its numbers show: if a report is measured anew and one of them falls otherwise, nothing is written until the
words are changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from degradation.errors import BadRequest
from degradation.reports.phrases import of_seeds
from degradation.why.compare import ACROSS, GAP, GROWTH, MEAN
from degradation.why.explanation import PLAIN, RESIDUAL, Prediction, level, moves
from degradation.why.explanations import ENDS_WORSE
from degradation.why.forecast import ALL
from degradation.why.further_quantities import AFTER_BEYOND, AGAIN_BEYOND, AT_WITNESS
from degradation.why.judge import AGAINST, HOLDS, NEVER, OPEN, ZERO, chosen, holds
from degradation.why.page import cell
from degradation.why.quantities import (
    APART,
    BEYOND,
    CORRELATION,
    EIGENVALUE,
    FELL,
    GRADIENT,
    INITIAL,
    TRAINED,
)

SHAPES, LONG, LADDER = "why_shapes_why", "long_cifar10_why", "ladder_cifar10_why"
DEEP = 56  # the layers that the words name
BUDGETS, FAMILIES = "budgets_cifar10_why", "families_cifar10_why"


@dataclass(frozen=True)
class Found:
    """One number of a report, and how it has to fall for the sentence to be true.

    Attributes:
        report: the folder's name.
        number: which; its `says` isn't shown.
        verdict: what `judge.holds` finds.
    """

    report: str
    number: Prediction
    verdict: str = HOLDS


@dataclass(frozen=True)
class Statement:
    """A sentence or two: `{0}` is the first number with its interval, and so on; not all need be named."""

    says: str
    rests_on: tuple[Found, ...]


def _of(report: str, analysis: str, quantity: str, kind: str, sign: int, verdict: str = HOLDS) -> Found:
    """A number at the end of training of plain networks, or of many."""
    family = ALL if kind == ACROSS else PLAIN
    return Found(report, Prediction("", analysis, quantity, kind, sign, family=family), verdict)


def _changed(change: str, sign: int = -1, verdict: str = HOLDS, family: str = PLAIN) -> Found:
    """What one change does to a network of 56 layers on photographs."""
    return Found(LADDER, moves("", change, sign, family), verdict)


STATEMENTS = (
    Statement(
        "**A solution as good exists, and training doesn't find it.** Take a trained plain-20 and put "
        "layers that compute the identity behind its own: that plain-56 has the very same training error. "
        "Begun afresh, plain-56 ends {1} points above plain-20. Begun at that solution, it even leaves it, "
        "and ends {2} points above plain-20, and {3} above a plain-20 that trains on as long; only on the "
        "drawn shapes it stays.",
        (
            _of(LONG, "witness", AT_WITNESS, MEAN, +1, ZERO),
            _of(LONG, "overfitting", TRAINED, GROWTH, +1),
            _of(LONG, "witness", AFTER_BEYOND, MEAN, +1),
            _of(LONG, "witness", AGAIN_BEYOND, MEAN, +1),
            _of(SHAPES, "witness", ENDS_WORSE, MEAN, +1, NEVER),
        ),
    ),
    Statement(
        "**It isn't overfitting.** That lowers the training error and drives the test error away from it. "
        "From plain-20 to plain-56 the training error rises by {1} points, and what the test error has "
        "beyond it changes by {0}.",
        (
            _of(LONG, "overfitting", APART, GROWTH, +1, AGAINST),
            _of(LONG, "overfitting", TRAINED, GROWTH, -1, AGAINST),
        ),
    ),
    Statement(
        "**Gradients don't vanish at the start, they explode.** Before the first step the gradient in the "
        "first quarter of plain-56's layers is {0} times that in its last quarter; with shortcuts it is {1} "
        "times less.",
        (
            Found(LONG, Prediction("", "signals", GRADIENT, MEAN, +1, INITIAL)),
            Found(LONG, Prediction("", "signals", GRADIENT, GAP, +1, INITIAL, RESIDUAL)),
        ),
    ),
    Statement(
        "**How a network begins decides much, not all.** Other initial values change where plain-56 ends by "
        "{0} points if they lie near the identity (Dirac), and by {1} if they make it begin as a linear "
        "network (looks-linear). Orthogonal ones, {2}, and LSUV, which only sets their sizes, {3}, aren't "
        "told from noise. And with Dirac it still ends {4} points above residual-56.",
        (
            _changed("init=dirac"),
            _changed("init=looks_linear"),
            _changed("init=orthogonal", verdict=OPEN),
            _changed("init=lsuv", verdict=OPEN),
            Found(LADDER, level("", "init=dirac"), AGAINST),
        ),
    ),
    Statement(
        "**A shortcut has to hand on its input whole.** Scaled by a half, residual-56 ends {0} points "
        "higher; by a quarter, {1}.",
        (
            _changed("skip_scale=0.5", +1, family=RESIDUAL),
            _changed("skip_scale=0.25", +1, family=RESIDUAL),
        ),
    ),
    Statement(
        "**Who ends badly shows before the first step.** Over deep networks of many families the training "
        "error at the end is the higher, the less the gradients of like images agree (rank correlation, "
        "from -1 to 1: {0}), and the more sharply the loss is curved (the same of the largest eigenvalue of "
        "its second derivatives, the Hessian: {1}). Such signs come together: which of them is the cause, "
        "these runs can't tell.",
        (
            _of(FAMILIES, "forecast", CORRELATION, ACROSS, -1),
            _of(FAMILIES, "forecast", EIGENVALUE, ACROSS, +1),
        ),
    ),
    Statement(
        "**More steps help, and don't close the gap.** With the most steps plain-56 ends {0} points lower "
        "than with the fewest, and still {1} above plain-20 with the fewest.",
        (_of(BUDGETS, "budgets", FELL, MEAN, +1), _of(BUDGETS, "budgets", BEYOND, MEAN, -1, AGAINST)),
    ),
)


def answer(reports: Mapping[str, pd.DataFrame], folder: str) -> list[str]:
    """The statements whose reports are there, each with links to these.

    Args:
        reports: summary.csv by folder.
        folder: where they lie as seen from the page.

    Raises:
        BadRequest: a number isn't there, or doesn't show any more what is said of it.
    """
    there = [one for one in STATEMENTS if all(found.report in reports for found in one.rests_on)]
    return [_told(one, reports, folder) for one in there] or ["Nothing was measured yet."]


def _told(one: Statement, reports: Mapping[str, pd.DataFrame], folder: str) -> str:
    rows = [_row(found, reports[found.report], one) for found in one.rests_on]
    links = [
        f"[{name}]({folder}/{name}/README.md)"
        for name in dict.fromkeys(found.report for found in one.rests_on)
    ]
    seeds = of_seeds(min(int(row["seeds"]) for row in rows))
    return f"{one.says.format(*map(_cell, rows))} ({', '.join(links)}; {seeds})"


def _row(found: Found, summary: pd.DataFrame, one: Statement) -> pd.Series:
    rows = chosen(found.number, summary)
    rows = rows[(rows["depth"] == DEEP) | (rows["kind"] == ACROSS)]
    verdict = holds(found.number, rows.iloc[0]) if len(rows) else "nothing"
    if verdict != found.verdict:
        raise BadRequest(
            f"{one.says[:40]}... rests on {found.number.quantity!r} of {found.report}, which says "
            f"{verdict!r} where it said {found.verdict!r}: change the words in degradation/why/short.py"
        )
    return rows.iloc[0]


def _cell(row: pd.Series) -> str:
    """A number with its interval: a logarithm as the number itself, a correlation with how many networks."""
    if row["kind"] == ACROSS:
        return f"{cell(row)}; n = {row['depth']}"
    if row["quantity"].endswith("(log10)"):
        value, low, high = (f"{10 ** row[end]:.3g}" for end in ("value", "low", "high"))
        return f"{value} ({low} to {high})"
    return cell(row).replace("+", "")
