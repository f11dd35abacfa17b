"""Checkpoints by time, and whose the seconds of a group are."""

from collections.abc import Sequence

import pytest
from conftest import Make
from test_training import rows, same

from degradation import errors
from degradation.config.request import from_mapping
from degradation.files import read_json, write_json
from degradation.runs import schema, store
from degradation.training import checkpoint
from degradation.training.experiment import train
from degradation.training.fast.steps import FastSteps
from degradation.training.run import Clock, Run

FAST = {"train.engine": "fast", "train.precision": "float32"}


def test_with_the_fast_engine_checkpoints_are_made_by_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that is due, and the last step's; each, where no time is to pass."""
    saved: list[tuple[str, int]] = []
    save = Run.save

    def noting(run: Run) -> None:
        saved.append((run.recorder.record["experiment_name"], run.step))
        save(run)

    monkeypatch.setattr(Run, "save", noting)
    asked = {
        "seldom": make(**FAST, experiment_name="seldom"),
        "each": make(**FAST, **{"train.save_seconds": 0}, experiment_name="each"),
        "plain": make(experiment_name="plain"),
        "timed": make(**{"train.save_seconds": 1000}, experiment_name="timed"),
    }
    for request in asked.values():
        assert train(request, echo=False) == errors.DONE
    steps = {name: [step for own, step in saved if own == name] for name in asked}
    assert steps["each"] == steps["plain"] == [3, 4, 6, 8, 9, 12]
    assert steps["seldom"] == steps["timed"] == [3, 12]
    assert same(asked["seldom"], asked["each"])
    assert asked["timed"].name == asked["plain"].name


def test_what_was_not_saved_is_done_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond the checkpoint are dropped, and the bits are those of a run that wasn't killed."""
    whole, killed = make(**FAST), make(**FAST, experiment_name="killed")
    assert train(whole, echo=False) == errors.DONE
    after_step = Run.after_step

    def die(run: Run) -> None:
        after_step(run)
        if run.step == 9:
            raise KeyboardInterrupt  # nothing is written any more

    with monkeypatch.context() as patch:
        patch.setattr(Run, "after_step", die)
        with pytest.raises(BaseException):  # noqa: B017
            train(killed, echo=False)
    assert checkpoint.load(killed.folder / schema.LAST)["classifier"]["step"] == 3
    assert [row["step"] for row in rows(killed)] == ["4", "8"]
    assert train(killed, echo=False) == errors.DONE
    assert same(whole, killed)


def test_the_seconds_of_a_group_add_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each network has an equal part of the time of each window; what it took to get ready is apart."""
    laps = iter(range(10_000))
    monkeypatch.setattr(Clock, "lap", lambda self: 10.0 if next(laps) else 24.0)
    prepare = FastSteps._prepare

    def slowly(self: FastSteps, runs: Sequence[Run]) -> None:
        prepare(self, runs)
        for run in runs:
            run.setup_seconds = 7.0

    monkeypatch.setattr(FastSteps, "_prepare", slowly)
    pair = [make(**FAST, **{"model.family": family}) for family in ("plain", "residual")]
    assert train(*pair, echo=False) == errors.DONE
    records = [read_json(one.folder / schema.RECORD) for one in pair]
    windows = next(laps)  # of 10 seconds each; the first took 14 more
    assert [one["seconds"] for one in records] == [windows * 5.0] * 2
    assert [one["setup_seconds"] for one in records] == [7.0] * 2
    first = rows(pair[0], times=True)[0]
    assert float(first["images_per_second"]) == pytest.approx(4 * 16 / float(first["seconds"]), rel=0.01)
    assert checkpoint.load(pair[0].folder / schema.LAST)["setup_seconds"] == 7.0


def test_runs_from_before_these_keys_are_read(make: Make) -> None:
    """They say nothing of a network: a record and a config without them are those of the same run."""
    new = {"train.save_seconds", "train.urgent"}
    assert new <= schema.PLACE_AND_COST
    request = make()
    assert train(request, echo=False) == errors.DONE
    record = read_json(request.folder / schema.RECORD)
    assert new <= set(record["config"])
    record["config"] = {key: value for key, value in record["config"].items() if key not in new}
    write_json(request.folder / schema.RECORD, record)
    assert train(make(**{"train.save_seconds": 5, "train.urgent": 1}), echo=False) == errors.DONE
    tree = request.to_mapping()
    for key in new:
        del tree["train"][key.split(".")[1]]
    assert from_mapping(tree) == request
    write_json(request.folder / schema.RECORD, {**record, "setup_seconds": 2.5})
    (experiment,) = store.load([request.folder])
    assert experiment.runs["setup_seconds"].tolist() == ["2.5"]
