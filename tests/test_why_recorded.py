"""Reports whose weights are gone: their networks begin again with the very values that the runs recorded."""

import dataclasses
from pathlib import Path

import pytest
from conftest import ROOT, Make

from degradation.errors import BadRequest
from degradation.reports import report
from degradation.runs import store
from degradation.training import experiment
from degradation.why.networks.recorded import load_starts, settings_of
from degradation.why.networks.trained import load_run

DRAWN = ("shapes_seeds", "ladder_shapes", "families_shapes", "budgets_shapes", "why_shapes")
PHOTOGRAPHS = ("cifar10", "cifar10_cpu", "long_cifar10", "families_cifar10", "gates_cifar10", "forms_cifar10")


def test_settings_are_the_runs_own(make: Make, tmp_path: Path) -> None:
    wanted = make(**{"model.family": "residual", "model.skip_scale": 0.5, "optimizer.lr": 0.3})
    assert experiment.train(wanted, echo=False) == 0
    (folder,) = report.write([wanted.folder.parent], tmp_path / "reports")
    (recorded,) = store.load([folder])
    ours = settings_of(recorded.runs.iloc[0].to_dict(), "data")
    theirs = load_run(wanted.folder).settings
    for part in ("seed", "model", "data", "optimizer", "schedule"):
        assert getattr(ours, part) == getattr(theirs, part)


def begins_as_recorded(name: str, root: str | None) -> None:
    """One seed of each network: the deepest of each kind."""
    (recorded,) = store.load([ROOT / "reports" / name])
    runs = recorded.runs[recorded.runs["seed"] == recorded.runs["seed"].min()]
    runs = runs.loc[runs.groupby(["family", "variant"])["depth"].idxmax()]
    starts = load_starts(dataclasses.replace(recorded, runs=runs), root)
    assert len(starts) == len(runs) > 1
    for start in starts:
        assert start.initial() is not None  # else it raises: other values than init_sha256 says


@pytest.mark.parametrize("name", DRAWN)
def test_networks_on_drawn_shapes_begin_as_recorded(name: str) -> None:
    begins_as_recorded(name, None)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_networks_on_photographs_begin_as_recorded(name: str, cifar10: str) -> None:
    begins_as_recorded(name, cifar10)


def test_a_run_that_began_elsewhere_has_no_start() -> None:
    (recorded,) = store.load([ROOT / "reports/shapes"])
    from_file = recorded.runs.assign(**{"config.start_sha256": "0123456789ab"})
    unknown = recorded.runs.assign(init_sha256="")
    for runs in (from_file, unknown, recorded.runs.assign(status="failed")):
        with pytest.raises(BadRequest, match="shapes: holds no complete run whose start is known"):
            load_starts(dataclasses.replace(recorded, runs=runs), None)


def test_other_images_are_refused() -> None:
    (recorded,) = store.load([ROOT / "reports/shapes"])
    runs = recorded.runs.assign(**{"config.data.count": "1000"})
    with pytest.raises(BadRequest, match="shapes/plain-20-seed0: was trained on other images"):
        load_starts(dataclasses.replace(recorded, runs=runs), None)
