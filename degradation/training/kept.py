"""Weights along training: every so many steps a file in the run folder, off by default."""

import re
from pathlib import Path

from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.classifier import Classifier

NAME = re.compile(re.escape(schema.KEPT).replace(r"\{step\}", r"(\d+)"))


class Kept:
    """Keeps one network's weights while it trains. A run can start from such a file (`start=`); it can't go
    on from it as it was, for which the optimizer's state would be needed.

    Args:
        folder: the run folder.
        every: steps between two files; None: none is written.
    """

    def __init__(self, folder: Path, every: int | None) -> None:
        self.folder, self.every = folder, every

    def resume(self, step: int) -> None:
        """Go on at a step: later files, which training is about to write anew, are removed."""
        for later, path in kept(self.folder).items():
            if later > step:
                path.unlink()

    def after_step(self, classifier: Classifier) -> None:
        """Write what is due: after each `every` steps, the last ones too."""
        step = classifier.step
        if self.every is None or step == 0 or step % self.every:
            return
        weights = {"step": step, "lr": classifier.lr, "network": classifier.network.state_dict()}
        checkpoint.write(self.folder / schema.KEPT.format(step=step), {"classifier": weights})


def kept(folder: Path) -> dict[int, Path]:
    """The files that a run kept, by step, ascending."""
    found = {int(match[1]): path for path in folder.iterdir() if (match := NAME.fullmatch(path.name))}
    return dict(sorted(found.items()))
