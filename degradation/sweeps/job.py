"""One network of a sweep: its state, and what its run folder says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from degradation import errors
from degradation.config.request import Request
from degradation.errors import InUse
from degradation.files import holder, locked, read_json, write_json
from degradation.runs import schema

# States beside those of a run. Another process trains a network that is in use: its record is that one's.
WAITING, STOPPED, IN_USE = "waiting", "not started", "in use"


@dataclass(eq=False)
class Job:
    """One network of a sweep.

    Attributes:
        note: what is to be said of it before it starts.
        before: its record when it was started.
        started, seconds: when it did, by the monotonic clock; how long it took.
    """

    request: Request
    state: str = WAITING
    message: str = ""
    note: str = ""
    before: dict[str, Any] | None = None
    started: float = 0.0
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return self.request.name

    def cost(self) -> float:
        """Proportional to the time it takes, roughly: layers times images."""
        train = self.request.settings.train
        return self.request.settings.model.depth * train.steps * train.batch_size

    def record(self) -> dict[str, Any]:
        """The run's record; `status` and `message` are None where there is none to read."""
        nothing: dict[str, Any] = {"status": None, "message": None}
        try:
            return nothing | read_json(self.request.folder / schema.RECORD)
        except (OSError, ValueError):
            return nothing

    def taken(self) -> tuple[str, str] | None:
        """State and message of a network that another process trains, or has trained; None: it is ours."""
        held_by = holder(self.request.folder / schema.LOCK)
        if held_by is not None:
            return IN_USE, self.in_use(held_by)
        record = self.record()
        if record["status"] == schema.COMPLETE and not self.request.settings.fresh:
            return schema.COMPLETE, result(record)
        return None

    def in_use(self, held_by: str) -> str:
        return f"by {held_by}; when that has ended, {self.request.again} goes on"

    def close(self, state: str, message: str) -> tuple[str, str]:
        """Write into a record that still says `running` how the run ended, unless another process holds it.

        Returns:
            State and message as they are then: complete if that was written meanwhile, in use if another
            process goes on with the run, and what could not be written is in the message.
        """
        if self.record()["status"] is None:
            return state, message  # nothing to write into: it ended before its first record
        try:
            with locked(self.request.folder / schema.LOCK):
                record = self.record()  # again: until now another process may have written it
                if record["status"] == schema.COMPLETE and not self.request.settings.fresh:
                    return schema.COMPLETE, result(record)
                if record["status"] == schema.RUNNING:
                    ended = {**record, "status": state, "message": message}
                    write_json(self.request.folder / schema.RECORD, ended)
        except InUse as other:
            return IN_USE, f"{self.in_use(other.holder)} (here: {message})"
        except OSError as error:
            return state, f"{message}; its record can't say so: {errors.words(error)}"
        return state, message


class Watcher(Protocol):
    """Who is told of a sweep while it runs."""

    def changed(self, job: Job) -> None:
        """A job's state is another now."""

    def tick(self) -> None:
        """Some time has passed."""


def change(job: Job, watcher: Watcher, state: str, message: str | None = None) -> None:
    """A job's state is another now, and who watches is told."""
    job.state, job.message = state, message or ""
    watcher.changed(job)


def result(record: dict[str, Any]) -> str:
    """The final errors of a complete run, in words."""
    errors = (("training", "train_error"), ("test", "test_error"))
    return ", ".join(f"{word} error {record[key]:.2f}%" for word, key in errors if record[key] is not None)


def exit_code(jobs: Sequence[Job], stopped_by: int | None) -> int:
    """The exit code of a sweep that has ended, or that a signal stopped: the worst that a network met.

    1 one failed; 3 the time was up for one; 4 other processes train those that are not complete.
    """
    if stopped_by is not None:
        return 128 + stopped_by
    states = {job.state for job in jobs}
    if schema.FAILED in states:
        return errors.FAILED
    if states <= {schema.COMPLETE, IN_USE}:
        return errors.IN_USE if IN_USE in states else errors.DONE
    return errors.OUT_OF_TIME
