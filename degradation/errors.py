"""What can go wrong, and the exit code that says so."""

DONE, FAILED, BAD_REQUEST, OUT_OF_TIME, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143


class BadRequest(ValueError):
    """The request was wrong: one line that says what is wrong and what would be right (exit code 2)."""


class NotFinite(ArithmeticError):
    """A network's loss stopped being finite (its run becomes `failed`, exit code 1)."""


class Stopped(Exception):
    """A run was asked to stop, and did so between two steps.

    Attributes:
        code: exit code: `OUT_OF_TIME`, or 128 + the signal's number.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
