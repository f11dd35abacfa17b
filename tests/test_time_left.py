"""What a sweep says of how long it will take, and of what it left."""

import math
import time

import pytest
from conftest import Make

from degradation import errors
from degradation.files import locked, read_json, write_json
from degradation.runs import schema
from degradation.sweeps import live
from degradation.sweeps.job import STOPPED, Job
from degradation.sweeps.time_left import TimeLeft, steps_done
from degradation.training.experiment import train


def says(job: Job, step: int, seconds_left: float, in_all: float = math.nan) -> None:
    """As a network that runs does, from time to time."""
    job.state = schema.RUNNING
    record = {"status": schema.RUNNING, "step": 0, "steps": 1000, "seconds": 0.0}
    job.request.folder.mkdir(parents=True, exist_ok=True)
    write_json(job.request.folder / schema.RECORD, record)
    progress = {"time": time.time(), "step": step, "seconds_left": seconds_left, "seconds_in_all": in_all}
    write_json(job.request.folder / schema.PROGRESS, progress)


def jobs(make: Make, *depths: int) -> list[Job]:
    return [Job(make(**{"train.steps": 1000, "model.depth": depth})) for depth in depths]


def test_those_that_wait_are_told_from_one_that_runs_and_from_it_when_it_has_ended(make: Make) -> None:
    first, second, third = jobs(make, 20, 14, 8)
    left = TimeLeft([first, second, third], at_once=1)
    assert math.isnan(left.seconds())
    says(first, step=200, seconds_left=80.0, in_all=100.0)
    assert left.seconds() == pytest.approx(80 + 70 + 40, abs=1)
    says(first, step=990, seconds_left=30.0, in_all=100.0)  # most of it an evaluation at the end
    assert left.seconds() == pytest.approx(30 + 70 + 40, abs=1)
    first.state = schema.COMPLETE
    assert left.seconds() == pytest.approx(70 + 40, abs=1)
    second.state = schema.FAILED
    assert left.seconds() == pytest.approx(40, abs=1)


def test_steps_that_a_checkpoint_holds_are_not_counted(make: Make) -> None:
    request = make(**{"train.steps": 12, "train.max_minutes": 1e-9})
    assert train(request, echo=False) == errors.OUT_OF_TIME
    assert steps_done(Job(request)) == 0
    path = request.folder / schema.RECORD
    write_json(path, {**read_json(path), "step": 9})
    assert steps_done(Job(request)) == 9
    waiting, running = Job(request), Job(make(seed=1, **{"train.steps": 12}))
    says(running, step=500, seconds_left=100.0, in_all=200.0)
    assert TimeLeft([running, waiting], at_once=1).seconds() == pytest.approx(100 + 200 / 4, abs=1)
    assert steps_done(Job(make(fresh=True))) == 0
    for name in (schema.LAST, schema.PREVIOUS):
        (request.folder / name).unlink(missing_ok=True)
    assert steps_done(Job(make())) == 0  # it begins anew


def test_it_is_said_when_it_is_known_and_each_time_that_one_is_complete(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "LOOK", -1.0)
    first, second = jobs(make, 20, 8)
    with live.LiveTable([first, second], TimeLeft([first, second], at_once=2)) as table:
        table.tick()
        says(first, step=200, seconds_left=800.0, in_all=1000.0)
        with locked(first.request.folder / schema.LOCK):
            table.tick()
            table.tick()
        first.state, second.state = schema.COMPLETE, schema.RUNNING
        table.tick()
        table.changed(first)
        says(second, step=999, seconds_left=59.0)  # too short to be said
        table.tick()
        table.changed(first)
    said = capsys.readouterr().out.splitlines()
    assert said[1:4] == [
        "all in about 13 min",
        f"[1/2] {first.name}: complete; all in about 7 min",
        f"[1/2] {first.name}: complete",
    ]


def test_networks_that_were_not_started_are_counted_in_one_line(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = jobs(make, 20, 14, 8)
    with live.LiveTable([first, second, third]):
        first.state, second.state, third.state = schema.INTERRUPTED, STOPPED, STOPPED
    assert capsys.readouterr().err.splitlines() == [
        f"{first.name}: interrupted",
        "2 of 3 networks were not started; the same command goes on",
    ]
