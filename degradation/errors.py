"""What can go wrong, what may stop a command, and the exit code that says so."""

import signal

DONE, FAILED, BAD_REQUEST, OUT_OF_TIME, IN_USE, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 130, 143


class BadRequest(ValueError):
    """The request was wrong: one line that says what is wrong and what would be right.

    Attributes:
        code: its exit code.
    """

    code = BAD_REQUEST


class InUse(BadRequest):
    """Another process trains this network: nothing is wrong, and nothing was done or written here.

    Attributes:
        holder: that process.
    """

    code = IN_USE

    def __init__(self, folder: object, holder: str) -> None:
        super().__init__(f"{folder} is in use by {holder}: wait for it to end, or stop it first")
        self.holder = holder


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


def stopping() -> tuple[signal.Signals, ...]:
    """The signals that ask a command to stop: Ctrl-C, SIGTERM, and a closed terminal if not under nohup."""
    closed = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if closed else ()))


def words(error: BaseException) -> str:
    """What went wrong, for a line that says so: of a file, the file; of an unforeseen error, its kind."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}" + (f" ({error.filename})" if error.filename else "")
    return str(error) if isinstance(error, BadRequest | NotFinite) else f"{type(error).__name__}: {error}"
