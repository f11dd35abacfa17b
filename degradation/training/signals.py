"""Signals along training: every so many steps a few rows in the run folder's signals.csv, off by default."""

import csv
import io
from pathlib import Path

import torch

from degradation.config.optimization import Optimizer
from degradation.data.augment import Resident
from degradation.files import write_atomic
from degradation.models.signals import COLUMNS, signals
from degradation.runs import schema
from degradation.training.classifier import Classifier

BATCH = 128  # images, the same each time


class Signals:
    """Looks at one network's layers while it trains, from step 0 on; at a copy, so training keeps its bits.

    Args:
        folder: the run folder.
        every: steps between two looks.
        images: the training images; as many of each class are looked at, as they are, those that lie evenly
            among them. BN takes their statistics, and those of some classes alone would be other ones.
        optimizer: of the step whose size is asked for; with Adam it stays empty.
    """

    def __init__(self, folder: Path, every: int, images: Resident, optimizer: Optimizer) -> None:
        self.path, self.every, self.optimizer = folder / schema.SIGNALS, every, optimizer
        count, by_class = min(BATCH, len(images)), images.labels.argsort(stable=True)
        self.batch = images.views(by_class[torch.arange(count) * len(images) // count])
        self.rows: list[list[str]] = []

    def resume(self, step: int) -> None:
        """Go on at a step: later rows, which training is about to write anew, are dropped."""
        if self.path.exists():
            rows = list(csv.reader(io.StringIO(self.path.read_text())))[1:]
            self.rows = [row for row in rows if int(row[0]) <= step]

    def after_step(self, classifier: Classifier) -> None:
        """Measure and write, where it is due and not done yet."""
        step = classifier.step
        if step % self.every or (self.rows and int(self.rows[-1][0]) >= step):
            return
        lr = classifier.schedule.lr(max(0, step - 1))  # of the last step, or at the start of the first
        rate, decay = self.optimizer.per_gradient(lr), self.optimizer.weight_decay
        table = signals(classifier.network, *self.batch, lr=rate, weight_decay=decay)
        for row in table.itertuples(index=False):
            self.rows.append([str(step), *("" if value != value else str(value) for value in row)])
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([["step", *COLUMNS], *self.rows])
        write_atomic(self.path, text.getvalue())
