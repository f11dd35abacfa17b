"""Sweeps: one that fails doesn't stop the others, and is named."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest import ROOT, Make
from rich.console import Console

from degradation import errors
from degradation.config.request import Request
from degradation.errors import BadRequest, Stopped
from degradation.files import locked, read_json, write_json
from degradation.runs import schema
from degradation.sweeps import pool, slurm, sweep
from degradation.sweeps.job import IN_USE, STOPPED, Job, exit_code
from degradation.sweeps.live import LiveTable
from degradation.training.experiment import train
from degradation.training.stop import Stop


def states(*requests: object) -> list[str]:
    return [read_json(request.folder / schema.RECORD)["status"] for request in requests]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("forking")
def test_one_raises_one_is_killed_one_is_complete(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make(), make(**{"optimizer.lr": 1e30}, experiment_name="bad")
    killed = make(seed=1, **{"train.steps": 100_000, "train.checkpoint_every": 1})
    kill_at_first_checkpoint(killed, monkeypatch)
    assert sweep.sweep([good, bad, killed], at_once=2) == errors.FAILED
    assert states(good, bad, killed) == [schema.COMPLETE, schema.FAILED, schema.FAILED]
    assert read_json(killed.folder / schema.RECORD)["message"] == "killed by SIGKILL"
    said = capsys.readouterr()
    assert "residual-8-seed1: failed: killed by SIGKILL" in said.err
    assert "not finite" in said.err
    monkeypatch.undo()
    assert sweep.sweep([good]) == errors.DONE


def kill_at_first_checkpoint(request: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system would, when memory runs out."""
    tick = LiveTable.tick

    def kill_it(self: LiveTable) -> None:
        tick(self)
        (job,) = (job for job in self.jobs if job.request is request)
        if (request.folder / schema.LAST).exists() and job.state == schema.RUNNING:
            os.kill(int((request.folder / schema.LOCK).read_text().split()[1]), signal.SIGKILL)

    monkeypatch.setattr(LiveTable, "tick", kill_it)


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("forking")
def test_a_record_that_cannot_be_written_stops_no_other(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, killed = make(), make(seed=1, **{"train.steps": 100_000, "train.checkpoint_every": 1})
    kill_at_first_checkpoint(killed, monkeypatch)
    monkeypatch.setattr("degradation.sweeps.job.write_json", full)
    assert sweep.sweep([killed, good], at_once=1) == errors.FAILED
    assert states(good, killed) == [schema.COMPLETE, schema.RUNNING]
    said = capsys.readouterr().err
    assert said == (
        "residual-8-seed1: failed: killed by SIGKILL; its record can't say so: No space left on device\n"
    )


def test_a_sweep_goes_on_where_no_process_can_start_and_nothing_can_be_said(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [Job(make(seed=seed)) for seed in (0, 1)]
    monkeypatch.setattr(pool.tempfile, "TemporaryFile", full)
    monkeypatch.setattr("builtins.print", full)
    with LiveTable(jobs) as table:
        assert pool.Pool(jobs, [[job] for job in jobs], 1, table).run() == errors.FAILED
    assert [job.message for job in jobs] == ["can't be started: No space left on device"] * 2


@pytest.mark.usefixtures("forking")
def test_one_in_use_is_left_alone(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    mine, theirs = make(), make(seed=1, **{"train.max_minutes": 1e-9})
    train(theirs, echo=False)
    path = theirs.folder / schema.RECORD
    write_json(path, {**read_json(path), "status": schema.RUNNING, "message": None})
    before = path.read_bytes()
    theirs = make(seed=1)
    with locked(theirs.folder / schema.LOCK):
        assert sweep.sweep([theirs, mine], at_once=2) == errors.IN_USE
    assert states(mine) == [schema.COMPLETE]
    assert path.read_bytes() == before
    why = f"in use: by process {os.getpid()} on .*; when that has ended, the same command goes on"
    assert re.search(f"residual-8-seed1: {why}", capsys.readouterr().err)
    assert sweep.sweep([theirs, mine]) == errors.DONE
    assert states(mine, theirs) == [schema.COMPLETE] * 2


@pytest.mark.usefixtures("forking")
def test_one_that_is_left_by_another_process_is_trained_at_the_end(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = make(), make(seed=1)
    theirs.folder.mkdir(parents=True)
    with contextlib.ExitStack() as held:
        held.enter_context(locked(theirs.folder / schema.LOCK))
        changed = LiveTable.changed

        def note(self: LiveTable, job: Job) -> None:
            changed(self, job)
            if job.request is mine and job.state == schema.COMPLETE:
                held.close()

        monkeypatch.setattr(LiveTable, "changed", note)
        assert sweep.sweep([theirs, mine], at_once=1) == errors.DONE
    assert states(mine, theirs) == [schema.COMPLETE] * 2


@pytest.mark.usefixtures("forking")
def test_a_network_that_another_process_takes_first(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was free when the sweep looked: its own process is refused, and nothing is written."""
    theirs = make()
    theirs.folder.mkdir(parents=True)
    taken, looks = Job.taken, iter([True, False, False])
    monkeypatch.setattr(Job, "taken", lambda job: None if next(looks) else taken(job))
    with locked(theirs.folder / schema.LOCK):
        assert sweep.sweep([theirs]) == errors.IN_USE
        assert [path.name for path in theirs.folder.iterdir()] == [schema.LOCK]
    assert next(looks, None) is None


def test_no_record_is_written_without_its_lock(make: Make) -> None:
    request = make()
    train(request, echo=False)
    path, job = request.folder / schema.RECORD, Job(request)
    complete = path.read_bytes()
    state, message = job.close(schema.FAILED, "killed by SIGKILL")
    assert (state, message[:14]) == (schema.COMPLETE, "training error")
    assert path.read_bytes() == complete
    write_json(path, {**read_json(path), "status": schema.RUNNING})
    running = path.read_bytes()
    with locked(request.folder / schema.LOCK):
        state, message = job.close(schema.FAILED, "killed by SIGKILL")
        assert state == IN_USE
        assert message.endswith("the same command goes on (here: killed by SIGKILL)")
        assert path.read_bytes() == running
    assert job.close(schema.FAILED, "killed by SIGKILL") == (schema.FAILED, "killed by SIGKILL")
    assert read_json(path)["message"] == "killed by SIGKILL"


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([schema.COMPLETE, schema.COMPLETE], errors.DONE),
        ([schema.COMPLETE, schema.FAILED, IN_USE, STOPPED], errors.FAILED),
        ([schema.COMPLETE, schema.INTERRUPTED, IN_USE], errors.OUT_OF_TIME),
        ([schema.COMPLETE, STOPPED], errors.OUT_OF_TIME),
        ([schema.COMPLETE, IN_USE], errors.IN_USE),
    ],
)
def test_exit_codes(make: Make, states: list[str], code: int) -> None:
    jobs = [Job(make(), state) for state in states]
    assert exit_code(jobs, None) == code
    assert exit_code(jobs, signal.SIGTERM) == errors.TERMINATED


def test_a_nice_sweep_has_nice_networks() -> None:
    sleeping = subprocess.Popen(["sleep", "60"], start_new_session=True, preexec_fn=lambda: os.nice(5))
    try:
        group = Path(f"/proc/{sleeping.pid}/autogroup")
        if not group.exists():
            pytest.skip("this kernel shares out the cores by process")
        with mock.patch.object(os, "getpriority", return_value=5):
            pool.be_as_nice(sleeping.pid)
        assert group.read_text().split()[-1] == "5"
        pool.be_as_nice(2**22 + 1)  # no process has that number: it is left alone
    finally:
        sleeping.kill()
        sleeping.wait()


def test_the_longest_first(make: Make) -> None:
    jobs = [
        Job(make(**{"model.depth": depth, "train.steps": n})) for depth, n in ((20, 5), (56, 5), (8, 100))
    ]
    (first, second, third) = (team for (team,) in sweep.teams(jobs, "cpu"))
    assert [job.request.settings.model.depth for job in (first, second, third)] == [8, 56, 20]


def test_under_nohup_a_closed_terminal_stops_nothing() -> None:
    """Its signal is ignored when the process begins, and stays so."""
    words = ["-c", "from degradation.errors import stopping; print(*(one.name for one in stopping()))"]
    for ignored, said in ((False, "SIGINT SIGTERM SIGHUP\n"), (True, "SIGINT SIGTERM\n")):
        done = subprocess.run(
            [sys.executable, *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            preexec_fn=lambda ignored=ignored: signal.signal(
                signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL
            ),
            capture_output=True,
            text=True,
        )
        assert done.stdout == said, done.stderr


def test_a_signal_while_a_network_is_being_started_reaches_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes between the process's beginning and its place among those that run."""
    begun, found = pool.start, list[Any]()

    def start(*words: Any, **environment: str) -> Any:
        found.append(begun(*words, **environment))
        os.kill(os.getpid(), signal.SIGTERM)
        return found[-1]

    monkeypatch.setattr(pool, "start", start)
    assert sweep.sweep([make(**{"train.steps": 100_000})], at_once=1) == errors.TERMINATED
    assert found[0].returncode is not None


def test_a_message_with_brackets_is_drawn_as_it_is(make: Make) -> None:
    job = Job(make(), schema.FAILED, "[/bad] [enforce fail at x]")
    console = Console(width=200, file=io.StringIO())
    console.print(LiveTable([job])._draw())
    assert "[/bad] [enforce fail at x]" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_job_that_dies_early_is_not_told_of_by_its_run_of_before(make: Make) -> None:
    request = make(**{"train.steps": 2})
    train(request, echo=False)
    path = request.folder / schema.RECORD
    write_json(path, {**read_json(path), "status": schema.INTERRUPTED, "message": "stopped by SIGTERM"})
    job = Job(request)
    job.before = job.record()
    assert slurm.ended(job, "COMPLETED", 2) == (schema.FAILED, "its job ended as COMPLETED, exit code 2")
    for state, code in (("COMPLETED", errors.OUT_OF_TIME), ("CANCELLED by 0", None)):
        assert slurm.ended(job, state, code) == (schema.INTERRUPTED, "stopped by SIGTERM")
    write_json(path, {**read_json(path), "message": "stopped by SIGINT"})
    assert slurm.ended(job, "FAILED", 130) == (schema.INTERRUPTED, "stopped by SIGINT")


def test_teams_on_a_gpu(make: Make) -> None:
    """engine=fast: up to eight networks that differ in their model alone; engine=plain: one at a time."""

    def depths(engine: str, seeds: tuple[int, ...]) -> list[list[tuple[int, int]]]:
        made = [
            make(seed=seed, **{"model.depth": depth, "model.family": family, "train.engine": engine})
            for seed in seeds
            for family in ("plain", "residual")
            for depth in (20, 32, 44, 56, 8)
        ]
        found = sweep.teams([Job(request) for request in made], "gpu")
        return [[(j.request.settings.seed, j.request.settings.model.depth) for j in team] for team in found]

    fast = depths("fast", (0, 1))
    assert fast[:2] == [[(0, d) for d in (56, 56, 44, 44, 32, 32, 20, 20)], [(0, 8), (0, 8)]]
    assert [[seed for seed, _ in team] for team in fast[2:]] == [[1] * 8, [1] * 2]
    assert [len(team) for team in depths("plain", (0,))] == [1] * 10


def test_cores_are_at_least_one_and_heed_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep.cores() >= 1
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert sweep.cores() == 1


class Seen:
    """A watcher that isn't a table."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def changed(self, job: Job) -> None:
        self.states.append(job.state)

    def tick(self) -> None:
        pass


def test_a_network_that_dies_at_once_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool.sys, "executable", "/bin/false")
    started = subprocess.Popen

    def dead(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = started(*arguments, **options)
        process.wait()  # before anything is written to it
        return process

    monkeypatch.setattr(pool.subprocess, "Popen", dead)
    job = Job(make())
    seen = Seen()
    assert pool.Pool([job], [[job]], 1, seen).run() == errors.FAILED
    assert seen.states == [schema.RUNNING, schema.FAILED]
    assert job.message == "ended with exit code 1"


def test_time_is_up_before_all_are_started(make: Make) -> None:
    requests = [make(seed=seed, **{"train.max_minutes": 1e-9}) for seed in range(3)]
    assert sweep.sweep(requests, at_once=1) == errors.OUT_OF_TIME
    assert not any(request.folder.exists() for request in requests)


class Slurm:
    """In place of submitit's executor: each job is run, and again while it is asked for."""

    def __init__(self, again: int) -> None:
        self.again, self.submitted, self.codes = again, 0, []

    def map_array(self, training: slurm.Training, trees: list[dict[str, object]]) -> list["Slurm"]:
        for tree in trees:
            self.submitted += 1
            self.codes += [training(tree) for _ in range(self.again)]
        return [self] * len(trees)

    state = "COMPLETED"

    def done(self) -> bool:
        return True

    def result(self) -> int:
        return self.codes[-1]


def test_a_fresh_start_on_a_cluster_is_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that Slurm queues again goes on; the folder was moved aside when it was submitted."""
    request, fake = make(fresh=True), Slurm(again=3)
    train(make(), echo=False)
    calls = iter(range(1000))

    def check(self: Stop) -> None:
        if next(calls) == 6:
            raise Stopped(errors.OUT_OF_TIME, "stopped")

    monkeypatch.setattr(slurm, "make_executor", lambda *_: fake)
    monkeypatch.setattr(Stop, "check", check)
    assert slurm.sweep([request], "", 1, {}) == errors.DONE
    assert fake.codes == [errors.OUT_OF_TIME, errors.DONE, errors.DONE]
    log = (request.folder / schema.LOG).read_text()
    assert "without fresh=true the same command goes on from there" in log
    assert log.count("resumed at step 5 of 12") == 1
    assert [path.name for path in (request.folder.parent / ".aside").iterdir()] == [f"{request.name}.1"]


def test_a_cluster_leaves_alone_what_is_in_use(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    request, fake = make(), Slurm(again=1)
    train(request, echo=False)
    path = request.folder / schema.RECORD
    write_json(path, {**read_json(path), "status": schema.RUNNING})
    before = path.read_bytes()
    monkeypatch.setattr(slurm, "make_executor", lambda *_: fake)
    with locked(request.folder / schema.LOCK):
        assert slurm.sweep([request], "", 1, {}) == errors.IN_USE  # seen before it is submitted
        assert fake.submitted == 0
        taken, looks = Job.taken, iter([True, False])
        monkeypatch.setattr(Job, "taken", lambda job: None if next(looks) else taken(job))
        assert slurm.sweep([request], "", 1, {}) == errors.IN_USE  # the job itself is refused
        assert fake.codes == [errors.IN_USE]
        job = Job(request)
        assert slurm.ended(job, "FAILED", None)[0] == IN_USE  # killed, and another process goes on
    assert path.read_bytes() == before
    assert slurm.ended(job, "FAILED", None) == (schema.FAILED, "its job ended as FAILED")
    monkeypatch.setattr("degradation.sweeps.job.write_json", full)
    write_json(path, {**read_json(path), "status": schema.RUNNING})
    why = "its job ended as FAILED; its record can't say so: No space left on device"
    assert slurm.ended(job, "FAILED", None) == (schema.FAILED, why)


def test_refused_whole(make: Make) -> None:
    good, other = make(), make(seed=1)
    other.folder.mkdir(parents=True)
    write_json(other.folder / schema.RECORD, {"status": "complete"})
    with pytest.raises(BadRequest, match="not a run's record"):
        sweep.sweep([good, other])
    assert not good.folder.exists()
