"""Lightning's Trainer, without what the recorder does instead."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

import pytorch_lightning as pl
from pytorch_lightning.plugins.environments import LightningEnvironment  # type: ignore[attr-defined]
from pytorch_lightning.strategies import DDPStrategy

from degradation.config.settings import Trainer
from degradation.training.device import choose_accelerator
from degradation.training.group import Rhythm
from degradation.training.stop import Stop


def make_trainer(options: Trainer, stop: Stop) -> pl.Trainer:
    """A Trainer for one pass over the steps.

    Raises:
        BadRequest: this machine doesn't have the accelerator.
    """
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)  # no banner per network
    return pl.Trainer(
        accelerator=choose_accelerator(options.accelerator),
        devices=options.devices,
        # The sums that each process keeps are buffers; DDP would overwrite them with the first one's.
        strategy=DDPStrategy(broadcast_buffers=False) if options.devices > 1 else "auto",
        deterministic=options.deterministic or None,
        max_epochs=1,
        callbacks=[Rhythm(stop)],
        plugins=[LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Without Lightning's warnings of its own use of newer torch versions, and that there is Slurm here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="pytorch_lightning")
        warnings.filterwarnings("ignore", message="The `srun` command is available")
        yield
