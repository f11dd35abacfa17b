"""How long a sweep will take on this machine's cores: told before it starts, from steps that are timed."""

import contextlib
import heapq
import json
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from degradation.config.request import Request
from degradation.runs import schema
from degradation.sweeps.job import Job
from degradation.sweeps.pool import start
from degradation.training.progress import duration

FEW = 200  # steps of all networks together: so few are done before they are timed
LIMIT = 30.0  # seconds that timing may take; on a machine with nothing else to do it takes six
SIGNALS = 3  # steps that a look at the layers costs
COST = ("batch_size", "precision", "threads", "engine")  # keys of train.* that the time of a step depends on
TIMING = "degradation.training.pace"
Pace = dict[str, float]  # what `training.pace.Pace` holds


def forecast(teams: Sequence[Sequence[Job]], at_once: int) -> str:
    """When the last network will have ended, in words; empty where that can't be told.

    Args:
        teams: the networks that are left to train, each in a process of its own, in their order.
        at_once: how many processes.
    """
    jobs = [team[0] for team in teams if team[0].taken() is None]
    trains = [job.request.settings.train for job in jobs]
    compiled = any(train.compile not in (None, "none") for train in trains)  # which takes minutes
    if compiled or sum(train.steps - done(job) for train, job in zip(trains, jobs, strict=True)) < FEW:
        return ""
    kinds: dict[str, Job] = {}
    for job in jobs:
        kinds.setdefault(kind(job), job)
    paces = timed(kinds, min(at_once, len(jobs)))
    if not paces:
        return ""
    total = last_end([seconds(job, pace_of(job, kinds, paces)) for job in jobs], at_once)
    networks = f"the {len(jobs)} networks" if len(jobs) > 1 else "the network"
    return f"about {duration(total)} for {networks} to train, {at_once} at a time (steps timed just now)"


def kind(job: Job) -> str:
    """Equal for networks whose steps take the same time."""
    tree = job.request.to_mapping()
    return json.dumps([tree["model"], tree["data"], *(tree["train"][key] for key in COST)], sort_keys=True)


def timed(kinds: Mapping[str, Job], processes: int) -> dict[str, Pace]:
    """The pace of each kind, by as many processes as will train, so that they slow each other as much.

    Those that were not reached within `LIMIT` are missing.
    """
    names = list(kinds)
    shares = [names[place::processes] or [names[place % len(names)]] for place in range(processes)]
    found: dict[str, list[Pace]] = {}
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Timing([kinds[name].request for name in share])) for share in shares]
        until = time.monotonic() + LIMIT
        for share, one in zip(shares, running, strict=True):
            for place, pace in one.paces(until).items():
                found.setdefault(share[place], []).append(pace)
    return {name: {key: fmean(one[key] for one in own) for key in own[0]} for name, own in found.items()}


class Timing:
    """A process that times steps, as long as the `with` block lasts."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = requests

    def __enter__(self) -> "Timing":
        self.said = tempfile.TemporaryFile()
        self.process = start(TIMING, self.requests, self.said, subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.said.close()

    def paces(self, until: float) -> dict[int, Pace]:
        """What it has said by a time of the monotonic clock, by the place of the request."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(until - time.monotonic(), 0))
        self.said.seek(0)
        lines = self.said.read().decode().splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.endswith("\n")]  # it may be at the last one
        return {int(pace.pop("place")): pace for pace in told}


def pace_of(job: Job, kinds: Mapping[str, Job], paces: Mapping[str, Pace]) -> Pace:
    """A network's pace; of one that wasn't timed that of the nearest in size, as if its time grew with it."""
    if kind(job) in paces:
        return paces[kind(job)]
    nearest = min(paces, key=lambda name: abs(size(kinds[name]) - size(job)))
    ratio = size(job) / size(kinds[nearest])
    return {key: value * (ratio if key in ("step", "image") else 1) for key, value in paces[nearest].items()}


def size(job: Job) -> float:
    """What a step takes, roughly."""
    return job.cost() / job.request.settings.train.steps


def seconds(job: Job, pace: Pace) -> float:
    """From the start of a network's process to its end."""
    train, step = job.request.settings.train, done(job)
    looks = (train.steps - step) // train.signals_every if train.signals_every else 0
    images = train.images_to_evaluate(step, int(pace["train"]), int(pace["test"]))
    return pace["start"] + (train.steps - step + SIGNALS * looks) * pace["step"] + images * pace["image"]


def done(job: Job) -> int:
    """Steps that a checkpoint holds."""
    saved = any((job.request.folder / name).exists() for name in (schema.LAST, schema.PREVIOUS))
    return int(job.record().get("step") or 0) if saved and not job.request.settings.fresh else 0


def last_end(durations: Iterable[float], at_once: int) -> float:
    """When the last of some processes ends, of which so many run at a time, one after the other."""
    free = [0.0] * at_once
    for one in durations:
        heapq.heapreplace(free, free[0] + one)
    return max(free)
