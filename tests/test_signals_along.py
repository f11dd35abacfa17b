"""Signals along training: what is due, the same after an interruption, and no bit of training moved."""

import math
from pathlib import Path

import pandas as pd
import pytest
import torch
from conftest import Make

from degradation.config.optimization import Optimizer
from degradation.data import load
from degradation.errors import Stopped
from degradation.models.signals import COLUMNS, signals
from degradation.runs import schema
from degradation.training import checkpoint, experiment
from degradation.training.parts import make_images
from degradation.training.run import Run
from degradation.training.signals import Signals
from degradation.why.networks.trained import load_run


def curves(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / schema.CURVES).drop(columns=list(schema.TIME_COLUMNS))


def test_rows_along_training(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = make(runs=str(tmp_path / "alone"))
    watched = make(**{"train.signals_every": 5, "train.checkpoint_every": 4})
    assert alone.name == watched.name  # it costs time, and changes nothing
    for one in (alone, watched):
        assert experiment.train(one, echo=False) == 0
    assert not (alone.folder / schema.SIGNALS).exists()
    states = [checkpoint.load(one.folder / schema.LAST) for one in (alone, watched)]
    ours, theirs = (state["classifier"]["network"] for state in states)
    assert all(ours[name].equal(theirs[name]) for name in ours)
    assert curves(alone.folder).equals(curves(watched.folder))
    text = (watched.folder / schema.SIGNALS).read_text()
    table = pd.read_csv(watched.folder / schema.SIGNALS)
    assert list(table) == ["step", *COLUMNS]
    assert table["step"].tolist() == [0] * 7 + [5] * 7 + [10] * 7

    # Stopped at step 11; of its two checkpoints the newer is lost, so it looks at step 10 again.
    other = make(runs=str(tmp_path / "other"), **{"train.signals_every": 5, "train.checkpoint_every": 4})
    after_step = Run.after_step

    def stop(run: Run) -> None:
        after_step(run)
        if run.step == 11:
            raise Stopped(3, "enough")

    monkeypatch.setattr(Run, "after_step", stop)
    assert experiment.train(other, echo=False) == 3
    monkeypatch.setattr(Run, "after_step", after_step)
    (other.folder / schema.LAST).unlink()
    (other.folder / schema.PREVIOUS).replace(other.folder / schema.LAST)
    assert checkpoint.load(other.folder / schema.LAST)["classifier"]["step"] == 8
    assert experiment.train(other, echo=False) == 0
    assert (other.folder / schema.SIGNALS).read_text() == text


def test_what_is_measured(make: Make) -> None:
    """The last rows are those of the checkpoint, on as many images of each class."""
    wanted = make(**{"train.signals_every": 12})
    experiment.train(wanted, echo=False)
    run = load_run(wanted.folder)
    train, _ = make_images(run.dataset, next(run.network.parameters()).device)
    decay = wanted.settings.optimizer.weight_decay
    by_class = train.views(train.labels.argsort(stable=True))
    expected = signals(run.network, *by_class, lr=run.lr, weight_decay=decay)
    table = pd.read_csv(wanted.folder / schema.SIGNALS)
    found = table[table["step"] == 12].drop(columns="step").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-5)


def test_adams_steps_are_not_known(make: Make) -> None:
    wanted = make(**{"train.signals_every": 12, "optimizer.adam": 0.999})
    experiment.train(wanted, echo=False)
    table = pd.read_csv(wanted.folder / schema.SIGNALS)
    assert table["update"].isna().all() and table["gradient"].notna().all()
    assert math.isnan(load_run(wanted.folder).lr)


def test_the_images_are_of_all_classes(make: Make, tmp_path: Path) -> None:
    """Every fifteenth of 2,000 shapes, whose classes come in turn, would be of two classes."""
    wanted = make(**{"data.count": 2000})
    train, _ = make_images(load(wanted.settings.data), torch.device("cpu"))
    images, labels = Signals(tmp_path, 1, train, Optimizer(0.1, 0.9, 0.0)).batch
    assert torch.bincount(labels).tolist() == [13, 13, 13, 13, 12, 13, 13, 13, 13, 12]
    assert len(images.flatten(1).unique(dim=0)) == 128
