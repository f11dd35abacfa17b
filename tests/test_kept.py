"""Weights kept along training: what is due, the same after an interruption, and no bit of training moved."""

from pathlib import Path

import pytest
from conftest import Make

from degradation.errors import Stopped
from degradation.runs import schema
from degradation.training import checkpoint, experiment
from degradation.training.kept import kept
from degradation.training.run import Run

EVERY = {"train.keep_every": 4, "train.checkpoint_every": 3}


def weights(path: Path) -> dict[str, bytes]:
    return {n: v.numpy().tobytes() for n, v in checkpoint.load(path)["classifier"]["network"].items()}


@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_files_along_training(make: Make, tmp_path: Path, engine: str) -> None:
    kind = {"train.engine": engine}
    alone, watched = make(runs=str(tmp_path / "alone"), **kind), make(**EVERY, **kind)
    assert alone.name == watched.name  # it costs room, and changes nothing
    for one in (alone, watched):
        assert experiment.train(one, echo=False) == 0
    assert kept(alone.folder) == {}
    found = kept(watched.folder)
    assert list(found) == [4, 8, 12] and found[4].name == "step-4.ckpt"
    assert [checkpoint.load(path)["classifier"]["step"] for path in found.values()] == [4, 8, 12]
    last = [weights(one.folder / schema.LAST) for one in (alone, watched)]
    assert last[0] == last[1] == weights(found[12]) != weights(found[8])
    short = make(runs=str(tmp_path / "short"), **{**kind, "train.steps": 8, "schedule.milestones": [6]})
    assert experiment.train(short, echo=False) == 0
    assert weights(found[8]) == weights(short.folder / schema.LAST)
    started = make(runs=str(tmp_path / "started"), start=str(found[8]), **{"train.steps": 1})
    assert experiment.train(started, echo=False) == 0


def test_the_same_after_an_interruption(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after step 8, whose file is there, with a checkpoint of step 6, and then with none."""
    whole, broken = make(runs=str(tmp_path / "whole"), **EVERY), make(**EVERY)
    assert experiment.train(whole, echo=False) == 0
    after_step = Run.after_step
    before: list[bytes] = []

    def stop(run: Run) -> None:
        after_step(run)
        if run.step == 8:
            before.append((broken.folder / schema.PREVIOUS).read_bytes())
            raise Stopped(3, "enough")

    def stop_at_once(run: Run) -> None:
        raise Stopped(3, "enough")

    last, previous = broken.folder / schema.LAST, broken.folder / schema.PREVIOUS
    for lost, left in ((False, [4]), (True, [])):
        monkeypatch.setattr(Run, "after_step", stop)
        assert experiment.train(broken, echo=False) == 3
        assert list(kept(broken.folder)) == [4, 8]
        last.unlink()
        previous.unlink()
        if not lost:
            last.write_bytes(before[0])
            assert checkpoint.load(last)["classifier"]["step"] == 6
        monkeypatch.setattr(Run, "after_step", stop_at_once)
        assert experiment.train(broken, echo=False) == 3
        assert list(kept(broken.folder)) == left  # later ones are removed
    monkeypatch.setattr(Run, "after_step", after_step)
    assert experiment.train(broken, echo=False) == 0
    ours, theirs = kept(broken.folder), kept(whole.folder)
    assert list(ours) == list(theirs) == [4, 8, 12]
    assert all(path.read_bytes() == theirs[step].read_bytes() for step, path in ours.items())
