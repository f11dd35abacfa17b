"""What a sentence of the short answer rests on, and how the numbers of `statements.py` are named."""

from dataclasses import dataclass

from degradation.why.numbers.compare import ACROSS, GROWTH, MEAN
from degradation.why.numbers.forecast import ALL
from degradation.why.numbers.quantities import ends_with
from degradation.why.verdict.explanation import PLAIN, Prediction, moves
from degradation.why.verdict.judge import HOLDS

SHAPES, LONG, LADDER, ADAM = "why_shapes_why", "long_cifar10_why", "ladder_cifar10_why", "adam_cifar10_why"
BUDGETS, FAMILIES = "budgets_cifar10_why", "families_cifar10_why"
PHOTOGRAPHS, SHAPES_BUDGETS, KEPT = "why_cifar10_why", "budgets_shapes_why", "witness_cifar10_why"
TOGETHER = "together_cifar10_why"
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


def of(report: str, analysis: str, quantity: str, kind: str, sign: int, verdict: str = HOLDS) -> Found:
    """A number at the end of training of plain networks, or of many."""
    family = ALL if kind == ACROSS else PLAIN
    return Found(report, Prediction("", analysis, quantity, kind, sign, family=family), verdict)


def changed(change: str, sign: int = -1, verdict: str = HOLDS, family: str = PLAIN) -> Found:
    """What one change does to a network of 56 layers on photographs."""
    return Found(LADDER, moves("", change, sign, family), verdict)


def order(quantity: str, sign: int, among: str = ALL, verdict: str = HOLDS) -> Found:
    """How a number at the start puts networks into the order of their ends."""
    return Found(FAMILIES, Prediction("", "forecast", quantity, ACROSS, sign, family=among), verdict)


def costs(report: str, change: str, verdict: str = HOLDS, family: str = PLAIN, margin: float = 0.0) -> Found:
    """By how much the error grows from the fewest layers to the most with a change, or several at once."""
    ends = ends_with(change)
    return Found(report, Prediction("", "changes", ends, GROWTH, +1, family=family, margin=margin), verdict)


def around(quantity: str, sign: int = +1, verdict: str = HOLDS, margin: float = 0.0) -> Found:
    """Where plain networks end that begin at a witness, near it, or afresh."""
    return Found(ADAM, Prediction("", "around", quantity, MEAN, sign, margin=margin), verdict)
