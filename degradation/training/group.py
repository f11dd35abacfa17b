"""Networks that are trained in step on the same batches by one Lightning Trainer; most often just one."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pytorch_lightning as pl
from torch import Tensor, nn

from degradation.data.augment import Resident
from degradation.data.stream import Plan, Stream
from degradation.errors import NotFinite
from degradation.training import together
from degradation.training.run import Clock, Run
from degradation.training.stop import Stop

Failures = list[tuple[Run, NotFinite]]


class Engine(Protocol):
    """How steps are done: see `PlainSteps`, and `fast.FastSteps`."""

    def stop(self, start: int) -> int:
        """Up to which step, without it, the steps from `start` on are done at once."""

    def train(self, runs: Sequence[Run], start: int, stop: int) -> Failures:
        """Train each run up to step `stop`, from `start` or, where it is ahead, from where it is.

        Returns:
            The runs whose loss stopped being finite.
        """


class PlainSteps:
    """`train.engine=plain`: one step after another, as PyTorch does them."""

    def __init__(self, stream: Stream, images: Resident) -> None:
        self.stream, self.images = stream, images

    def stop(self, start: int) -> int:
        return start + 1

    def train(self, runs: Sequence[Run], start: int, stop: int) -> Failures:
        plan, failures = self.stream.batch(start), []
        images, labels = self.images.crops(part(plan, together.rank(), together.processes()))
        for run in runs:
            try:
                run.train_step(plan, images, labels)
            except NotFinite as failure:
                failures.append((run, failure))
        return failures


def part(plan: Plan, rank: int, processes: int) -> Plan:
    """What one of several processes sees of a batch: every so many-th image."""
    return plan[rank::processes] if processes > 1 else plan


class Starts:
    """The steps, from 0, at which a group's training steps begin; no list, which Lightning would take for
    several loaders."""

    def __init__(self, engine: Engine, start: int, stop: int) -> None:
        self.engine, self.start, self.stop = engine, start, stop

    def __iter__(self) -> Iterator[int]:
        start = self.start
        while start < self.stop:
            yield start
            start = min(self.engine.stop(start), self.stop)


class Group(pl.LightningModule):
    """Draws each batch once and gives it to every run.

    A run whose loss stops being finite, or whose folder can't be written, drops out; the others go on, and
    their results don't depend on it.
    A run that is ahead of the others (an interruption may leave them so) waits for them.

    Args:
        runs: all of the same length.
        engine: does the steps.
    """

    def __init__(self, runs: Sequence[Run], engine: Engine) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.runs, self.engine = list(runs), engine
        self.behind = self.runs  # those that the last training step trained
        self.classifiers = nn.ModuleList(run.classifier for run in runs)
        self.steps = runs[0].settings.steps

    @property
    def alive(self) -> list[Run]:
        return [run for run in self.runs if run.failure is None]

    def starts(self) -> Starts:
        """What Lightning loops over."""
        return Starts(self.engine, min(run.step for run in self.runs), self.steps)

    def configure_optimizers(self) -> Any:
        return [run.classifier.optimizer for run in self.runs]

    def forward(self, images: Tensor) -> list[Tensor]:
        """(batch, channels, height, width) -> each network's logits (batch, classes)."""
        return [run.classifier(images) for run in self.runs]

    def training_step(self, start: int, batch_idx: int) -> None:
        """Train from step `start` on, from 0, as far as the engine does at once."""
        stop = min(self.engine.stop(start), self.steps)
        self.behind = [run for run in self.alive if run.step < stop]
        for run, failure in self.engine.train(self.behind, start, stop):
            self.drop(run, failure)

    def after_step(self, run: Run) -> None:
        """Have the run evaluated and saved, if that is due."""
        try:
            run.after_step()
        except (NotFinite, OSError) as failure:  # OSError: its folder can't be written
            self.drop(run, failure)

    def drop(self, run: Run, failure: NotFinite | OSError) -> None:
        """Leave a run out from now on.

        Raises:
            NotFinite, OSError: it was the last one.
        """
        run.failure = failure
        if not self.alive:
            raise failure


class Rhythm(pl.Callback):
    """Between two steps: takes the time, has evaluations and checkpoints made, heeds a stop."""

    def __init__(self, stop: Stop) -> None:
        self.stop, self.clock = stop, Clock()

    def on_train_start(self, trainer: pl.Trainer, group: pl.LightningModule) -> None:
        assert isinstance(group, Group)
        self.stop.install()
        if trainer.world_size > 1:
            for run in group.runs:
                run.classifier.backward = group.manual_backward  # adds up the processes' gradients
        self._between_steps(group)  # an evaluation that an interruption cut short

    def on_train_batch_start(
        self, trainer: pl.Trainer, group: pl.LightningModule, start: int, batch_idx: int
    ) -> None:
        assert isinstance(group, Group)
        self.steps = [run.step for run in group.runs]
        self.setup_before = sum(run.setup_seconds for run in group.runs)

    def on_train_batch_end(
        self, trainer: pl.Trainer, group: pl.LightningModule, outputs: Any, start: int, batch_idx: int
    ) -> None:
        assert isinstance(group, Group)
        seconds = self.clock.lap() - (sum(run.setup_seconds for run in group.runs) - self.setup_before)
        trained = [run.step > before for run, before in zip(group.runs, self.steps, strict=True)]
        for run, before in zip(group.runs, self.steps, strict=True):
            if run.step > before:
                run.seconds += seconds / sum(trained)  # equal parts, that add up to the group's time
                run.progress.after_steps(run.step, run.step - before, seconds)
        self._between_steps(group)

    def _between_steps(self, group: Group) -> None:
        self.stop.check()
        for run in group.behind:
            if run.failure is None:
                run.begin_evaluation()
        for run in group.behind:
            if run.failure is None:
                group.after_step(run)
        self.clock.restart()
