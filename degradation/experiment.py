"""Train networks: from checked requests to complete run folders.

As a program (`python -m degradation.experiment`) it reads the requests as a line of JSON from standard input
and ends when that closes: a sweep starts its networks so.
"""

import contextlib
import json
import sys
import traceback
from collections.abc import Sequence

import pytorch_lightning as pl

from degradation import errors, request, schema
from degradation.data import load
from degradation.errors import BadRequest, NotFinite, Stopped
from degradation.files import locked
from degradation.folder import look, move_aside
from degradation.request import Request
from degradation.training import together
from degradation.training.build import make_engine, make_images, make_run, make_trainer, quietly, resolve
from degradation.training.group import Engine, Group
from degradation.training.run import Run
from degradation.training.stop import Stop, follow_parent


def train(*wanted: Request, echo: bool = True) -> int:
    """Train the network that is asked for, or go on with it, or say that it is complete.

    Several train as a group, side by side on the same batches.

    Args:
        wanted: requests that differ in the network alone.

    Returns:
        The exit code: see `errors`.

    Raises:
        BadRequest: the data isn't there, a run folder holds another config or is in use.
    """
    if len({one.group_key for one in wanted}) > 1:
        raise BadRequest("the networks of a group differ in their model alone")
    common = wanted[0].settings
    if common.trainer.devices > 1 and len(wanted) > 1:
        raise BadRequest("a group trains in one process: trainer.devices=1")
    stop = Stop(common.train.max_minutes)
    stop.install()
    left = [one for one in wanted if not _is_complete(one, echo)]
    if not left:
        return errors.DONE
    trainer = make_trainer(common.trainer, stop)
    dataset = load(common.data)
    images = make_images(dataset, trainer.strategy.root_device)
    engine = make_engine(resolve(left[0], trainer.strategy.root_device).settings, dataset, images[0], stop)
    try:
        with contextlib.ExitStack() as locks:
            runs = []
            for one in left:
                if together.rank(common.trainer.devices) == 0:  # it started the others, and has the folder for all
                    one.folder.mkdir(parents=True, exist_ok=True)
                    locks.enter_context(locked(one.folder / schema.LOCK))
                    if one.settings.fresh:
                        move_aside(one.folder)
                    elif _is_complete(one, echo):  # another process did it while this one waited
                        continue
                whole = resolve(one, trainer.strategy.root_device)
                runs.append(make_run(whole, dataset, images, stop, echo))
            return fit(runs, engine, trainer) if runs else errors.DONE
    except OSError as error:
        print(f"{left[0].folder}: {_words(error)}", file=sys.stderr)
        return errors.FAILED


def _is_complete(wanted: Request, echo: bool) -> bool:
    record = look(wanted)
    complete = record is not None and record["status"] == schema.COMPLETE
    if complete and echo:
        print(f"{wanted.folder} is complete: nothing to do (fresh=true moves it aside and trains anew)")
    return complete


def fit(runs: Sequence[Run], engine: Engine, trainer: pl.Trainer) -> int:
    """Train to the last step, and write down how each run ended; returns the exit code."""
    group, code = Group(runs, engine), errors.DONE
    try:
        if any(run.step < group.steps for run in runs):
            with quietly():
                trainer.fit(group, group.starts())
        for run in group.alive:
            group.after_step(run)  # where only the last evaluation was left to do
        for run in group.alive:
            run.mark(schema.COMPLETE)
    except Stopped as stopped:
        code = stopped.code
        for run in group.alive:
            _stopped(run, stopped)
    except NotFinite:
        pass  # the last one that was left: see below
    except OSError as error:  # a full disk, a folder that can't be written
        code = errors.FAILED
        for run in group.alive:
            _failed(run, _words(error))
    except Exception as error:
        code = errors.FAILED
        for run in group.alive:
            _failed(run, f"{type(error).__name__}: {error}", traceback.format_exc())
    for run in runs:
        if run.failure is not None:
            _failed(run, str(run.failure))
            code = code or errors.FAILED
    return code


def _stopped(run: Run, stopped: Stopped) -> None:
    run.save()
    run.mark(schema.INTERRUPTED, str(stopped))
    run.recorder.log(f"{stopped} at step {run.step}; the same command goes on from there")


def _failed(run: Run, message: str, trace: str = "") -> None:
    print(f"{run.recorder.folder}: failed at step {run.step}: {message}", file=sys.stderr)
    run.recorder.log(f"failed at step {run.step}: {message}\n{trace}".rstrip())
    run.mark(schema.FAILED, message)


def _words(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}"


def main() -> int:
    """Some networks of a sweep."""
    wanted = [request.from_mapping(tree) for tree in json.loads(sys.stdin.buffer.readline())]
    follow_parent()
    try:
        return train(*wanted, echo=False)
    except BadRequest as error:
        print(error, file=sys.stderr)
        return errors.BAD_REQUEST


if __name__ == "__main__":
    sys.exit(main())
