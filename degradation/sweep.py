"""Train many networks: one process each, so many at a time as there are cores, the longest first."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from degradation import errors, schema
from degradation.data import load
from degradation.errors import BadRequest
from degradation.files import read_json, write_json
from degradation.folder import look
from degradation.request import Request
from degradation.table import Table, result

WAITING, STOPPED = "waiting", "not started"
POLL = 0.2  # seconds


@dataclass
class Job:
    """One network of a sweep."""

    request: Request
    state: str = WAITING
    message: str = ""
    process: subprocess.Popen[bytes] | None = None
    stderr: IO[bytes] | None = None
    started: float = 0.0
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return self.request.name

    def cost(self) -> float:
        """Proportional to the time it takes, roughly: layers times images."""
        train = self.request.settings.train
        return self.request.settings.model.depth * train.steps * train.batch_size


def sweep(requests: Sequence[Request], at_once: int | None = None) -> int:
    """Train all networks; those that are complete already are left as they are.

    One that fails doesn't stop the others.

    Args:
        at_once: None: the cores that this process may use, or one on a GPU.

    Returns:
        The exit code: 1 if one failed, 3 if the time was up, 128 + the signal if one stopped the sweep.

    Raises:
        BadRequest: a request is wrong or comes twice, or the data isn't there; nothing was started.
    """
    jobs = [Job(request) for request in requests]
    check(jobs)
    accelerator = _accelerator({job.request.settings.trainer.accelerator for job in jobs})
    with Table(jobs) as table:
        pool = Pool(jobs, at_once or (cores() if accelerator == "cpu" else 1), table)
        return pool.run()


def check(jobs: Sequence[Job]) -> None:
    """Refuse the whole sweep if one of its networks can't be trained as it is asked for."""
    folders = [job.request.folder for job in jobs]
    for folder in folders:
        if folders.count(folder) > 1:
            raise BadRequest(f"{folder} comes twice in this sweep: leave out the values that are the same")
    for job in jobs:
        record = look(job.request)
        if record is not None and record["status"] == schema.COMPLETE:
            job.state = schema.COMPLETE
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


class Pool:
    """Runs the jobs, and hands signals on to them."""

    def __init__(self, jobs: Sequence[Job], at_once: int, table: Table) -> None:
        self.jobs, self.at_once, self.table = jobs, at_once, table
        self.waiting = sorted((job for job in jobs if job.state == WAITING), key=Job.cost, reverse=True)
        self.running: list[Job] = []
        self.signal: int | None = None
        minutes = [job.request.settings.train.max_minutes for job in jobs]
        limit = min((m for m in minutes if m is not None), default=None)
        self.deadline = None if limit is None else time.monotonic() + 60 * limit

    def run(self) -> int:
        """Run all jobs to their ends; returns the exit code."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._forward) for number in numbers}
        try:
            while self.running or (self.waiting and not self._over()):
                while self.waiting and len(self.running) < self.at_once and not self._over():
                    self._start(self.waiting.pop(0))
                for job in list(self.running):
                    if job.process is not None and job.process.poll() is not None:
                        self.running.remove(job)
                        self._ended(job)
                self.table.refresh()
                time.sleep(POLL)
        finally:
            for job in self.running:  # only after an error of our own
                if job.process is not None:
                    job.process.kill()
            for number, handler in before.items():
                signal.signal(number, handler)
        for job in self.waiting:
            self.table.change(job, STOPPED)
        return self._code()

    def _over(self) -> bool:
        return self.signal is not None or (self.deadline is not None and time.monotonic() >= self.deadline)

    def _forward(self, number: int, _frame: object) -> None:
        """Ask each network to stop; the second time, don't ask."""
        again, self.signal = self.signal is not None, number
        for job in self.running:
            if job.process is not None and job.process.poll() is None:
                job.process.send_signal(signal.SIGKILL if again else number)

    def _start(self, job: Job) -> None:
        request = job.request
        if self.deadline is not None:
            request = request.with_train(max_minutes=max((self.deadline - time.monotonic()) / 60, 0.001))
        threads = str(request.settings.train.threads or 1)
        here = str(Path(__file__).parents[1])  # works from any folder, installed or not
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
        job.stderr = tempfile.TemporaryFile()  # noqa: SIM115 closed when the process has ended
        job.process = subprocess.Popen(
            [sys.executable, "-m", "degradation.experiment"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=job.stderr,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
            start_new_session=True,  # Ctrl-C reaches the sweep alone, which hands it on
        )
        assert job.process.stdin is not None
        try:
            # Standard input stays open: when it closes, the sweep is gone and the network stops too.
            job.process.stdin.write(json.dumps(request.to_mapping()).encode() + b"\n")
            job.process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once: `_ended` says how
        job.started = time.monotonic()
        self.running.append(job)
        self.table.change(job, schema.RUNNING)

    def _ended(self, job: Job) -> None:
        """Find out how a network ended: its record says, unless it could not write one."""
        assert job.process is not None and job.process.stdin is not None and job.stderr is not None
        code = job.process.returncode
        job.seconds = time.monotonic() - job.started
        try:
            record = read_json(job.request.folder / schema.RECORD)
        except (OSError, ValueError):
            record = {"status": None, "message": None}
        status = record["status"]
        if code == errors.DONE and status == schema.COMPLETE:
            self.table.change(job, schema.COMPLETE, result(record))
        elif status == schema.INTERRUPTED and (self._over() or code == errors.OUT_OF_TIME):
            self.table.change(job, schema.INTERRUPTED, record["message"])
        elif status == schema.FAILED and code == errors.FAILED:
            self.table.change(job, schema.FAILED, record["message"])
        else:
            stopped = self.signal is not None and code < 0  # before it could catch the signal
            state = schema.INTERRUPTED if stopped else schema.FAILED
            message = _reason(job, code)
            if status == schema.RUNNING:
                ended = {**record, "status": state, "message": message}
                write_json(job.request.folder / schema.RECORD, ended)
            self.table.change(job, state, message)
        job.process.stdin.close()
        job.stderr.close()

    def _code(self) -> int:
        if self.signal is not None:
            return 128 + self.signal
        states = {job.state for job in self.jobs}
        if schema.FAILED in states:
            return errors.FAILED
        return errors.OUT_OF_TIME if states - {schema.COMPLETE} else errors.DONE


def _reason(job: Job, code: int) -> str:
    """Why a process ended that could not say it in its record."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    assert job.stderr is not None
    job.stderr.seek(0)
    lines = job.stderr.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"ended with exit code {code}"
