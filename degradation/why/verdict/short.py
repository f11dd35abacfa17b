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
from degradation.why.numbers.compare import ACROSS, GAP, GROWTH, MEAN
from degradation.why.numbers.forecast import ALL, TWINS
from degradation.why.numbers.further_quantities import AFTER_BEYOND, AGAIN_BEYOND, AT_WITNESS, HIGHEST
from degradation.why.numbers.quantities import (
    APART,
    BEYOND,
    CORRELATION,
    EIGENVALUE,
    FELL,
    FIRST_LOOK,
    GRADIENT,
    INITIAL,
    TRAINED,
    UPDATE,
    ends_with,
)
from degradation.why.page import cell
from degradation.why.verdict.explanation import PLAIN, RESIDUAL, Prediction, level, moves
from degradation.why.verdict.explanations import ENDS_WORSE
from degradation.why.verdict.judge import AGAINST, HOLDS, NEVER, OPEN, ZERO, chosen, holds

SHAPES, LONG, LADDER, ADAM = "why_shapes_why", "long_cifar10_why", "ladder_cifar10_why", "adam_cifar10_why"
BUDGETS, FAMILIES = "budgets_cifar10_why", "families_cifar10_why"
DEEP, SHALLOW = 56, "20"  # the layers that the words name
FAR = 10.0  # points


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


def _order(quantity: str, sign: int, among: str = ALL, verdict: str = HOLDS) -> Found:
    """How a number at the start puts networks into the order of their ends."""
    return Found(FAMILIES, Prediction("", "forecast", quantity, ACROSS, sign, family=among), verdict)


def _by_adam(rate: float, kind: str, verdict: str = HOLDS, family: str = PLAIN, margin: float = 0.0) -> Found:
    """Where networks end that were trained by Adam, against shallow or plain ones."""
    ends = ends_with(f"adam=0.999, lr={rate}")
    return Found(ADAM, Prediction("", "changes", ends, kind, +1, family=family, margin=margin), verdict)


STATEMENTS = (
    Statement(
        "**A solution as good exists, and training doesn't find it.** Take a trained plain-20 and put "
        "layers that compute the identity behind its own: that plain-56 has the very same error. Begun "
        "afresh, plain-56 ends {1} points above plain-20. Begun at that solution, it even leaves it, and "
        "ends {2} points above plain-20, and {3} above a plain-20 that trains on as long. On the drawn "
        "shapes it leaves it too, its running training error rises to {4} percent, but it comes back.",
        (
            _of(LONG, "witness", AT_WITNESS, MEAN, +1, ZERO),
            _of(LONG, "overfitting", TRAINED, GROWTH, +1),
            _of(LONG, "witness", AFTER_BEYOND, MEAN, +1),
            _of(LONG, "witness", AGAIN_BEYOND, MEAN, +1),
            Found(SHAPES, Prediction("", "witness", HIGHEST, MEAN, +1, margin=FAR)),
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
        "weights of the first quarter of plain-56's layers is {0} times that of the last quarter; in "
        "residual-56 {1} times. After the first steps it has turned round, on the drawn shapes to {2} times.",
        (
            Found(LONG, Prediction("", "signals", GRADIENT, MEAN, +1, INITIAL, margin=1.0)),  # tenfold
            Found(LONG, Prediction("", "signals", GRADIENT, MEAN, +1, INITIAL, RESIDUAL), OPEN),
            Found(SHAPES, Prediction("", "along", GRADIENT, MEAN, -1, FIRST_LOOK)),
            Found(LONG, Prediction("", "signals", GRADIENT, GAP, +1, INITIAL, RESIDUAL, margin=1.0)),
        ),
    ),
    Statement(
        "**How a network begins matters, and isn't all.** Other initial values change where plain-56 ends "
        "by {0} points if they lie near the identity (Dirac), and by {1} if they make it begin as a linear "
        "network (looks-linear). Orthogonal ones, {2}, and LSUV, which are orthogonal and then scaled until "
        "responses have unit variance, {3}, aren't told from noise. And with Dirac it still ends {4} points "
        "above residual-56.",
        (
            _changed("init=dirac"),
            _changed("init=looks_linear"),
            _changed("init=orthogonal", verdict=OPEN),
            _changed("init=lsuv", verdict=OPEN),
            Found(LADDER, level("", "init=dirac"), AGAINST),
        ),
    ),
    Statement(
        "**A shortcut that hands on half of its input helps much less.** Where the input is halved before "
        "it is added, residual-56 ends {0} points higher; where a quarter of it is left, {1}. Where three "
        "quarters are, {2} isn't told from noise.",
        (
            _changed("skip_scale=0.5", +1, family=RESIDUAL),
            _changed("skip_scale=0.25", +1, family=RESIDUAL),
            _changed("skip_scale=0.75", +1, OPEN, RESIDUAL),
        ),
    ),
    Statement(
        "**Networks that end badly differ before the first step.** Over deep networks of many families, "
        "with shortcuts and without, the training error is the higher, the longer the first step is next to "
        "the weights (rank correlation, from -1 to 1: {0}; among the plain ones alone {1}). It goes with a "
        "sharply curved loss, too ({2}, of the largest eigenvalue of its second derivatives, the Hessian), "
        "and with gradients in the image that disagree between nearby images ({3}); but among the plain "
        "ones alone neither is told from noise. Which of them is the cause, these runs can't tell.",
        (
            _order(UPDATE, +1),
            _order(UPDATE, +1, TWINS),
            _order(EIGENVALUE, +1),
            _order(CORRELATION, -1),
            _order(EIGENVALUE, +1, TWINS, OPEN),
            _order(CORRELATION, -1, TWINS, OPEN),
        ),
    ),
    Statement(
        "**Adam doesn't cure it, and shortcuts do.** Its steps are about as long in every layer, however "
        "large the gradient. With it plain-56 ends {0} points above plain-20, and {1} at three times its "
        "usual learning rate; residual-56 ends {2} and {3} points above residual-20, which isn't told from "
        "noise. At both rates plain-56 ends far above residual-56 ({4} and {5} points).",
        (
            _by_adam(0.001, GROWTH, margin=FAR),
            _by_adam(0.003, GROWTH, margin=FAR),
            _by_adam(0.001, GROWTH, OPEN, RESIDUAL),
            _by_adam(0.003, GROWTH, OPEN, RESIDUAL),
            _by_adam(0.001, GAP, family=RESIDUAL, margin=FAR),
            _by_adam(0.003, GAP, family=RESIDUAL, margin=FAR),
        ),
    ),
    Statement(
        "**More steps help the shallow network more.** From the fewest steps to the most plain-56's "
        "training error falls by {0} points. Plain-20's falls by more (plain-56's fall minus plain-20's: "
        "{1}), so the gap grows, to {2} points at the most steps.",
        (
            _of(BUDGETS, "budgets", FELL, MEAN, +1),
            _of(BUDGETS, "budgets", FELL, GROWTH, -1),
            _of(BUDGETS, "budgets", BEYOND, GROWTH, +1),
        ),
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
    links = {
        found.report: f"[{found.report}]({folder}/{found.report}/README.md), {row['steps']} steps"
        for found, row in zip(one.rests_on, rows, strict=True)
    }
    seeds = of_seeds(min(int(row["seeds"]) for row in rows))
    return f"{one.says.format(*map(_cell, rows))} ({'; '.join([*links.values(), seeds])})"


def _row(found: Found, summary: pd.DataFrame, one: Statement) -> pd.Series:
    rows = chosen(found.number, summary)
    rows = rows[(rows["depth"] == DEEP) | (rows["kind"] == ACROSS)]
    rows = rows[(rows["other"] == SHALLOW) | (rows["kind"] != GROWTH)]
    verdict = holds(found.number, rows.iloc[0]) if len(rows) == 1 else f"{len(rows)} numbers"
    if verdict != found.verdict:
        raise BadRequest(
            f"{one.says[:40]}... rests on {found.number.quantity!r} of {found.report}, which says "
            f"{verdict!r} where it said {found.verdict!r}: change the words in "
            "degradation/why/verdict/short.py"
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
