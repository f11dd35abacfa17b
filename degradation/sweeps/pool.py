"""Processes that train networks: so many at a time, signals handed on to them, their ends found out."""

import contextlib
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

from degradation import errors
from degradation.config.request import Request
from degradation.files import PACKAGE
from degradation.runs import schema
from degradation.sweeps.job import IN_USE, STOPPED, Job, Watcher, change, exit_code, result
from degradation.training.commit import for_networks

POLL = 0.2  # seconds
TRAINING = "degradation.training.experiment"


def last_words(stderr: IO[bytes], of: str = "") -> str:
    """The last line that a process wrote, of those that begin with `of` if there are any; empty if none."""
    stderr.seek(0)
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    own = [line.removeprefix(of) for line in lines if line.startswith(of)]
    return (own or lines or [""])[-1]


def python_path() -> str:
    """PYTHONPATH for a process that is to find the project from any folder, installed or not."""
    here = str(PACKAGE.parent)
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


@dataclass
class Worker:
    """A process, and the networks that it trains."""

    jobs: Sequence[Job]
    process: subprocess.Popen[bytes]
    stderr: IO[bytes]

    def reason(self, job: Job) -> str:
        """Why a network ended, where its process could not say so in its record."""
        code = self.process.returncode
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return last_words(self.stderr, f"{job.request.folder}: ") or f"ended with exit code {code}"


def be_as_nice(process: int) -> None:
    """Let the `nice` of a sweep hold for its network. Linux gives each session, as a network is one, an equal
    share of the cores, and heeds the niceness of a process among those of its session alone."""
    with contextlib.suppress(OSError):  # there is no such file elsewhere, nor where that is switched off
        Path(f"/proc/{process}/autogroup").write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def start(requests: Sequence[Request], stderr: IO[bytes], **environment: str) -> subprocess.Popen[bytes]:
    """Start a process that trains. When its standard input closes, the sweep is gone and it stops too.

    Raises:
        OSError: there can't be one.
    """
    threads = str(requests[0].settings.train.threads or 1)
    threading = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    process = subprocess.Popen(
        [sys.executable, "-m", TRAINING],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": python_path(), **environment, **threading},
        start_new_session=True,  # Ctrl-C reaches the sweep alone, which hands it on
    )
    be_as_nice(process.pid)
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died at once: who waits for its end finds out how
        process.stdin.write(json.dumps([request.to_mapping() for request in requests]).encode() + b"\n")
        process.stdin.flush()
    return process


class Pool:
    """Runs teams of jobs, and hands signals on to them.

    Args:
        jobs: all of the sweep, complete ones too.
        waiting: those to be trained, as teams that share a process.
        at_once: how many processes.
        watcher: is told what changes.
    """

    def __init__(
        self, jobs: Sequence[Job], waiting: Sequence[Sequence[Job]], at_once: int, watcher: Watcher
    ) -> None:
        self.jobs, self.waiting = jobs, list(waiting)
        self.at_once, self.watcher = at_once, watcher
        self.running: list[Worker] = []
        self.signal: int | None = None
        self.commit = for_networks()  # now, not when each starts
        minutes = [job.request.settings.train.max_minutes for job in jobs]
        limit = min((m for m in minutes if m is not None), default=None)
        self.deadline = None if limit is None else time.monotonic() + 60 * limit

    def run(self) -> int:
        """Run all jobs to their ends; returns the exit code."""
        before = {number: signal.signal(number, self._forward) for number in errors.stopping()}
        try:
            while self.running or (self._left() and not self._over()):
                while self.waiting and len(self.running) < self.at_once and not self._over():
                    team = [job for job in self.waiting.pop(0) if self._is_ours(job)]
                    if team:
                        self._start(team)
                for worker in list(self.running):
                    if worker.process.poll() is not None:
                        self.running.remove(worker)
                        self._ended(worker)
                self.watcher.tick()
                time.sleep(POLL)
        finally:
            for worker in self.running:  # only after an error of our own: they save, and stop
                worker.process.terminate()
            for number, handler in before.items():
                signal.signal(number, handler)
        for job in (job for team in self.waiting for job in team):
            self._change(job, STOPPED)
        return exit_code(self.jobs, self.signal)

    def _change(self, job: Job, state: str, message: str | None = None) -> None:
        change(job, self.watcher, state, message)

    def _over(self) -> bool:
        return self.signal is not None or (self.deadline is not None and time.monotonic() >= self.deadline)

    def _forward(self, number: int, _frame: object) -> None:
        """Ask each network to stop; the second time, don't ask."""
        again, self.signal = self.signal is not None, number
        for worker in self.running:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGKILL if again else number)

    def _is_ours(self, job: Job) -> bool:
        """Whether a network is to be trained here; if it isn't, its state says why."""
        taken = job.taken()
        if taken is not None:
            self._change(job, *taken)
        return taken is None

    def _left(self) -> bool:
        """Whether networks wait; in the end that may be those that other processes have left meanwhile."""
        if not self.waiting:
            for job in self.jobs:
                taken = job.taken() if job.state == IN_USE else (IN_USE, "")
                if taken is None:
                    self.waiting.append([job])
                elif taken[0] != IN_USE:
                    self._change(job, *taken)
        return bool(self.waiting)

    def _start(self, team: Sequence[Job]) -> None:
        """Start a process; where there can't be one (no memory, a full disk), its networks have failed."""
        for job in team:
            job.before = job.record()
        try:
            worker = self._worker(team)
        except OSError as error:
            for job in team:
                self._change(job, schema.FAILED, f"can't be started: {errors.words(error)}")
            return
        self.running.append(worker)
        if self.signal is not None:  # it came while this process was being started
            worker.process.send_signal(self.signal)
        for job in team:
            job.started = time.monotonic()
            self._change(job, schema.RUNNING)

    def _worker(self, team: Sequence[Job]) -> Worker:
        requests = [job.request for job in team]
        if self.deadline is not None:
            left = max((self.deadline - time.monotonic()) / 60, 0.001)
            requests = [request.with_train(max_minutes=left) for request in requests]
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 closed when the process has ended
        return Worker(team, start(requests, stderr, **self.commit), stderr)

    def _ended(self, worker: Worker) -> None:
        """Find out how its networks ended."""
        assert worker.process.stdin is not None
        if worker.process.returncode == errors.IN_USE:  # refused before it wrote anything
            self.waiting.insert(0, worker.jobs)  # `_is_ours` says which of them are in use
        else:
            for job in worker.jobs:
                job.seconds = time.monotonic() - job.started
                self._change(job, *self._judge(job, worker))
        with contextlib.suppress(BrokenPipeError):  # what it died without reading
            worker.process.stdin.close()
        worker.stderr.close()

    def _judge(self, job: Job, worker: Worker) -> tuple[str, str]:
        """State and message: its record says, unless its process could not write one."""
        code, record = worker.process.returncode, job.record()
        status, message, news = record["status"], record["message"] or "", record != job.before
        if status == schema.COMPLETE and news:
            return status, result(record)
        if status in (schema.INTERRUPTED, schema.FAILED) and news:
            return status, message
        if status == schema.INTERRUPTED and (self._over() or code == errors.OUT_OF_TIME):
            return status, message  # before it had done a step more
        stopped = self.signal is not None and code < 0  # before it could catch the signal
        return job.close(schema.INTERRUPTED if stopped else schema.FAILED, worker.reason(job))
