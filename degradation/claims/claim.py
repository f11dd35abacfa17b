"""What a claim is, and the kinds of numbers that can answer one."""

from dataclasses import dataclass

NEVER = float("-inf")  # a claim's lower end where it has none


@dataclass(frozen=True)
class Errors:
    """Errors of networks of one report, added and subtracted, paired by seed.

    Attributes:
        report: a folder of reports/.
        more, less: networks as the reports call them: `plain-56`, `residual-56 (shortcut=B)`. The
            number is the sum of the errors of `more` minus that of `less`, in percentage points.
        measure: a column of `analysis.series.MEASURES`.
    """

    report: str
    more: tuple[str, ...]
    less: tuple[str, ...]
    measure: str = "train_error"


def deep_minus_shallow(report: str, family: str, setting: str = "", measure: str = "train_error") -> Errors:
    """How much more 56 layers err than 20.

    Args:
        setting: what the report calls both behind their depth: ` (shortcut=B)`.
    """
    return Errors(report, (f"{family}-56{setting}",), (f"{family}-20{setting}",), measure)


@dataclass(frozen=True)
class Why:
    """A number of a report on why (`summary.csv`), of the deepest network that it has one of.

    Attributes:
        report: a folder of reports/.
        analysis, quantity, kind, state, family: what `degradation/why/numbers/quantities.py` names so.
    """

    report: str
    analysis: str
    quantity: str
    kind: str
    state: str = ""
    family: str = "plain"


@dataclass(frozen=True)
class Cost:
    """What some networks take, divided by what others do (reports/compare).

    Attributes:
        column: of compare.csv. Counts are exact; times are divided round by round (rounds.csv), and n is the
            number of rounds.
        of, beside: networks as compare.csv names them; the products of their numbers are divided.
    """

    column: str
    of: tuple[str, ...]
    beside: tuple[str, ...]


Number = Errors | Why | Cost


@dataclass(frozen=True)
class Claim:
    """One of them.

    Attributes:
        says: the claim, in a sentence.
        source: who makes it, and where.
        numbers: what would show it here. None: it can't be tested here.
        low, high: the claim predicts a number between these.
        why: what stands in the way of a test here, or what the number does not say.
    """

    says: str
    source: str
    numbers: tuple[Number, ...]
    low: float = 0.0
    high: float = float("inf")
    why: str = ""


@dataclass(frozen=True)
class Group:
    """Claims that belong together.

    Attributes:
        title: of its section.
        commands: what makes the numbers.
        claims: in the order of the page.
    """

    title: str
    commands: tuple[str, ...]
    claims: tuple[Claim, ...]
