"""Networks that are trained in step on the same batches by one Lightning Trainer; most often just one."""

from typing import Any

import pytorch_lightning as pl
from torch import Tensor, nn

from degradation.data.augment import Resident
from degradation.data.stream import Stream
from degradation.errors import NotFinite
from degradation.training.run import Clock, Run
from degradation.training.stop import Stop


class Group(pl.LightningModule):
    """Draws each batch once and gives it to every run.

    A run whose loss stops being finite drops out; the others go on, and their results don't depend on it.

    Args:
        runs: all at the same step.
        stream: what the batches are made of.
        images: the training images.
    """

    def __init__(self, runs: list[Run], stream: Stream, images: Resident) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.runs, self.stream, self.images = runs, stream, images
        self.classifiers = nn.ModuleList(run.classifier for run in runs)

    @property
    def alive(self) -> list[Run]:
        return [run for run in self.runs if run.failure is None]

    def configure_optimizers(self) -> Any:
        return [run.classifier.optimizer for run in self.runs]

    def forward(self, images: Tensor) -> list[Tensor]:
        """(batch, channels, height, width) -> each network's logits (batch, classes)."""
        return [run.classifier(images) for run in self.runs]

    def training_step(self, step: int, batch_idx: int) -> None:
        """Train on the batch of step `step`, from 0."""
        plan = self.stream.batch(step)
        images, labels = self.images.crops(plan)
        for run in self.alive:
            try:
                run.train_step(plan, images, labels)
            except NotFinite as failure:
                self.drop(run, failure)

    def drop(self, run: Run, failure: NotFinite) -> None:
        """Leave a run out from now on.

        Raises:
            NotFinite: it was the last one.
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
        self._between_steps(group)  # an evaluation that an interruption cut short

    def on_train_batch_end(
        self, trainer: pl.Trainer, group: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(group, Group)
        seconds = self.clock.lap()
        for run in group.alive:
            run.seconds += seconds
            run.progress.after_step(run.step, seconds)
        self._between_steps(group)

    def _between_steps(self, group: Group) -> None:
        self.stop.check()
        for run in group.alive:
            try:
                run.after_step()
            except NotFinite as failure:
                group.drop(run, failure)
        self.clock.restart()
