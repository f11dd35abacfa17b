"""The line above a picture says what all complete runs share, and no more."""

from pathlib import Path

import pandas as pd
from fake_runs import SHAPES, fake_run

from degradation.reports.caption import caption, growths
from degradation.runs import store


def runs(folder: Path) -> pd.DataFrame:
    (experiment,) = store.load([folder])
    return experiment.runs


def test_a_subset_of_cifar10(tmp_path: Path) -> None:
    config = {"data.subset": 2500, "train.steps": 4000, "train.batch_size": 64, "train.evaluate_every": 250}
    fake_run(tmp_path / "x", config=config)
    said = "CIFAR-10, 2,500 of 50,000 training images, 32 px, width 16, 4,000 steps of 64"
    assert caption(runs(tmp_path / "x")) == f"{said}, learning rate 0.1, 1 seed"


def test_the_whole_of_it_and_a_range_of_seeds(tmp_path: Path) -> None:
    for depth, seeds in ((20, 3), (56, 1)):
        for seed in range(seeds):
            fake_run(tmp_path / "x", depth=depth, seed=seed)
    said = "CIFAR-10, 50,000 training images, 32 px, width 16, 64,000 steps of 128"
    assert caption(runs(tmp_path / "x")) == f"{said}, learning rate 0.1, 1 to 3 seeds"


def test_the_lower_rate_that_all_begin_with(tmp_path: Path) -> None:
    warm = {**SHAPES, "schedule.warmup.lr": 0.005}
    for name, end, said in (
        ("steps", 64, "64 steps at 0.005"),
        ("until_error", 80.0, "0.005 until 80% error"),
    ):
        fake_run(tmp_path / name, config={**warm, f"schedule.warmup.{name}": end})
        assert f"learning rate 0.05 ({said}), 1 seed" in caption(runs(tmp_path / name))
    fake_run(tmp_path / "steps", "residual", 20, config=SHAPES)
    assert "learning rate 0.05, 1 seed" in caption(runs(tmp_path / "steps"))


def test_what_differs_is_left_out(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", config=SHAPES)
    fake_run(tmp_path / "x", "residual", 20, config={**SHAPES, "data.size": 64, "train.steps": 620})
    assert (
        caption(runs(tmp_path / "x"))
        == "drawn shapes, 2,000 training images, 16 or 64 px, width 8, learning rate 0.05, 1 seed"
    )


def test_growths_need_seeds_for_an_interval(tmp_path: Path) -> None:
    for depth, error in ((20, 1.0), (56, 5.0)):
        for seed in range(2):
            fake_run(tmp_path / "x", depth=depth, seed=seed, train_error=error)
    assert growths(runs(tmp_path / "x")) == ""
    for depth, error in ((20, 1.0), (56, 5.0)):
        fake_run(tmp_path / "x", depth=depth, seed=2, train_error=error)
    said = "plain: training error +4.00 points (95% interval +4.00 to +4.00, "
    assert growths(runs(tmp_path / "x")) == f"{said}above zero in 3 of 3 seeds)"


def test_only_complete_runs_count(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", status="failed", config=SHAPES)
    assert caption(runs(tmp_path / "x")) == ""
    fake_run(tmp_path / "x", seed=1)
    assert caption(runs(tmp_path / "x")).startswith("CIFAR-10, 50,000 training images")
