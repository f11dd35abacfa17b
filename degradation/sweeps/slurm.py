"""Train many networks on a cluster: one Slurm job each, through submitit, watched until the last ends."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from degradation import errors
from degradation.config import request
from degradation.config.request import Request
from degradation.errors import BadRequest, InUse
from degradation.files import locked
from degradation.runs import schema
from degradation.sweeps.job import IN_USE, STOPPED, WAITING, Job, Watcher, change, exit_code, result
from degradation.sweeps.live import LiveTable
from degradation.sweeps.plan import write_plans
from degradation.sweeps.pool import python_path
from degradation.sweeps.sweep import check
from degradation.training.commit import for_networks
from degradation.training.folder import move_aside

POLL = 2.0  # seconds
LONGEST_KILL_WAIT = 900.0  # seconds that a cluster may leave a job between SIGTERM and SIGKILL
STATES = {"PENDING": WAITING, "REQUEUED": WAITING, "PREEMPTED": WAITING, "RUNNING": schema.RUNNING}


class Training:
    """What a job runs; submitit pickles it, and queues it again when the job's time is up."""

    def __call__(self, tree: Mapping[str, Any]) -> int:
        """Train one network; returns the exit code."""
        from degradation.training import experiment

        try:
            code = experiment.train(request.from_mapping(tree))
        except BadRequest as error:
            print(error, file=sys.stderr)
            return error.code
        if code in (errors.INTERRUPTED, errors.TERMINATED):
            # Preempted or cancelled. Slurm kills it in a moment, and queues a preempted one again; to end
            # here would tell submitit that the job is done.
            time.sleep(LONGEST_KILL_WAIT)
        return code

    def checkpoint(self, tree: Mapping[str, Any]) -> Any:
        """The same again: the run goes on from its own checkpoint."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, tree)


def sweep(requests: Sequence[Request], folder: str, max_timeouts: int, options: Mapping[str, Any]) -> int:
    """Train all networks as jobs; those that are complete already are left as they are.

    Ctrl-C and SIGTERM cancel the jobs, which write a checkpoint first.

    Args:
        folder: for what Slurm and submitit write.
        max_timeouts: how often a job may run out of its time and be queued again.
        options: of submitit's AutoExecutor.

    Returns:
        The exit code: see `sweep.sweep`.

    Raises:
        BadRequest: a request is wrong, or there is no submitit or Slurm here; nothing was submitted.
    """
    jobs = [Job(one) for one in requests]
    check(jobs)
    waiting = [job for job in jobs if job.state == WAITING]
    executor = make_executor(folder, max_timeouts, options) if waiting else None
    stopped: list[int] = []
    if executor:
        write_plans(jobs, len(waiting))
    with LiveTable(jobs) as table:
        waiting = [job for job in waiting if prepare(job, table)]
        for job in waiting:
            job.before = job.record()
        trees = [job.request.begun().to_mapping() for job in waiting]
        handles = executor.map_array(Training(), trees) if executor and trees else []
        before = {
            number: signal.signal(number, lambda number, _: stopped.append(number))
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            watch(dict(zip(waiting, handles, strict=True)), table, stopped)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return exit_code(jobs, stopped[0] if stopped else None)


def make_executor(folder: str, max_timeouts: int, options: Mapping[str, Any]) -> Any:
    """submitit's executor.

    Raises:
        BadRequest: submitit isn't installed, Slurm isn't there, an option is none of submitit's.
    """
    try:
        import submitit
    except ImportError:
        raise BadRequest("hydra/launcher=slurm: needs submitit: pip install -e '.[slurm]'") from None
    os.environ.update({"PYTHONPATH": python_path(), **for_networks()})  # Slurm hands them to the jobs
    given = {key: value for key, value in options.items() if value is not None}
    try:
        executor = submitit.AutoExecutor(folder, cluster="slurm", slurm_max_num_timeout=max_timeouts)
        executor.update_parameters(**given)
    except (RuntimeError, NameError, TypeError) as error:
        raise BadRequest(f"hydra/launcher=slurm: {error}") from None
    return executor


def prepare(job: Job, watcher: Watcher) -> bool:
    """Whether a network is to be submitted; one in use is left alone.

    With fresh=true its folder is moved aside here, once: a job that Slurm queues again has to go on.
    """
    ended = job.taken()
    if ended is None and job.request.settings.fresh:
        try:
            with locked(job.request.folder / schema.LOCK):
                move_aside(job.request.folder)
        except FileNotFoundError:
            pass  # there is none yet
        except InUse as other:
            ended = IN_USE, job.in_use(other.holder)
        except OSError as error:
            ended = schema.FAILED, f"can't be moved aside: {errors.words(error)}"
    if ended is not None:
        change(job, watcher, *ended)
    return ended is None


def watch(left: dict[Job, Any], watcher: Watcher, stopped: Sequence[int]) -> None:
    """Follow the jobs until all have ended; cancel them when a stop is asked for."""
    cancelled = False
    while left:
        if stopped and not cancelled:
            cancelled = True
            for handle in left.values():
                handle.cancel(check=False)
        for job, handle in list(left.items()):
            if handle.done():
                del left[job]
                change(job, watcher, *ended(job, handle.state, returned(handle)))
            else:
                state = STATES.get(handle.state.split()[0], job.state)
                if state != job.state:
                    job.started = time.monotonic()
                    change(job, watcher, state)
        watcher.tick()
        time.sleep(POLL)


def returned(handle: Any) -> int | None:
    """The exit code that `Training` returned in a job; None if it came to none."""
    try:
        return int(handle.result())
    except Exception:  # submitit's own errors, and whatever the job raised
        return None


def ended(job: Job, state: str, code: int | None) -> tuple[str, str]:
    """How a network ended: its record says; what Slurm says of its job is not enough."""
    job.seconds = time.monotonic() - job.started if job.started else 0.0
    taken, record = job.taken() if code == errors.IN_USE else None, job.record()
    status = record["status"]
    if taken is not None:
        return taken
    if code == errors.IN_USE and status in (schema.RUNNING, None):
        return IN_USE, job.in_use("another process")  # then; by now that one has ended
    if status == schema.COMPLETE:
        return status, result(record)
    news = record != job.before or code == errors.OUT_OF_TIME or state.startswith("CANCELLED")
    if status in (schema.FAILED, schema.INTERRUPTED) and news:
        return status, record["message"]
    if status is None and state.startswith("CANCELLED"):
        return STOPPED, ""
    return job.close(schema.FAILED, f"its job ended as {state}" + (f", exit code {code}" if code else ""))
