"""The rows of curves.csv for TensorBoard, Weights & Biases or MLflow, through Lightning's own loggers."""

import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from pytorch_lightning import loggers

from degradation.config.request import Request
from degradation.errors import BadRequest, words
from degradation.files import locked, read_json, write_json
from degradation.runs import schema
from degradation.training.recorder import Row

LOCK, PATIENCE = ".logger.lock", 60.0  # of several networks that begin at once, one makes the experiment
# What loggers call the ends of a run.
ENDS = {schema.COMPLETE: "success", schema.FAILED: "failed", schema.INTERRUPTED: "KILLED"}


class RowLogger:
    """Hands rows on, each once: a run that goes on does so in the same run of the logger.

    Args:
        wanted: whose rows they are; `logger.json` in its folder remembers what was handed on.

    Raises:
        BadRequest: the logger can't be opened.
    """

    def __init__(self, wanted: Request) -> None:
        own = wanted.settings.logger
        self.path, self.name = wanted.folder / schema.LOGGER, own.name
        place = {key: value for key, value in asdict(own).items() if key != "offline"}
        try:
            before = read_json(self.path)
        except (OSError, ValueError):
            before = {}
        goes_on = before.get("logger") == place
        try:
            with locked(wanted.folder.parent / LOCK, PATIENCE):
                self.logger, run, self.close = MAKERS[own.name](wanted, before["run"] if goes_on else None)
            if not goes_on:
                self.logger.log_hyperparams(schema.identity(wanted.to_mapping()))
        except Exception as error:  # foreign code: anything
            raise BadRequest(f"logger={own.name}: {' '.join(words(error).split())}") from error
        self.state: dict[str, Any] = {"logger": place, "run": run, "step": before["step"] if goes_on else 0}
        write_json(self.path, self.state)

    def add(self, rows: Sequence[Row]) -> None:
        """Hand on those of a run's rows that were not yet."""
        new = [row for row in rows if row["step"] > self.state["step"]]
        for row in new:
            step = int(row["step"])
            measured = {key: value for key, value in row.items() if key != "step" and not math.isnan(value)}
            self.logger.log_metrics(measured, step=step)
            self.state["step"] = step
        if new:
            self.logger.save()
            write_json(self.path, self.state)

    def end(self, status: str) -> None:
        """The run has ended, for now."""
        self.logger.finalize(ENDS[status])
        self.close()


# A logger, what names its run, and what closes that where Lightning does not.
Made = tuple[loggers.Logger, str | None, Callable[[], None]]


def _nothing() -> None:
    pass


def _tensorboard(wanted: Request, run: str | None) -> Made:
    folder = str(wanted.folder)
    made = loggers.TensorBoardLogger(folder, name="", version="tensorboard", default_hp_metric=False)
    return made, run, _nothing


def _wandb(wanted: Request, run: str | None) -> Made:
    own, run = wanted.settings.logger, run or uuid.uuid4().hex
    made = loggers.WandbLogger(
        name=wanted.name,
        version=run,
        save_dir=wanted.folder,
        project=own.project,
        offline=bool(own.offline),
        group=wanted.settings.experiment_name,
        reinit="create_new",  # a run a network, where one process trains several
    )
    return made, run, made.experiment.finish


def _mlflow(wanted: Request, run: str | None) -> Made:
    experiment, uri = wanted.settings.experiment_name, wanted.settings.logger.uri
    made = loggers.MLFlowLogger(experiment, run_name=wanted.name, tracking_uri=uri, run_id=run)
    return made, made.run_id, _nothing


MAKERS: dict[str, Callable[[Request, str | None], Made]] = {
    "tensorboard": _tensorboard,
    "wandb": _wandb,
    "mlflow": _mlflow,
}
