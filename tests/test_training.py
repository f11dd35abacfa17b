"""Training: the schedule, the same bits twice and after any interruption, honest final numbers."""

import csv
import errno
import fcntl
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import yaml
from conftest import ROOT, Make
from torch import nn
from torch.nn import functional as F

from degradation import errors
from degradation.config.optimization import Schedule, Warmup
from degradation.config.request import Request
from degradation.data import load
from degradation.errors import BadRequest, InUse, NotFinite, Stopped
from degradation.files import locked, read_json, write_json
from degradation.models import build_model
from degradation.runs import schema, store
from degradation.sweeps import sweep
from degradation.sweeps.job import Job
from degradation.sweeps.live import LiveTable
from degradation.training import checkpoint, together
from degradation.training.classifier import Classifier
from degradation.training.experiment import train
from degradation.training.folder import read_config
from degradation.training.parts import make_optimizer, resolve
from degradation.training.run import Run
from degradation.training.schedule import StepSchedule
from degradation.training.stop import Stop

NO_WARMUP = Warmup(None, None, None)


def rows(request: Request, times: bool = False) -> list[dict[str, str]]:
    """curves.csv, without the columns of time."""
    with (request.folder / schema.CURVES).open() as file:
        found = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if times or k not in schema.TIME_COLUMNS} for row in found]


def weights(request: Request) -> dict[str, torch.Tensor]:
    network = checkpoint.load(request.folder / schema.LAST)["classifier"]["network"]
    assert isinstance(network, dict)
    return network


def same(ours: Request, theirs: Request) -> bool:
    """Bitwise the same curves and weights."""
    left, right = weights(ours), weights(theirs)
    return rows(ours) == rows(theirs) and all(torch.equal(left[key], right[key]) for key in left | right)


def test_the_papers_schedule() -> None:
    schedule = StepSchedule(0.1, Schedule((32_000, 48_000), 0.1, NO_WARMUP), 64_000)
    assert [schedule.lr(t) for t in (0, 31_999, 32_000, 47_999, 48_000, 63_999)] == [
        0.1,
        0.1,
        0.01,
        0.01,
        0.001,
        0.001,
    ]
    fractions = StepSchedule(0.1, Schedule((0.75, 0.5), 0.1, NO_WARMUP), 64_000)
    assert fractions.milestones == (32_000, 48_000)


def test_warm_up_of_fixed_length_leaves_the_milestones() -> None:
    warmup = Warmup(0.01, 5, None)
    schedule = StepSchedule(0.1, Schedule((8,), 0.1, warmup), 10)
    assert [schedule.lr(t) for t in range(10)] == [0.01] * 5 + [0.1] * 3 + [0.01] * 2


def test_warm_up_until_the_error_falls() -> None:
    """ResNet-110's rule: 0.01 until the training error is below 80%."""
    warmup = Warmup(0.01, None, 80.0)
    schedule = StepSchedule(0.1, Schedule((32_000,), 0.1, warmup), 64_000)
    assert schedule.lr(300) == 0.01
    schedule.observe(80.0)
    assert schedule.lr(400) == 0.01
    state = schedule.state()
    schedule.observe(79.9)
    schedule.observe(95.0)  # once over, it stays over
    assert schedule.lr(500) == 0.1
    schedule.restore(state)
    assert schedule.lr(500) == 0.01


def test_the_warm_up_looks_at_a_hundred_steps(make: Make) -> None:
    request = make(
        **{
            "train.steps": 203,
            "train.evaluate_every": 1,
            "train.checkpoint_every": 1000,
            "schedule.warmup.lr": 0.001,
            "schedule.warmup.until_error": 100,
            "data.test_count": 10,
        }
    )
    assert train(request, echo=False) == errors.DONE
    rates = [float(row["lr"]) for row in rows(request)]
    assert rates == [0.001] * 100 + [0.1] * 2 + [0.01] * 101  # the drop at half of 203 steps


def test_sgd_by_hand() -> None:
    """One weight, two steps: v = m v + g + wd w, w -= lr v, the learning rate outside the velocity."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(1, 2, bias=False))
    nn.init.constant_(network[1].weight, 0.5)  # type: ignore[arg-type]

    def sgd(parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=9.0, momentum=0.9, weight_decay=0.1)

    schedule = StepSchedule(0.1, Schedule((1,), 0.1, NO_WARMUP), 2)
    classifier = Classifier(network, sgd, schedule)
    images, labels = torch.ones(1, 1, 1, 1), torch.zeros(1, dtype=torch.int64)
    w, v = [0.5, 0.5], [0.0, 0.0]
    for lr in (0.1, 0.01):
        classifier.train_step(images, labels)
        p0 = math.exp(w[0]) / (math.exp(w[0]) + math.exp(w[1]))
        gradient = [p0 - 1, 1 - p0]
        v = [0.9 * v[i] + gradient[i] + 0.1 * w[i] for i in range(2)]
        w = [w[i] - lr * v[i] for i in range(2)]
    assert network[1].weight.flatten().tolist() == pytest.approx(w, abs=1e-7)  # type: ignore[union-attr,operator]


def test_adam_by_hand(make: Make) -> None:
    """One weight, two steps: both means of the gradient, each over what it has seen of its weight of 1."""
    settings = make(**{"optimizer.adam": 0.99, "optimizer.lr": 0.1, "optimizer.weight_decay": 0.1}).settings
    weight = nn.Parameter(torch.tensor([2.0]))
    optimizer = make_optimizer(settings, [weight])
    w, m, v = 2.0, 0.0, 0.0
    for step, slope in ((1, 3.0), (2, -1.0)):
        weight.grad = torch.tensor([slope])
        optimizer.step()
        gradient = slope + 0.1 * w
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        w -= 0.1 * (m / (1 - 0.9**step)) / (math.sqrt(v / (1 - 0.99**step)) + 1e-8)
        assert weight.item() == pytest.approx(w, rel=1e-6)


def test_a_run_folder(make: Make) -> None:
    request = make()
    assert train(request, echo=False) == errors.DONE
    found = rows(request, times=True)
    assert tuple(found[0]) == schema.CURVE_COLUMNS
    assert [row["step"] for row in found] == ["4", "8", "12"]
    assert [row["lr"] for row in found] == ["0.1", "0.01", "0.01"]
    assert [row["epoch"] for row in found] == ["0.64", "1.28", "1.92"]
    assert [row["train_error"] == "" for row in found] == [True, True, False]  # not measured is empty
    assert all(float(row["seconds"]) > 0 and float(row["images_per_second"]) > 0 for row in found)
    record = read_json(request.folder / schema.RECORD)
    assert tuple(record) == (*schema.RECORD_KEYS, schema.HISTORY)
    assert record["status"] == schema.COMPLETE
    assert record["step"] == record["steps"] == 12
    assert record["test_error"] == float(found[-1]["test_error"])
    assert record["twin"] == "plain exact"
    assert record["config"]["model.shortcut"] == "A"
    names = {path.name for path in request.folder.iterdir()}
    assert names == {
        "config.yaml",
        "curves.csv",
        "record.json",
        "last.ckpt",
        "previous.ckpt",
        "log.txt",
        "lock",
    }


def test_running_errors_are_means_since_the_last_row(make: Make) -> None:
    """Evaluating at each step, or only at the last: the means over all steps agree."""
    often = make(**{"train.evaluate_every": 1})
    once = make(**{"train.evaluate_every": 99, "experiment_name": "once"})
    assert train(often, echo=False) == train(once, echo=False) == errors.DONE
    for name in ("train_error_running", "train_loss"):
        single = [float(row[name]) for row in rows(often)]
        (whole,) = [float(row[name]) for row in rows(once)]
        assert len(single) == 12
        assert sum(single) / 12 == pytest.approx(whole, rel=1e-6)


def test_final_errors_by_an_independent_path(make: Make) -> None:
    """Recomputed from the checkpoint: no Lightning, none of the project's loop."""
    request = make(**{"train.precision": "float32"})
    train(request, echo=False)
    network = build_model("residual", depth=8, width=8)
    network.load_state_dict(weights(request))
    network.eval()
    data = load(request.settings.data)
    record = read_json(request.folder / schema.RECORD)
    mean = data.train.pixels.astype("float64").mean(axis=0) / 255
    for images, key in ((data.train, "train_error"), (data.test, "test_error")):
        inputs = torch.from_numpy((images.pixels / 255.0 - mean).astype("float32")).permute(0, 3, 1, 2)
        with torch.no_grad():
            wrong = network(inputs).argmax(1).numpy() != images.labels
        assert record[key] == 100 * wrong.mean()


def test_same_seed_same_bits_other_seed_others(make: Make) -> None:
    one, again, other = make(), make(experiment_name="again"), make(seed=1)
    for request in (one, again, other):
        train(request, echo=False)
    assert same(one, again)
    assert not same(one, other)


def test_twins_see_the_same_batches(make: Make) -> None:
    records = {}
    for family, shortcut in (("plain", None), ("residual", "A"), ("residual", "B")):
        request = make(**{"model.family": family, "model.shortcut": shortcut}, experiment_name=f"x{shortcut}")
        train(request, echo=False)
        records[shortcut] = read_json(request.folder / schema.RECORD)
    plain, exact, subset = records[None], records["A"], records["B"]
    for key in ("stream_sha256", "data_sha256", "init_shared_sha256"):
        assert plain[key] == exact[key] == subset[key] is not None
    assert plain["init_sha256"] == exact["init_sha256"] != subset["init_sha256"]


@pytest.mark.parametrize(
    "own",
    [
        {"train.precision": "float32"},
        {"train.precision": "bf16"},
        {"optimizer.adam": 0.999, "optimizer.lr": 0.001},
    ],
)
def test_interrupted_at_every_step(
    make: Make, own: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each step, and inside each evaluation: bitwise what an undisturbed run gives."""
    keys = {**own, "train.evaluate_train_every": 6}
    whole, pieces = make(**keys), make(**keys, experiment_name="pieces")
    assert train(whole, echo=False) == errors.DONE
    calls = iter(range(10_000))

    def check(self: Stop) -> None:
        if next(calls) % 5 == 4:  # neither the steps' nor the evaluations' rhythm
            raise Stopped(errors.TERMINATED, "stopped")

    monkeypatch.setattr(Stop, "check", check)
    codes = []
    while not codes or codes[-1] != errors.DONE:
        codes.append(train(pieces, echo=False))
        assert len(codes) < 50
    assert set(codes[:-1]) == {errors.TERMINATED}
    assert len(codes) > 4
    assert same(whole, pieces)
    ours, theirs = (read_json(r.folder / schema.RECORD) for r in (whole, pieces))
    assert ours["stream_sha256"] == theirs["stream_sha256"]


def test_killed_between_a_row_and_its_checkpoint(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, killed = make(), make(experiment_name="killed")
    train(whole, echo=False)

    class Kill(BaseException):
        pass

    save = Run.save

    def die(self: Run) -> None:
        if self.step == 8:
            raise Kill
        save(self)

    monkeypatch.setattr(Run, "save", die)
    with pytest.raises(Kill):
        train(killed, echo=False)
    assert [row["step"] for row in rows(killed)] == ["4", "8"]
    monkeypatch.setattr(Run, "save", save)
    assert train(killed, echo=False) == errors.DONE
    assert same(whole, killed)


def test_complete_is_left_alone_and_fresh_moves_it_aside(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    request = make()
    train(request, echo=False)
    before = (request.folder / schema.RECORD).read_bytes()
    assert train(request) == errors.DONE
    assert "is complete" in capsys.readouterr().out
    assert (request.folder / schema.RECORD).read_bytes() == before
    assert train(make(fresh=True), echo=False) == errors.DONE
    aside = request.folder.parent / ".aside" / f"{request.name}.1"
    assert (aside / schema.RECORD).read_bytes() == before
    assert same(request, request)


def test_another_config_is_refused(make: Make) -> None:
    request = make()
    train(request, echo=False)
    with pytest.raises(BadRequest, match=r"optimizer.lr=0.1 there, 0.2 here.*fresh=true"):
        train(make(**{"optimizer.lr": 0.2}), echo=False)
    assert read_config(request.folder) == resolve(request, torch.device("cpu"))
    assert train(make(**{"train.checkpoint_every": 5}), echo=False) == errors.DONE  # place and cost
    with pytest.raises(BadRequest, match=r"train\.precision"):
        other = {"bf16": "float32", "float32": "bf16"}[read_json(request.folder / schema.RECORD)["precision"]]
        train(make(**{"train.precision": other}), echo=False)


def test_a_damaged_checkpoint_is_noticed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, request = make(), make(experiment_name="damaged")
    train(whole, echo=False)
    monkeypatch.setattr(Stop, "check", _stop_at_second_call())
    train(request, echo=False)
    monkeypatch.undo()
    last, previous = request.folder / schema.LAST, request.folder / schema.PREVIOUS
    good = last.read_bytes()
    for position in range(0, len(good), len(good) // 40):
        flipped = bytearray(good)
        flipped[position] ^= 1 << position % 8
        for bad in (bytes(flipped), good[:position]):
            last.write_bytes(bad)
            with pytest.raises(checkpoint.Damaged):
                checkpoint.load(last)
    last.write_bytes(b"")
    previous.unlink(missing_ok=True)
    with pytest.raises(BadRequest, match=r"last.ckpt is damaged.*fresh=true"):
        train(request, echo=False)
    previous.write_bytes(good)
    assert train(request, echo=False) == errors.DONE
    assert "last.ckpt is damaged" in (request.folder / schema.LOG).read_text()
    assert same(whole, request)
    loaded = torch.load(request.folder / schema.LAST, weights_only=True)
    assert loaded["classifier"]["step"] == 12


def test_checkpoints_that_are_gone_are_said(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    whole, request = make(experiment_name="whole"), make()
    train(whole, echo=False)
    train(request, echo=False)
    for name in (schema.LAST, schema.PREVIOUS):
        (request.folder / name).unlink()
    assert train(request, echo=False) == errors.DONE  # complete is complete
    path = request.folder / schema.RECORD
    write_json(path, {**read_json(path), "status": schema.INTERRUPTED, "step": 9})
    job = Job(request)
    sweep.check([job])
    said = "did 9 steps, but no checkpoint is there: begins anew at step 0"
    assert job.note == said
    with LiveTable([job]):
        pass
    assert train(request) == errors.DONE
    assert capsys.readouterr().out.count(f"{request.name}: {said}") == 2
    assert said in (request.folder / schema.LOG).read_text()
    assert same(request, whole)


def test_rows_without_a_checkpoint_are_dropped(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a report would read the old rows for those of the new beginning."""
    request = make()
    train(request, echo=False)
    for name in (schema.LAST, schema.PREVIOUS):
        (request.folder / name).unlink()
    path = request.folder / schema.RECORD
    write_json(path, {**read_json(path), "status": schema.INTERRUPTED})

    def stop(self: Stop) -> None:
        raise Stopped(errors.INTERRUPTED, "stopped")

    monkeypatch.setattr(Stop, "check", stop)
    assert train(request, echo=False) == errors.INTERRUPTED
    assert rows(request) == []
    (experiment,) = store.load([request.folder])
    assert (len(experiment.curves), experiment.runs["step"].tolist()) == (0, [0])


def test_a_checkpoint_that_carries_code_is_refused(make: Make, tmp_path: Path) -> None:
    """Even one whose digest fits: nothing in it is run."""
    request = make(**{"train.max_minutes": 1e-9})
    train(request, echo=False)
    witness = tmp_path / "code was run"
    state = checkpoint.load(request.folder / schema.LAST)
    checkpoint.save(request.folder, {**state, "rows": Evil(str(witness))})
    with pytest.raises(BadRequest, match=r"last\.ckpt.*fresh=true"):
        (request.folder / schema.PREVIOUS).unlink()
        train(make(), echo=False)
    assert not witness.exists()


class Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def _stop_at_second_call() -> object:
    calls = iter(range(100))

    def check(self: Stop) -> None:
        if next(calls) == 2:
            raise Stopped(errors.INTERRUPTED, "stopped")

    return check


def test_a_loss_that_is_not_finite_fails_the_run(make: Make) -> None:
    request = make(**{"optimizer.lr": 1e30, "train.precision": "float32"})
    assert train(request, echo=False) == errors.FAILED
    record = read_json(request.folder / schema.RECORD)
    assert record["status"] == schema.FAILED
    assert "not finite" in record["message"]
    assert record["train_error"] is None


def test_max_minutes(make: Make) -> None:
    request = make(**{"train.max_minutes": 1e-9})
    assert train(request, echo=False) == errors.OUT_OF_TIME
    assert read_json(request.folder / schema.RECORD)["status"] == schema.INTERRUPTED
    assert train(make(), echo=False) == errors.DONE


def test_two_at_once(make: Make) -> None:
    request = make()
    request.folder.mkdir(parents=True)
    with locked(request.folder / schema.LOCK), pytest.raises(BadRequest, match=r"in use by process \d+ on"):
        train(request, echo=False)
    with locked(request.folder / schema.LOCK), pytest.raises(InUse):  # nor any other of its group
        train(make(**{"model.family": "plain"}), request, echo=False)
    assert [path.name for path in request.folder.parent.glob("*/*")] == [schema.LOCK] * 2


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_named(
    number: int, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is trained that another process might train too."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    request = make()
    assert train(request, echo=False) == errors.FAILED
    said = f"{request.folder}: its file system knows no locks: choose another runs=\n"
    assert capsys.readouterr().err == said
    assert not (request.folder / schema.RECORD).exists()


def test_a_file_where_the_run_folder_belongs(make: Make, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(BadRequest, match="runs is a file"):
        train(make(), echo=False)


def test_a_disk_that_is_full(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("degradation.training.recorder.write_json", full)
    assert train(make(), echo=False) == errors.FAILED
    assert "No space left on device" in capsys.readouterr().err
    monkeypatch.undo()
    other = make(experiment_name="other")
    monkeypatch.setattr(checkpoint, "save", full)
    assert train(other, echo=False) == errors.FAILED
    record = read_json(other.folder / schema.RECORD)
    assert (record["status"], record["message"]) == (schema.FAILED, "No space left on device")
    monkeypatch.setattr(Stop, "check", _stop_at_second_call())
    assert train(other, echo=False) == errors.FAILED  # stopped, but nothing could be saved
    assert read_json(other.folder / schema.RECORD)["step"] == 2
    assert "goes on from there" not in (other.folder / schema.LOG).read_text()


def test_a_record_is_written_over_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"
    write_json(path, {"status": "running", "message": "x" * 100})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("degradation.files.write_atomic", full)
    inode = path.stat().st_ino
    for message in ("the disk is full", "y" * 3000):  # shorter and longer than before
        write_json(path, {"status": "failed", "message": message})
        assert read_json(path) == {"status": "failed", "message": message}
        assert path.stat().st_ino == inode
    before = path.read_bytes()
    for there in (path, tmp_path / "other.json"):
        with pytest.raises(OSError, match="No space left"):
            write_json(there, {"status": "failed", "message": "z" * 30_000})
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


def test_a_log_that_cannot_be_written_is_no_failure(make: Make) -> None:
    request, diverging = make(), make(experiment_name="diverging", **{"optimizer.lr": 1e30})
    for one in (request, diverging):
        (one.folder / schema.LOG).mkdir(parents=True)
    assert train(request, echo=False) == errors.DONE
    assert train(diverging, echo=False) == errors.FAILED
    assert "not finite" in read_json(diverging.folder / schema.RECORD)["message"]


@pytest.mark.parametrize("when", ["at the start", "later"])
def test_a_folder_that_cannot_be_written_stops_no_other_of_its_group(
    make: Make, when: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, *group = make(experiment_name="alone"), make(), make(**{"model.family": "plain"})
    good, bad = group
    train(alone, echo=False)
    if when == "at the start":
        (bad.folder / schema.CONFIG).mkdir(parents=True)
    save = checkpoint.save

    def refuse(folder: Path, state: dict[str, object]) -> None:
        if when == "later" and folder == bad.folder:
            raise OSError(1, "Operation not permitted", str(folder))
        save(folder, state)

    monkeypatch.setattr(checkpoint, "save", refuse)
    assert train(*group, echo=False) == errors.FAILED
    assert same(good, alone)
    assert read_json(good.folder / schema.RECORD)["status"] == schema.COMPLETE
    assert f"{bad.folder}: " in capsys.readouterr().err
    if when == "later":
        record = read_json(bad.folder / schema.RECORD)
        assert (record["status"], record["step"]) == (schema.FAILED, 3)
        assert record["message"] == f"Operation not permitted ({bad.folder})"
    monkeypatch.undo()
    if when == "at the start":
        (bad.folder / schema.CONFIG).rmdir()
    assert train(*group, echo=False) == errors.DONE


def test_images_that_changed_are_refused(make: Make) -> None:
    request = make(**{"train.max_minutes": 1e-9})
    train(request, echo=False)
    record = read_json(request.folder / schema.RECORD)
    (request.folder / schema.RECORD).write_text(json.dumps({**record, "data_sha256": "0" * 64}))
    with pytest.raises(BadRequest, match="began with other images"):
        train(make(), echo=False)


def test_real_images(cifar10: str, make: Make) -> None:
    """A few of them: twice the same bits, twins on the same images, and they are learnt."""
    data = yaml.safe_load((ROOT / "conf/data/cifar10.yaml").read_text())
    few = {"root": cifar10, "download": False, "verify": False, "subset": 50, "test_subset": 50}
    keys = {
        "data": {**data, **few},
        "train.steps": 60,
        "train.evaluate_every": 30,
        "optimizer.lr": 0.05,
    }
    one, again, plain = (
        make(**keys, **other) for other in ({}, {"experiment_name": "again"}, {"model.family": "plain"})
    )
    for request in (one, again, plain):
        assert train(request, echo=False) == errors.DONE
    assert same(one, again)
    ours, theirs = (read_json(request.folder / schema.RECORD) for request in (one, plain))
    for key in ("data_sha256", "stream_sha256", "init_sha256"):
        assert ours[key] == theirs[key]
    assert ours["train_error"] < 70  # chance is 90


@pytest.mark.slow
def test_two_processes_are_one(tmp_path: Path) -> None:
    """Lightning's DDP: in union they see the batches of one process, together count all images, and after
    fifty steps in float32 have its weights, BN's statistics and losses, to rounding."""
    records, seen, networks = [], [], []
    keys = {"steps": 50, "evaluate_every": 25, "precision": "float32"}
    for devices in (1, 2):
        folder = tmp_path / str(devices)
        folder.mkdir()
        script = str(ROOT / "tests/two_processes.py")
        command = [sys.executable, script, str(folder), str(devices), "0.01", json.dumps(keys)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        (run,) = folder.glob("runs/tiny/*")
        records.append(read_json(run / schema.RECORD))
        networks.append(checkpoint.load(run / schema.LAST)["classifier"]["network"])
        parts = [(folder / f"rank{rank}").read_text().splitlines() for rank in range(devices)]
        seen.append([sorted(" ".join(step).split()) for step in zip(*parts, strict=True)])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 50
    alone, shared = records
    assert alone["status"] == shared["status"] == schema.COMPLETE
    assert alone["stream_sha256"] == shared["stream_sha256"]
    for key in ("train_loss", "test_loss"):
        assert shared[key] == pytest.approx(alone[key], rel=1e-4)
    for name, value in networks[0].items():
        torch.testing.assert_close(networks[1][name], value, rtol=1e-4, atol=1e-5, msg=name)


def test_local_rank_means_nothing_to_one_device(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's launcher may have left it there."""
    monkeypatch.setenv("LOCAL_RANK", "1")
    request = make()
    assert train(request, echo=False) == errors.DONE
    assert read_json(request.folder / schema.RECORD)["status"] == schema.COMPLETE
    assert (together.rank(1), together.rank(2)) == (0, 1)


@pytest.mark.parametrize(("backend", "device"), [("nccl", "cuda"), ("gloo", "cpu")])
def test_what_processes_agree_on_lies_where_their_backend_looks(
    backend: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def tensor(number: int, device: torch.device) -> torch.Tensor:
        made.append(device)
        return torch.full((), number)  # here there may be no GPU

    monkeypatch.setattr(together.dist, "is_initialized", lambda: True)
    monkeypatch.setattr(together.dist, "get_backend", lambda: backend)
    monkeypatch.setattr(together.dist, "all_reduce", lambda value, _: value.clamp_(min=7))
    monkeypatch.setattr(together.torch, "tensor", tensor)
    assert together.largest(3) == 7
    assert made == [torch.device(device)]


def test_classifier_in_eager_use() -> None:
    """As a notebook would use it: any network, any optimizer."""
    torch.manual_seed(0)
    network = build_model("plain", depth=8, width=4)
    schedule = StepSchedule(0.1, Schedule((0.5,), 0.1, NO_WARMUP), 10)
    classifier = Classifier(network, lambda p: torch.optim.SGD(p, lr=0.1), schedule)
    images, labels = torch.randn(4, 3, 8, 8), torch.arange(4)
    before = F.cross_entropy(classifier(images), labels)
    for _ in range(10):
        classifier.train_step(images, labels)
    loss, error = classifier.running()
    assert loss < before
    assert error in {2.5 * k for k in range(41)}
    state, sums = classifier.state(), (classifier.loss_sum, classifier.wrong, classifier.window_wrong)
    for first in (True, False):  # of two processes, which share what both had counted
        classifier.restore(state, first=first)
        assert [own.item() for own in sums] == [saved.item() * first for saved in state["sums"]]
        assert classifier.loss_sum.item() > 0 or not first
    classifier.loss_sum.fill_(math.nan)
    with pytest.raises(NotFinite):
        classifier.check_finite()
