"""Train many networks, the longest first.

On a CPU each is a process of its own, as many at a time as there are cores. On a GPU one process runs at a
time; with `train.engine=fast` it trains up to eight networks side by side.
"""

from collections.abc import Sequence

from degradation import errors
from degradation.config.request import Request
from degradation.data import load
from degradation.errors import BadRequest
from degradation.runs import schema
from degradation.sweeps.job import WAITING, Job
from degradation.sweeps.live import LiveTable
from degradation.sweeps.plan import write_plans
from degradation.sweeps.pool import Pool
from degradation.sweeps.time_left import TimeLeft
from degradation.training.folder import look, lost

SIDE_BY_SIDE = 8  # networks on one GPU


def sweep(requests: Sequence[Request], at_once: int | None = None) -> int:
    """Train all networks; those that are complete already are left as they are.

    One that fails doesn't stop the others, nor does one whose folder can't be written. One that another
    process trains is left to it; if that one ends before it is complete and before this sweep does, it is
    trained here last.

    Args:
        at_once: None: the cores that this process may use, or one on a GPU.

    Returns:
        The exit code: 1 if one failed, 3 if the time was up, 4 if other processes train those that are not
        complete, 128 + the signal if one stopped the sweep.

    Raises:
        BadRequest: a request is wrong or comes twice, or the data isn't there; nothing was started.
    """
    jobs = [Job(request) for request in requests]
    check(jobs)
    accelerator = _accelerator({job.request.settings.trainer.accelerator for job in jobs})
    at_once = at_once or (cores() if accelerator == "cpu" else 1)
    left = teams(jobs, accelerator)
    write_plans(jobs, at_once * max(map(len, left), default=1))
    with LiveTable(jobs, TimeLeft(jobs, at_once) if accelerator == "cpu" else None) as table:
        return Pool(jobs, left, at_once, table).run()


def check(jobs: Sequence[Job]) -> None:
    """Refuse the whole sweep if one of its networks can't be trained as it is asked for."""
    folders = [job.request.folder for job in jobs]
    if any(job.request.settings.trainer.devices > 1 for job in jobs):
        raise BadRequest("trainer.devices: for one network; in a sweep each network has one process")
    for logger in {job.request.settings.logger for job in jobs}:
        logger.find()
    for folder in folders:
        if folders.count(folder) > 1:
            raise BadRequest(f"{folder} comes twice in this sweep: leave out the values that are the same")
    for job in jobs:
        try:
            record = look(job.request)
        except OSError as error:
            job.state, job.message = schema.FAILED, f"can't be read: {errors.words(error)}"
            continue
        if record is not None and record["status"] == schema.COMPLETE:
            job.state = schema.COMPLETE
        elif record is not None:
            job.note = lost(job.request.folder, record)
    waiting = {job.request.settings.data for job in jobs if job.state == WAITING}
    for data in waiting:  # here, once, so that not every network downloads it
        load(data)


def _accelerator(wanted: set[str]) -> str:
    if wanted == {"cpu"}:
        return "cpu"  # without importing torch
    from degradation.training.device import choose_accelerator

    found = {choose_accelerator(name) for name in wanted}
    return "cpu" if found == {"cpu"} else "gpu"


def cores() -> int:
    """The smallest of CPU affinity, cgroup quota and physical cores."""
    from joblib import cpu_count

    return int(cpu_count(only_physical_cores=True))


def teams(jobs: Sequence[Job], accelerator: str) -> list[list[Job]]:
    """The networks that are left to train, as lists of those that share a process, longest first."""
    waiting = sorted((job for job in jobs if job.state == WAITING), key=Job.cost, reverse=True)
    if accelerator == "cpu":
        return [[job] for job in waiting]
    found: dict[str, list[list[Job]]] = {}
    for job in waiting:
        several = job.request.settings.train.engine == "fast"
        own = found.setdefault(job.request.group_key, [])
        if several and own and len(own[-1]) < SIDE_BY_SIDE:
            own[-1].append(job)
        else:
            own.append([job])
    return [team for own in found.values() for team in own]
