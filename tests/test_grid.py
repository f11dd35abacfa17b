"""Variants that are the values of one setting: error against that setting in depth's place."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_runs import SHAPES, fake_run

from degradation.analysis.grid import grid
from degradation.plots import depth as depth_plot
from degradation.plots import grid as plot
from degradation.reports import report
from degradation.runs import store

RATES = (0.0125, 0.025, 0.05, 0.1, 0.2)
OWN = 0.05
NETWORKS = (("plain", 20), ("plain", 56), ("residual", 56))


def learning_rates(experiment: Path, rates: tuple[float, ...] = RATES, **more: Any) -> pd.DataFrame:
    """Three networks at several rates, two seeds each: errors of 100 times the rate, and one point more."""
    for family, depth in NETWORKS:
        for rate in rates:
            for seed in (0, 1):
                fake_run(
                    experiment,
                    family,
                    depth,
                    seed,
                    train_error=100 * rate + seed,
                    variant="" if rate == OWN else f"optimizer.lr={rate}",
                    config={**SHAPES, "optimizer.lr": rate, **more},
                )
    return runs(experiment)


def runs(experiment: Path) -> pd.DataFrame:
    (found,) = store.load([experiment])
    return found.runs


def test_a_row_a_network_and_value(tmp_path: Path) -> None:
    found = grid(learning_rates(tmp_path / "x"))
    assert found is not None and len(found) == 15
    assert set(found["key"]) == {"optimizer.lr"} and set(found[found["own"]]["value"]) == {OWN}
    assert list(found["value"][:5]) == sorted(RATES) and set(found["runs"]) == {2}
    row = found[(found["family"] == "residual") & (found["value"] == 0.2)].iloc[0]
    assert (row["train_error_low"], row["train_error_high"]) == (20.0, 21.0)
    assert row["train_error_mean"] == 20.5 and row["train_error_std"] == pytest.approx(math.sqrt(0.5))
    assert row["test_error_mean"] == 28.5


def test_what_was_not_measured_stays_missing(tmp_path: Path) -> None:
    frame = learning_rates(tmp_path / "x")
    frame.loc[frame["run"] == "plain-20-optimizer.lr=0.1-seed0", "test_error"] = math.nan
    found = grid(frame)
    assert found is not None
    hole = found[found["test_error_mean"].isna()]
    assert list(zip(hole["family"], hole["depth"], hole["value"], strict=True)) == [("plain", 20, 0.1)]
    assert hole["test_error_low"].isna().all() and hole["train_error_mean"].notna().all()


def test_two_values_two_settings_or_words_are_no_grid(tmp_path: Path) -> None:
    assert grid(learning_rates(tmp_path / "two", RATES[1:3])) is None
    learning_rates(tmp_path / "both")
    fake_run(
        tmp_path / "both", variant="optimizer.momentum=0.8", config={**SHAPES, "optimizer.momentum": 0.8}
    )
    assert grid(runs(tmp_path / "both")) is None
    for shortcut in "ABC":
        config = {**SHAPES, "model.shortcut": shortcut}
        fake_run(tmp_path / "words", "residual", variant=f"model.shortcut={shortcut}", config=config)
    assert grid(runs(tmp_path / "words")) is None
    fake_run(tmp_path / "none")
    assert grid(runs(tmp_path / "none")) is None


def test_a_setting_that_all_variants_share_does_not_count(tmp_path: Path) -> None:
    for rate in RATES:
        variant = f"optimizer.lr={rate},train.precision=bf16"
        config = {**SHAPES, "optimizer.lr": rate, "train.precision": "bf16"}
        fake_run(tmp_path / "x", variant=variant, config=config)
    found = grid(runs(tmp_path / "x"))
    assert found is not None and set(found["key"]) == {"optimizer.lr"} and not found["own"].any()


def test_the_picture_has_a_line_a_network_and_the_setting_as_its_axis(tmp_path: Path) -> None:
    found = grid(learning_rates(tmp_path / "x"))
    assert found is not None
    figure = plot.figure(found, "optimizer.lr", OWN, "two seeds")
    figure.draw_without_rendering()
    left, right = figure.axes
    assert left.get_xscale() == "log" and left.get_xlabel().startswith("optimizer.lr")
    assert len(left.containers) == len(right.containers) == 3
    assert left.containers[2][0].get_ydata() == pytest.approx([100 * rate + 0.5 for rate in RATES])
    bars = left.containers[0][2][0].get_segments()
    assert [bar[1][1] - bar[0][1] for bar in bars] == pytest.approx([1.0] * 5), "lowest to highest"
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[:3] == ["plain-20", "plain-56", "residual-56"]
    assert said[3:] == ["bar: lowest to highest of 2 seeds", "the experiment's own: 0.05"]
    boxes = [note.get_window_extent() for note in left.texts + right.texts]
    assert len(boxes) == 30
    assert not any(box.overlaps(other) for place, box in enumerate(boxes) for other in boxes[place + 1 :])


def test_values_within_a_power_of_ten_stand_on_a_linear_axis(tmp_path: Path) -> None:
    found = grid(learning_rates(tmp_path / "x", RATES[1:]))
    assert found is not None
    assert plot.figure(found, "optimizer.lr", None).axes[0].get_xscale() == "linear"


def test_one_family_has_one_colour_and_each_network_a_marker(tmp_path: Path) -> None:
    found = grid(learning_rates(tmp_path / "x"))
    assert found is not None
    shallow, deep, residual = (one[0] for one in plot.figure(found, "optimizer.lr").axes[0].containers)
    assert shallow.get_color() == deep.get_color() != residual.get_color()
    assert (shallow.get_linestyle(), deep.get_linestyle()) == ("--", "-")
    assert len({line.get_marker() for line in (shallow, deep, residual)}) == 3


def test_the_report_draws_it_as_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learning_rates(tmp_path / "runs" / "rates")

    def refuse(*_: object) -> None:
        raise AssertionError("depth is not the axis here")

    monkeypatch.setattr(depth_plot, "figure", refuse)
    (folder,) = report.write([tmp_path / "runs"], tmp_path / "out")
    assert "optimizer.lr" in (folder / "depth.svg").read_text()
    assert (folder / "depth.png").exists()
