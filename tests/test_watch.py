"""`degradation watch`: every state is told as it is, from the run folders alone."""

import io
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Make, run_script
from fake_runs import fake_run
from rich.console import Console

from degradation import errors
from degradation.errors import BadRequest
from degradation.files import locked, read_json, write_json
from degradation.runs import schema
from degradation.sweeps import board, plan, sweep, watch
from degradation.training.experiment import train
from degradation.training.progress import Progress


def aged(folder: Path, seconds: float) -> None:
    """All files of a folder are so much older."""
    then = time.time() - seconds
    for path in folder.iterdir():
        os.utime(path, (then, then))


def running(experiment: Path, depth: int, **progress: float) -> Path:
    folder = fake_run(experiment, "plain", depth, status="running", reached=0.5)
    if progress:
        write_json(folder / schema.PROGRESS, progress)
    return folder


def one(path: Path) -> watch.Experiment:
    (found,) = watch.experiments(path)
    return found


def test_each_state(tmp_path: Path) -> None:
    now = time.time()
    folder = tmp_path / "runs/x"
    fake_run(folder, "plain", 8, train_error=1.5, test_error=9.25)
    fake_run(folder, "plain", 14, status="failed", message="the loss is not finite")
    alive = running(folder, 20, time=now - 10, step=40_000, seconds_left=3_600.0, images_per_second=500.0)
    silent, gone = running(folder, 26), running(folder, 32)
    write_json(folder / plan.PLAN, {"at_once": 2, "networks": {"plain-56-seed0": 1.0}})
    aged(gone, 20)
    with locked(alive / schema.LOCK), locked(silent / schema.LOCK):
        aged(silent, 70)
        seen = {network.name: network for network in one(tmp_path / "runs").networks}
        text = board.plain(one(folder))
    assert list(seen) == [f"plain-{depth}-seed0" for depth in (8, 14, 20, 26, 32, 56)]
    states = ["complete", "failed", "running", "stalled", "dead", "waiting"]
    assert [network.state for network in seen.values()] == states
    assert (seen["plain-8-seed0"].train_error, seen["plain-8-seed0"].test_error) == (1.5, 9.25)
    network = seen["plain-20-seed0"]
    assert (network.step, network.images_per_second) == (40_000, 500.0)
    assert network.seconds_left == pytest.approx(3_590, abs=5)
    assert math.isnan(seen["plain-26-seed0"].seconds_left)
    assert "    the loss is not finite" in text
    assert "its process is gone; the same command goes on" in text
    assert "its process has said nothing for 7" in text


def test_progress_of_before_an_interruption_does_not_count(tmp_path: Path) -> None:
    folder = running(tmp_path, 20, time=time.time(), step=5, seconds_left=1.0, images_per_second=1.0)
    with locked(folder / schema.LOCK):
        (seen,) = one(tmp_path).networks
    assert seen.step == read_json(folder / schema.RECORD)["step"] == 32_000
    assert math.isnan(seen.seconds_left)


def test_when_all_will_have_ended() -> None:
    """What isn't known takes what its cost says, at the pace of those timed that are nearest in cost."""
    done = (watch.Seen("a", schema.COMPLETE, step=10, steps=10, seconds=100.0), 1.0)
    half = (watch.Seen("b", schema.RUNNING, step=5, steps=10, seconds_left=60, seconds_in_all=120), 2.0)
    silent = (watch.Seen("c", schema.RUNNING), 1.0)
    waiting = [(watch.Seen("d"), 3.0), (watch.Seen("e", step=3, steps=4), 4.0)]
    assert watch.seconds_left([done, half, *waiting], 2) == 180.0  # d alone takes that long
    assert watch.seconds_left([done, half, *waiting], 1) == 60 + 180 + 60
    assert watch.seconds_left([done, half, silent], 1) == 60 + 100
    assert watch.seconds_left([done], 2) == 0.0
    assert math.isnan(watch.seconds_left(waiting, 2))
    assert math.isnan(watch.seconds_left([half, (watch.Seen("f"), math.nan)], 2))  # of unknown cost


def test_progress_of_before_an_interruption_is_gone_when_it_goes_on(make: Make) -> None:
    request = make(**{"train.steps": 30, "train.max_minutes": 1e-9})
    assert train(request, echo=False) == errors.OUT_OF_TIME
    write_json(request.folder / schema.PROGRESS, {"time": 0.0, "step": 29, "seconds_left": 1.0})
    assert train(request, echo=False) == errors.OUT_OF_TIME
    assert not (request.folder / schema.PROGRESS).exists()


def test_a_file_that_vanishes_while_it_is_looked_at(tmp_path: Path) -> None:
    """As progress does when a run goes on: a sweep that looks at that moment must not end."""
    (tmp_path / "there").touch()
    os.utime(tmp_path / "there", (7, 7))
    assert (watch._written(tmp_path / "there"), watch._written(tmp_path / "gone")) == (7.0, 0.0)


def test_a_curve_in_bars() -> None:
    assert board.curve([]) == ""
    assert board.curve([100.0, 50.0, 0.0]) == "█▅▁"
    assert len(board.curve([1.0] * 500)) == board.CURVE


def test_what_a_run_says_of_its_progress() -> None:
    said: list[str] = []
    noted: list[dict[str, float]] = []
    progress = Progress(said.append, lambda **values: noted.append(values), 100, lambda step: 0, 8)
    for step in range(1, 21):
        progress.after_steps(step, 1, 0.5)
    assert said == ["step 20 of 100: about 40 s left, 16 images/s"]
    assert noted == [{"step": 20, "seconds_left": 40.0, "seconds_in_all": 50.0, "images_per_second": 16.0}]


@pytest.mark.usefixtures("forking")
def test_a_sweep_and_who_watches_it(make: Make, tmp_path: Path) -> None:
    requests = [make(seed=seed, **{"train.steps": 30}) for seed in (0, 1)]
    train(requests[0], echo=False)
    progress = read_json(requests[0].folder / schema.PROGRESS)
    assert set(progress) == {"time", "step", "seconds_left", "seconds_in_all", "images_per_second"}
    assert sweep.sweep(requests, at_once=2) == 0
    names = plan.read_plan(requests[0].folder.parent)["networks"]
    assert set(names) == {request.name for request in requests}
    done = run_script("scripts/watch.py", "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tiny: 2 of 2 networks complete\n")
    assert [line.split()[1] for line in done.stdout.splitlines()[2:]] == ["complete"] * 2


@pytest.mark.skipif(not Path("/usr/bin/script").exists(), reason="no script(1), which makes a terminal")
def test_on_a_terminal_it_ends_with_the_sweep(tmp_path: Path) -> None:
    fake_run(tmp_path / "runs/x", "plain", 20)
    command = ["script", "-qec", f"{sys.executable} {ROOT / 'scripts/watch.py'} runs", "/dev/null"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "xterm"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "x: 1 of 1 networks complete" in done.stdout


def test_an_adopted_network_has_taken_no_steps(tmp_path: Path) -> None:
    folder = fake_run(tmp_path / "runs/x", "plain", 20)
    record = read_json(folder / schema.RECORD)
    (folder / schema.RECORD).write_text(json.dumps({**record, "step": 0, "steps": 0}))
    found = one(tmp_path / "runs")
    assert found.networks[0].state == schema.COMPLETE and found.seconds_left == 0


def test_somebody_elses_run_is_not_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lock may not be looked at: silence alone tells."""
    folder = running(tmp_path, 20)
    (folder / schema.LOCK).touch()
    aged(folder, 20)
    assert [seen.state for seen in one(tmp_path).networks] == [watch.DEAD]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert [seen.state for seen in one(tmp_path).networks] == [schema.RUNNING]
    aged(folder, 70)
    assert [seen.state for seen in one(tmp_path).networks] == [watch.STALLED]


def test_brackets_in_a_message_are_no_markup(tmp_path: Path) -> None:
    folder = fake_run(tmp_path / "runs/x", "plain", 20, status="failed", message="[/bad] [enforce fail at x]")
    (found,) = watch.experiments(folder.parent)
    console = Console(width=200, file=io.StringIO())
    console.print(board.table(found))
    assert "plain-20-seed0: [/bad] [enforce fail at x]" in console.file.getvalue()  # type: ignore[attr-defined]


def test_nothing_to_watch(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadRequest, match="train first"):
            watch.experiments(folder)
    folder = running(tmp_path, 20)
    (folder / schema.RECORD).write_text(json.dumps([1]))
    (seen,) = one(tmp_path).networks
    assert (seen.state, seen.message) == (watch.DEAD, "record.json can't be read")
