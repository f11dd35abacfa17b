"""Processes that train networks: so many at a time, signals handed on to them, their ends found out."""

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
from typing import IO, Any

from degradation import errors, schema
from degradation.commit import for_networks
from degradation.files import read_json, write_json
from degradation.request import Request
from degradation.table import Table, result

WAITING, STOPPED = "waiting", "not started"
POLL = 0.2  # seconds


@dataclass(eq=False)
class Job:
    """One network of a sweep."""

    request: Request
    state: str = WAITING
    message: str = ""
    worker: "Worker | None" = None
    started: float = 0.0
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return self.request.name

    def cost(self) -> float:
        """Proportional to the time it takes, roughly: layers times images."""
        train = self.request.settings.train
        return self.request.settings.model.depth * train.steps * train.batch_size

    def record(self) -> dict[str, Any]:
        """The run's record; `status` and `message` are None where there is none to read."""
        try:
            return read_json(self.request.folder / schema.RECORD)
        except (OSError, ValueError):
            return {"status": None, "message": None}

    def close(self, record: dict[str, Any], state: str, message: str) -> None:
        """Write into a record that still says `running` how the run ended."""
        if record["status"] == schema.RUNNING:
            ended = {**record, "status": state, "message": message}
            write_json(self.request.folder / schema.RECORD, ended)


def last_words(stderr: IO[bytes]) -> str:
    """The last line that a process wrote; empty if it wrote none."""
    stderr.seek(0)
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def python_path() -> str:
    """PYTHONPATH for a process that is to find the project from any folder, installed or not."""
    here = str(Path(__file__).parents[1])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def exit_code(jobs: Sequence[Job], stopped_by: int | None) -> int:
    """The exit code of a sweep that has ended, or that a signal stopped."""
    if stopped_by is not None:
        return 128 + stopped_by
    states = {job.state for job in jobs}
    if schema.FAILED in states:
        return errors.FAILED
    return errors.OUT_OF_TIME if states - {schema.COMPLETE} else errors.DONE


@dataclass
class Worker:
    """A process, and the networks that it trains."""

    jobs: Sequence[Job]
    process: subprocess.Popen[bytes]
    stderr: IO[bytes]

    def reason(self) -> str:
        """Why a process ended that could not say it in its networks' records."""
        code = self.process.returncode
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return last_words(self.stderr) or f"ended with exit code {code}"


class Pool:
    """Runs teams of jobs, and hands signals on to them."""

    def __init__(self, waiting: Sequence[Sequence[Job]], at_once: int, table: Table) -> None:
        self.waiting, self.at_once, self.table = list(waiting), at_once, table
        self.running: list[Worker] = []
        self.signal: int | None = None
        self.commit = for_networks()  # now, not when each starts
        minutes = [job.request.settings.train.max_minutes for job in table.jobs]
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
                for worker in list(self.running):
                    if worker.process.poll() is not None:
                        self.running.remove(worker)
                        self._ended(worker)
                self.table.refresh()
                time.sleep(POLL)
        finally:
            for worker in self.running:  # only after an error of our own
                worker.process.kill()
            for number, handler in before.items():
                signal.signal(number, handler)
        for team in self.waiting:
            for job in team:
                self.table.change(job, STOPPED)
        return exit_code(self.table.jobs, self.signal)

    def _over(self) -> bool:
        return self.signal is not None or (self.deadline is not None and time.monotonic() >= self.deadline)

    def _forward(self, number: int, _frame: object) -> None:
        """Ask each network to stop; the second time, don't ask."""
        again, self.signal = self.signal is not None, number
        for worker in self.running:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGKILL if again else number)

    def _start(self, team: Sequence[Job]) -> None:
        requests = [job.request for job in team]
        if self.deadline is not None:
            left = max((self.deadline - time.monotonic()) / 60, 0.001)
            requests = [request.with_train(max_minutes=left) for request in requests]
        threads = str(requests[0].settings.train.threads or 1)
        threading = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 closed when the process has ended
        process = subprocess.Popen(
            [sys.executable, "-m", "degradation.experiment"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": python_path(), **self.commit, **threading},
            start_new_session=True,  # Ctrl-C reaches the sweep alone, which hands it on
        )
        assert process.stdin is not None
        try:
            # Standard input stays open: when it closes, the sweep is gone and the network stops too.
            process.stdin.write(json.dumps([request.to_mapping() for request in requests]).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once: `_ended` says how
        worker = Worker(team, process, stderr)
        self.running.append(worker)
        for job in team:
            job.worker, job.started = worker, time.monotonic()
            self.table.change(job, schema.RUNNING)

    def _ended(self, worker: Worker) -> None:
        """Find out how its networks ended."""
        assert worker.process.stdin is not None
        for job in worker.jobs:
            job.seconds = time.monotonic() - job.started
            self._judge(job, worker)
        worker.process.stdin.close()
        worker.stderr.close()

    def _judge(self, job: Job, worker: Worker) -> None:
        """How a network ended: its record says, unless its process could not write one."""
        code = worker.process.returncode
        record = job.record()
        status = record["status"]
        if status == schema.COMPLETE and code in (errors.DONE, errors.FAILED):
            self.table.change(job, schema.COMPLETE, result(record))
        elif status == schema.INTERRUPTED and (self._over() or code == errors.OUT_OF_TIME):
            self.table.change(job, schema.INTERRUPTED, record["message"])
        elif status == schema.FAILED and code in (errors.FAILED, errors.OUT_OF_TIME):
            self.table.change(job, schema.FAILED, record["message"])
        else:
            stopped = self.signal is not None and code < 0  # before it could catch the signal
            state = schema.INTERRUPTED if stopped else schema.FAILED
            message = worker.reason()
            job.close(record, state, message)
            self.table.change(job, state, message)
