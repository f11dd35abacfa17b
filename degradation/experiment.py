"""Train one network: from a checked request to a complete run folder.

As a program (`python -m degradation.experiment`) it reads the request as a line of JSON from standard input
and ends when that closes: a sweep starts its networks so.
"""

import functools
import json
import logging
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment  # type: ignore[attr-defined]

from degradation import errors, request, schema
from degradation.data import Dataset, load
from degradation.data.augment import Resident
from degradation.data.stream import Stream
from degradation.errors import BadRequest, NotFinite, Stopped
from degradation.files import locked
from degradation.folder import look, move_aside, write_config
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.request import Request
from degradation.settings import CLASSES
from degradation.training import checkpoint, device
from degradation.training.classifier import Classifier
from degradation.training.group import Group, Rhythm
from degradation.training.provenance import describe_run
from degradation.training.recorder import Recorder
from degradation.training.run import Run
from degradation.training.schedule import StepSchedule
from degradation.training.stop import Stop, follow_parent


def train(wanted: Request, echo: bool = True) -> int:
    """Train the network that is asked for, or go on with it, or say that it is complete.

    Returns:
        The exit code: see `errors`.

    Raises:
        BadRequest: the data isn't there, the run folder holds another config or is in use.
    """
    stop = Stop(wanted.settings.train.max_minutes)
    stop.install()
    folder = wanted.folder
    if _is_complete(wanted, echo):
        return errors.DONE
    trainer = make_trainer(wanted, stop)
    dataset = load(wanted.settings.data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / schema.LOCK):
            if wanted.settings.fresh:
                move_aside(folder)
            elif _is_complete(wanted, echo):  # another process did it while this one waited
                return errors.DONE
            run = make_run(resolve(wanted, trainer.strategy.root_device), dataset, trainer, stop, echo)
            return fit(run, trainer, wanted, dataset)
    except OSError as error:
        print(f"{folder}: {error.strerror or error}", file=sys.stderr)
        return errors.FAILED


def _is_complete(wanted: Request, echo: bool) -> bool:
    record = look(wanted)
    complete = record is not None and record["status"] == schema.COMPLETE
    if complete and echo:
        print(f"{wanted.folder} is complete: nothing to do (fresh=true moves it aside and trains anew)")
    return complete


def make_trainer(wanted: Request, stop: Stop) -> pl.Trainer:
    """Lightning's Trainer for one pass over the steps, without what the recorder does instead.

    Raises:
        BadRequest: this machine doesn't have the accelerator.
    """
    options = wanted.settings.trainer
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)  # no banner per network
    return pl.Trainer(
        accelerator=device.choose_accelerator(options.accelerator),
        devices=options.devices,
        deterministic=options.deterministic or None,
        max_epochs=1,
        callbacks=[Rhythm(stop)],
        plugins=[LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def resolve(wanted: Request, on: torch.device) -> Request:
    """Fill in the precision and the threads where the config leaves them open; on resume, as they were."""
    record = look(wanted)
    stored = record["config"] if record else {}
    own = wanted.settings.train
    return wanted.with_train(
        precision=own.precision or stored.get("train.precision") or device.choose_precision(on),
        threads=own.threads
        or stored.get("train.threads")
        or (1 if on.type == "cpu" else torch.get_num_threads()),
    )


def make_run(wanted: Request, dataset: Dataset, trainer: pl.Trainer, stop: Stop, echo: bool) -> Run:
    """Put the parts of one network together, at the step where its checkpoint is.

    Raises:
        BadRequest: the images differ from those that the run began with, or no checkpoint is whole.
    """
    settings, on = wanted.settings, trainer.strategy.root_device
    assert settings.train.threads and settings.train.precision
    device.set_numerics(settings.train.threads)
    model, optimizer = settings.model, settings.optimizer
    channels = dataset.train.pixels.shape[3]
    network = build_model(
        model.family,
        depth=model.depth,
        width=model.width,
        shortcut=model.shortcut,
        num_classes=CLASSES,
        in_channels=channels,
    )
    initialise(network, settings.seed)
    record = describe_run(wanted, network, dataset, on)
    before = look(wanted)
    if before and before["data_sha256"] != record["data_sha256"]:
        raise BadRequest(
            f"{wanted.folder}: began with other images (data_sha256): use another experiment_name="
        )
    make_optimizer: Callable[[Any], torch.optim.Optimizer] = functools.partial(
        torch.optim.SGD, lr=optimizer.lr, momentum=optimizer.momentum, weight_decay=optimizer.weight_decay
    )
    schedule = StepSchedule(optimizer.lr, settings.schedule, settings.train.steps)
    classifier = Classifier(network.to(on), make_optimizer, schedule, settings.train.precision).to(on)
    padding, mean = dataset.train.pixels.shape[1] // 8, torch.from_numpy(dataset.mean_image())
    images = [Resident(part, mean, on, padding) for part in (dataset.train, dataset.test)]
    recorder = Recorder(wanted.folder, record, echo)
    run = Run(settings.train, classifier, recorder, images[0], images[1], stop.check)
    state = find_checkpoint(wanted.folder, recorder.log)
    if state is not None:
        run.resume(state)
        recorder.log(f"{wanted.name}: resumed at step {run.step} of {settings.train.steps}")
    else:
        recorder.log(f"{wanted.name}: {settings.train.steps} steps on {record['device']}")
    write_config(wanted)
    run.mark(schema.RUNNING)
    return run


def find_checkpoint(folder: Path, say: Callable[[str], None]) -> dict[str, Any] | None:
    """The newest whole checkpoint; None where none was written yet.

    Raises:
        BadRequest: there are some, all damaged.
    """
    damaged = []
    for name in (schema.LAST, schema.PREVIOUS):
        try:
            state = checkpoint.load(folder / name)
        except FileNotFoundError:
            continue
        except checkpoint.Damaged as error:
            damaged.append(str(error))
            continue
        for text in damaged:
            say(f"{text}; the one before it is used")
        return state
    if damaged:
        raise BadRequest(f"{folder}: {'; '.join(damaged)}: fresh=true moves it aside and starts anew")
    return None


def fit(run: Run, trainer: pl.Trainer, wanted: Request, dataset: Dataset) -> int:
    """Train to the last step, and write down how it ended; returns the exit code."""
    settings = wanted.settings
    stream = Stream(len(dataset.train), settings.train.batch_size, run.train.padding, settings.seed)
    try:
        if run.step < settings.train.steps:
            with warnings.catch_warnings():  # Lightning's use of what newer torch versions deprecate
                warnings.filterwarnings("ignore", category=FutureWarning, module="pytorch_lightning")
                trainer.fit(Group([run], stream, run.train), range(run.step, settings.train.steps))
        run.after_step()  # where only the last evaluation was left to do
        run.mark(schema.COMPLETE)
        return errors.DONE
    except Stopped as stopped:
        run.save()
        run.mark(schema.INTERRUPTED, str(stopped))
        run.recorder.log(f"{stopped} at step {run.step}; the same command goes on from there")
        return stopped.code
    except Exception as error:
        message = str(error) if isinstance(error, NotFinite) else f"{type(error).__name__}: {error}"
        run.recorder.log(f"failed at step {run.step}: {message}\n{traceback.format_exc()}")
        run.mark(schema.FAILED, message)
        return errors.FAILED


def main() -> int:
    """One network of a sweep."""
    wanted = request.from_mapping(json.loads(sys.stdin.buffer.readline()))
    follow_parent()
    try:
        return train(wanted, echo=False)
    except BadRequest as error:
        print(error, file=sys.stderr)
        return errors.BAD_REQUEST


if __name__ == "__main__":
    sys.exit(main())
