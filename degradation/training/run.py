"""One network's run: its classifier, its run folder, and what is done after which step."""

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from degradation.config.settings import Train
from degradation.data.augment import Resident
from degradation.data.stream import EMPTY_CHAIN, Plan, chain
from degradation.runs import schema
from degradation.training import checkpoint, together
from degradation.training.classifier import Classifier, Sums, means
from degradation.training.progress import Progress
from degradation.training.recorder import Recorder


class Along(Protocol):
    """What looks at a network while it trains: see `signals.Signals` and `kept.Kept`."""

    def resume(self, step: int) -> None:
        """Go on at a step: what was written of later ones is dropped."""

    def after_step(self, classifier: Classifier) -> None:
        """Do what is due after this step and isn't done yet."""


Measure = Callable[[Resident, Callable[[], None]], Callable[[], Sums]]


class Run:
    """What belongs to one network: nothing here is shared with the networks beside it.

    Args:
        settings: steps, and how often to evaluate and to write a checkpoint.
        classifier: on its device.
        recorder: of its run folder.
        train, test: the images that `train_error` and `test_error` are measured on.
        check: called where stopping is safe; may raise to stop.

    Attributes:
        along: what looks at the network along the way.
    """

    def __init__(
        self,
        settings: Train,
        classifier: Classifier,
        recorder: Recorder,
        train: Resident,
        test: Resident,
        check: Callable[[], None],
    ) -> None:
        self.settings, self.classifier, self.recorder = settings, classifier, recorder
        self.train, self.test, self.check = train, test, check
        self.measure: Measure = self._measure  # an engine may have a faster way
        self.pending: dict[str, Callable[[], Sums]] = {}  # evaluations that were begun
        self.seconds, self.setup_seconds, self.stream_sha256 = 0.0, 0.0, EMPTY_CHAIN
        self.saved = -math.inf  # when, by time.monotonic
        self.failure: Exception | None = None
        self.along: list[Along] = []
        self.progress = Progress(
            recorder.log,
            recorder.note,
            settings.steps,
            lambda step: settings.images_to_evaluate(step, len(train), len(test)),
            settings.batch_size,
        )

    @property
    def step(self) -> int:
        """Steps done."""
        return self.classifier.step

    @property
    def depth(self) -> int:
        return int(self.recorder.record["depth"])

    def train_step(self, plan: Plan, images: Tensor, labels: Tensor) -> None:
        """One update on the batch that `plan` describes."""
        self.classifier.train_step(images, labels)
        self.stream_sha256 = chain(self.stream_sha256, plan)

    def count(self, plan: Plan) -> None:
        """One update on the batch that `plan` describes was done elsewhere."""
        self.classifier.count(len(plan.rows))
        self.stream_sha256 = chain(self.stream_sha256, plan)

    def begin_evaluation(self) -> None:
        """Begin what `after_step` will wait for: a GPU evaluates several networks at once."""
        self.pending = {}
        if self._to_evaluate():
            if self._due(self.settings.evaluate_train_every):
                self.pending["training"] = self.measure(self.train, self._between("training"))
            self.pending["test"] = self.measure(self.test, self._between("test"))

    def after_step(self) -> None:
        """Evaluate and write a checkpoint, where they are due and not done yet."""
        for one in self.along:
            one.after_step(self.classifier)
        due = self._to_evaluate()
        if due:
            self._evaluate()
        elif not self._row_due():
            due = self._due(self.settings.checkpoint_every)
        if due and self._time_to_save():
            self.save()

    def _time_to_save(self) -> bool:
        """Of several processes the first one's clock decides: all take part in a checkpoint."""
        late = time.monotonic() - self.saved >= self.settings.between_saves
        return self.step == self.settings.steps or bool(together.largest(late and self.recorder.writes))

    def _row_due(self) -> bool:
        return self._due(self.settings.evaluate_every) or self._due(self.settings.evaluate_train_every)

    def _to_evaluate(self) -> bool:
        """Whether a row is due that isn't there yet."""
        rows = self.recorder.rows
        return self._row_due() and not (rows and rows[-1]["step"] == self.step)

    def _due(self, every: int | None) -> bool:
        last = self.step == self.settings.steps
        return last or (every is not None and self.step > 0 and self.step % every == 0)

    def _evaluate(self) -> None:
        """Add a row."""
        self.classifier.check_finite()
        if not self.pending:
            self.begin_evaluation()
        step, rows, batch = self.step, self.recorder.rows, self.settings.batch_size
        before = (rows[-1]["step"], rows[-1]["seconds"]) if rows else (0, 0.0)
        row = {"step": step, "epoch": step * batch / len(self.train), "lr": self.classifier.lr}
        row["seconds"] = round(self.seconds, 3)
        took = row["seconds"] - before[1]
        row["images_per_second"] = round((step - before[0]) * batch / took, 1) if took > 0 else math.nan
        row["train_loss"], row["train_error_running"] = self.classifier.running()
        if "training" in self.pending:
            _, row["train_error"] = means(self.pending["training"](), len(self.train))
        row["test_loss"], row["test_error"] = means(self.pending["test"](), len(self.test))
        self.pending = {}
        self.recorder.add_row(row)
        self.classifier.restart_running()
        clean = f"{row['train_error']:.2f}% clean, " if "train_error" in row else ""
        self.recorder.log(
            f"step {step} of {self.settings.steps}: training error {row['train_error_running']:.2f}% "
            f"running, {clean}test error {row['test_error']:.2f}%, lr {self.classifier.lr:g}"
            + (f", about {self.progress.left(step)} left" if step < self.settings.steps else "")
        )

    def _measure(self, images: Resident, between: Callable[[], None]) -> Callable[[], Sums]:
        sums = self.classifier.measure(images, between)
        return lambda: sums

    def _between(self, name: str) -> Callable[[], None]:
        def between() -> None:
            self.check()
            self.progress.while_evaluating(self.step, name)

        return between

    def save(self) -> None:
        """Write a checkpoint, and the state of things to record.json."""
        state = {
            "classifier": self.classifier.state(),
            "rows": self.recorder.state(),
            "seconds": self.seconds,
            "setup_seconds": self.setup_seconds,
            "stream_sha256": self.stream_sha256,
        }
        if self.recorder.writes:
            checkpoint.save(self.recorder.folder, state)
        self.saved = time.monotonic()
        self.mark(schema.RUNNING)

    def mark(self, status: str, message: str | None = None) -> None:
        """Write record.json."""
        setup = {"setup_seconds": round(self.setup_seconds, 3)} if self.setup_seconds else {}
        self.recorder.mark(
            status,
            message,
            step=self.step,
            seconds=round(self.seconds, 3),
            stream_sha256=self.stream_sha256,
            **setup,
        )

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.classifier.restore(state["classifier"], first=self.recorder.writes)
        self.recorder.restore(state["rows"])
        self.seconds, self.stream_sha256 = state["seconds"], state["stream_sha256"]
        self.setup_seconds = state.get("setup_seconds", 0.0)  # older checkpoints don't have it


class Clock:
    """Seconds of training, evaluations and checkpoints left out."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last call of `lap` or `restart`."""
        now = time.perf_counter()
        seconds, self._since = now - self._since, now
        return seconds

    def restart(self) -> None:
        self._since = time.perf_counter()
