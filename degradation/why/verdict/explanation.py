"""What an explanation is, and a prediction that follows from it."""

from dataclasses import dataclass

from degradation.analysis.pairs import CLEAR
from degradation.why.numbers.compare import ACROSS, GROWTH, MEAN
from degradation.why.numbers.forecast import ALL, TWINS
from degradation.why.numbers.quantities import beside, ends_with, with_change

PLAIN, RESIDUAL = "plain", "residual"


@dataclass(frozen=True)
class Prediction:
    """That one number of the deepest network lies above zero, or below.

    Attributes:
        says: the prediction in words.
        kind: `mean` of a family's deepest network; `growth`, its deepest minus its shallowest; `gap`, the
            deepest plain network minus the residual one of its depth; `across`, of many families together.
        sign: +1: above zero, -1: below.
        margin: above or below this number, in zero's place.
    """

    says: str
    analysis: str
    quantity: str
    kind: str
    sign: int
    state: str = ""
    family: str = PLAIN
    margin: float = 0.0


@dataclass(frozen=True)
class Explanation:
    """One of them: who gives it, what it says, what follows."""

    title: str
    says: str
    predicts: tuple[Prediction, ...]


def orders(says: str, quantity: str, sign: int) -> tuple[Prediction, Prediction]:
    """That a number of the start puts many deep networks, of several families or with several changes, into
    the order of their ends; and the plain ones among them."""
    of = ("forecast", quantity, ACROSS, sign, "")
    return (
        Prediction(f"{says}, the higher a network's error at the end, over many deep networks", *of, ALL),
        Prediction("and over plain networks alone", *of, TWINS),
    )


def moves(says: str, change: str, sign: int = -1, family: str = PLAIN) -> Prediction:
    """That a change lowers the error at the end, or raises it."""
    return Prediction(says, "changes", with_change(change), MEAN, sign, family=family)


def level(says: str, change: str) -> Prediction:
    """That with a change a plain network ends no more than `CLEAR` above the one with shortcuts."""
    return Prediction(says, "changes", beside(change), MEAN, -1, margin=CLEAR)


def flat(says: str, change: str) -> Prediction:
    """That with a change a deep plain network ends no more than `CLEAR` above a shallow one with it."""
    return Prediction(says, "changes", ends_with(change), GROWTH, -1, margin=CLEAR)
