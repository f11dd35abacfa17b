"""Train networks: from checked requests to complete run folders.

As a program (`python -m degradation.training.experiment`) it reads the requests as a line of JSON from
standard input and ends when that closes: a sweep starts its networks so.
"""

import contextlib
import functools
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytorch_lightning as pl

from degradation import errors
from degradation.config import request
from degradation.config.request import Request
from degradation.data import load
from degradation.errors import BadRequest, InUse, NotFinite, Stopped
from degradation.files import locked
from degradation.runs import schema
from degradation.training import together
from degradation.training.build import make_engine, make_run
from degradation.training.folder import look, move_aside
from degradation.training.group import Engine, Group
from degradation.training.lightning import make_trainer, quietly
from degradation.training.parts import make_images, resolve
from degradation.training.run import Run
from degradation.training.stop import Stop, follow_parent

PATIENCE = 1.0  # seconds: a sweep that looks who holds a run folder's lock holds it itself for a moment
T = TypeVar("T")


def train(*wanted: Request, echo: bool = True) -> int:
    """Train the network that is asked for, or go on with it, or say that it is complete.

    Several train as a group, side by side on the same batches. One of them that fails, be it that its folder
    can't be written, doesn't stop the others.

    Args:
        wanted: requests that differ in the network alone.

    Returns:
        The exit code: see `errors`.

    Raises:
        BadRequest: the data isn't there, or the run folder holds another config.
        InUse: another process trains one of them; nothing was written.
    """
    if len({one.group_key for one in wanted}) > 1:
        raise BadRequest("the networks of a group differ in their model alone")
    common = wanted[0].settings
    if common.trainer.devices > 1 and len(wanted) > 1:
        raise BadRequest("a group trains in one process: trainer.devices=1")
    stop = Stop(common.train.max_minutes)
    left = [one for one in wanted if not _is_complete(one, echo)]
    if not left:
        return errors.DONE
    trainer = make_trainer(common.trainer, stop)
    dataset = load(common.data)
    images = make_images(dataset, trainer.strategy.root_device)
    stop.install()  # until here a signal ends the process: there was nothing to save
    on, leads = trainer.strategy.root_device, together.rank(common.trainer.devices) == 0
    engine = make_engine(resolve(left[0], on).settings, dataset, images[0], stop)
    with contextlib.ExitStack() as locks:

        def begin(one: Request) -> Request | None:
            if leads:  # it started the other processes, and has the folder for all
                one.folder.mkdir(parents=True, exist_ok=True)
                locks.enter_context(locked(one.folder / schema.LOCK, PATIENCE))
                if one.settings.fresh:
                    move_aside(one.folder)
                elif _is_complete(one, echo):  # another process did it while this one waited
                    return None
            return one

        ours, failed = _each(left, begin)
        runs, late = _each(ours, lambda one: make_run(resolve(one, on), dataset, images, stop, echo))
        return (fit(runs, engine, trainer) if runs else errors.DONE) or failed or late


def _each(wanted: Sequence[Request], work: Callable[[Request], T | None]) -> tuple[list[T], int]:
    """What becomes of each network, and the exit code: one that can't begin is named, the others do."""
    made, code = [], errors.DONE
    for one in wanted:
        try:
            value = work(one)
        except (OSError, BadRequest) as error:
            if isinstance(error, InUse) or (isinstance(error, BadRequest) and len(wanted) == 1):
                raise
            _say(f"{one.folder}: {errors.words(error)}")
            code = errors.FAILED
        else:
            made += [] if value is None else [value]
    return made, code


def _is_complete(wanted: Request, echo: bool) -> bool:
    record = look(wanted)
    complete = record is not None and record["status"] == schema.COMPLETE
    if complete and echo:
        print(f"{wanted.folder} is complete: nothing to do (fresh=true moves it aside and trains anew)")
    return complete


def fit(runs: Sequence[Run], engine: Engine, trainer: pl.Trainer) -> int:
    """Train to the last step, and write down how each run ended; returns the exit code."""
    group, code = Group(runs, engine), errors.DONE
    end: Callable[[Run], None] = _complete
    try:
        if any(run.step < group.steps for run in runs):
            with quietly():
                trainer.fit(group, group.starts())
        for run in group.alive:
            group.after_step(run)  # where only the last evaluation was left to do
    except Stopped as stopped:
        code, end = stopped.code, functools.partial(_stopped, stopped=stopped)
    except Exception as error:  # of the last one that was left, or of what they share
        for run in group.alive:
            run.failure = error
    for run in group.alive:
        try:
            end(run)
        except OSError as error:
            run.failure, code = error, errors.FAILED
    for run in runs:
        if run.failure is not None:
            _failed(run, run.failure)
            code = code or errors.FAILED
    return code


def _complete(run: Run) -> None:
    run.mark(schema.COMPLETE)


def _stopped(run: Run, stopped: Stopped) -> None:
    run.save()
    run.mark(schema.INTERRUPTED, str(stopped))
    run.recorder.log(f"{stopped} at step {run.step}; without fresh=true the same command goes on from there")


def _failed(run: Run, failure: Exception) -> None:
    """Write down why; first where it counts, for the disk may be full or the folder not to be written."""
    message = errors.words(failure)
    said = f"failed at step {run.step}: {message}"
    try:
        run.mark(schema.FAILED, message)
    except OSError as error:
        said += f"; its record can't say so: {errors.words(error)}"
    foreseen = isinstance(failure, NotFinite | OSError)
    trace = [] if foreseen else traceback.format_exception(failure)
    run.recorder.log("\n".join([said, *trace]).rstrip())
    _say(f"{run.recorder.folder}: {said}")


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # standard error on a full disk
        print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Some networks of a sweep."""
    wanted = [request.from_mapping(tree) for tree in json.loads(sys.stdin.buffer.readline())]
    follow_parent()
    try:
        return train(*wanted, echo=False)
    except BadRequest as error:
        print(error, file=sys.stderr)
        return error.code


if __name__ == "__main__":
    sys.exit(main())
