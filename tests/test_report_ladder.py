"""One change at a time: the table, with known answers; and the twin of a scaled shortcut."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_runs import SHAPES, fake_run

from degradation.analysis import differences, ladder, twins
from degradation.analysis.series import check_comparable
from degradation.errors import BadRequest
from degradation.reports import ladder as words
from degradation.reports import report
from degradation.runs import store
from degradation.why.numbers import compare

LR, INIT, SCALE = {"optimizer.lr": 0.0125}, {"model.init": "dirac"}, {"model.skip_scale": 0.5}


def run(
    folder: Path, family: str, depth: int, seed: int, error: float, change: dict[str, Any], **more: Any
) -> None:
    variant = ",".join(f"{key}={value}" for key, value in change.items())
    config = {**SHAPES, **change}
    fake_run(folder, family, depth, seed, variant=variant, train_error=error, config=config, **more)


def ladder_runs(folder: Path) -> pd.DataFrame:
    """plain-56 stands at 60, 61, 62%; a lower rate takes 10, 20, 30 off; the init trains two of three."""
    for seed in range(3):
        run(folder, "plain", 20, seed, 1.0, {})
        run(folder, "plain", 56, seed, 60.0 + seed, {})
        run(folder, "plain", 56, seed, 60.0 + seed - 10 * (seed + 1), LR)
        run(folder, "plain", 56, seed, (9.0, 5.0, 10.0)[seed], INIT, parameters=853_018 + 7)
        run(folder, "residual", 56, seed, 2.0, {})
        run(folder, "residual", 56, seed, 3.0, SCALE)
    (experiment,) = store.load([folder])
    return experiment.runs


def grown_of(folder: Path) -> pd.DataFrame:
    (experiment,) = store.load([folder])
    return differences.trained(differences.growth(experiment.runs))


def test_each_change_beside_the_network_as_it_is(tmp_path: Path) -> None:
    found = ladder.ladder(ladder_runs(tmp_path / "x"))
    assert found is not None
    by = found.set_index(["family", "depth", "variant"])
    assert by["trains"].to_dict() == {
        ("plain", 20, ""): "yes",
        ("plain", 56, ""): "no",
        ("plain", 56, "model.init=dirac"): "in some seeds",  # 10% is not below 10%
        ("plain", 56, "optimizer.lr=0.0125"): "no",
        ("residual", 56, ""): "yes",
        ("residual", 56, "model.skip_scale=0.5"): "yes",
    }
    init, rate = by.loc[("plain", 56, "model.init=dirac")], by.loc[("plain", 56, "optimizer.lr=0.0125")]
    assert (init["reaching"], init["seeds"], init["more"]) == (2, 3, 7)
    assert (init["least"], init["most"]) == (5.0, 10.0)
    assert rate["points_change"] == pytest.approx(-20)
    half = 4.302652729911275 * 10 / math.sqrt(3)  # Student's t of two degrees of freedom
    assert rate["low_change"] == pytest.approx(-20 - half)
    assert math.isnan(by.loc[("plain", 56, ""), "points_change"])


def test_the_words(tmp_path: Path) -> None:
    (folder,) = (tmp_path / "x",)
    found = ladder.ladder(ladder_runs(folder))
    assert found is not None
    grown = grown_of(folder)
    table = words.section(found, grown)
    row = "| plain (init=dirac) | +7 | – | – | – | 8.00 (1.43 to 14.57) | "
    assert row in table and "in some seeds (2 of 3) |" in table
    assert "below 10%" in table
    said = words.verdict(found, grown)
    assert said[0] == (
        "**plain-56**: as it is, it doesn't train (training error 61.00%, 95% interval 58.52 to 63.48); it "
        "trains in some seeds with `model.init=dirac`; it doesn't train with `optimizer.lr=0.0125`."
    )
    (written,) = report.write([folder], tmp_path / "reports")
    page = (written / "README.md").read_text()
    assert "## One change at a time" in page and said[0] in page
    assert "How much training error grows with depth, by setting" not in page


def test_what_depth_costs_with_each_change(tmp_path: Path) -> None:
    for seed in range(3):
        for depth, noise in ((20, 0), (56, seed)):
            deep = depth == 56
            run(tmp_path / "x", "plain", depth, seed, 50.0 + 20 * deep + noise, {})
            run(tmp_path / "x", "plain", depth, seed, 50.0 + 9 * deep + noise, INIT)
            run(tmp_path / "x", "plain", depth, seed, 50.0 - 9 * deep + noise, LR)
            run(tmp_path / "x", "plain", depth, seed, 50.0 - deep + noise, SCALE)
        run(tmp_path / "x", "plain", 56, seed, 40.0, {"model.init": "lsuv"})
    (experiment,) = store.load([tmp_path / "x"])
    found, grown = ladder.ladder(experiment.runs), grown_of(tmp_path / "x")
    assert found is not None
    assert (
        "**plain**, from 20 to 56 layers: as it is, its training error changes by +21.00 (+18.52 to +23.48) "
        "points; it grows with `model.init=dirac`; it falls with `optimizer.lr=0.0125`; neither is told from "
        "noise with `model.skip_scale=0.5`." in words.verdict(found, grown)
    )
    lines = words.section(found, grown).splitlines()
    (header,) = (line for line in lines if line.startswith("| network"))
    assert header.endswith("| 56 − 20 layers, points |")
    (scaled,) = (line for line in lines if line.startswith("| plain (skip_scale"))
    assert scaled.endswith("| 0.00 (-2.48 to +2.48) |")
    (deep_alone,) = (line for line in lines if line.startswith("| plain (init=lsuv"))
    assert deep_alone.endswith("| – |")


def test_seeds_that_miss_are_not_paired(tmp_path: Path) -> None:
    """Seed 1 of the change, seed 0 of the network as it is: nothing to hold against, no interval, no lie."""
    for seed, change, error in ((0, {}, 60.0), (1, LR, 60.0), (1, INIT, 5.0)):
        run(tmp_path / "x", "plain", 56, seed, error, change)
    (experiment,) = store.load([tmp_path / "x"])
    found = ladder.ladder(experiment.runs)
    assert found is not None
    changed = found[found["variant"] != ""]
    assert changed["points_change"].isna().all() and changed["seeds_change"].tolist() == [0, 0]
    assert "| – | no (0 of 1) |" in words.section(found, grown_of(tmp_path / "x"))
    assert "With one seed" in words.verdict(found, grown_of(tmp_path / "x"))[-1]


def test_where_no_network_is_trained_the_rule_is_not_asked(tmp_path: Path) -> None:
    """Short training: what counts is by how much a change moves the error; the plain twin stands beside."""
    for seed in range(3):
        run(tmp_path / "x", "plain", 56, seed, 80.0, {})
        run(tmp_path / "x", "residual", 56, seed, 60.0 + seed, {})
        run(tmp_path / "x", "residual", 56, seed, 40.0 + seed, LR)
        run(tmp_path / "x", "residual", 56, seed, 70.0 + 1.1 * seed, SCALE)
        run(tmp_path / "x", "residual", 56, seed, (50.0, 61.0, 72.0)[seed], INIT)
    (experiment,) = store.load([tmp_path / "x"])
    found = ladder.ladder(experiment.runs)
    assert found is not None and set(found["trains"]) == {""}
    grown = grown_of(tmp_path / "x")
    assert "trains?" not in words.section(found, grown) and "layers*: what" not in words.section(found, grown)
    assert words.verdict(found, grown) == [
        "**plain-56**: as it is, training error 80.00%, 95% interval 80.00 to 80.00.",
        "**residual-56**: as it is, training error 61.00%, 95% interval 58.52 to 63.48; higher with "
        "`model.skip_scale=0.5`; lower with `optimizer.lr=0.0125`; not to be told apart with "
        "`model.init=dirac`.",
        "No network here comes below 10%, so each is held against itself without the change.",
    ]
    report.write([tmp_path / "x"], tmp_path / "reports")


@pytest.mark.parametrize(
    ("key", "values", "rows"),
    [
        ("optimizer.lr", (0.0125, 0.1), None),  # these are `grid`'s
        ("schedule.milestones", ([0.25, 0.5], [0.5]), None),
        ("model.init", ("dirac", "lsuv"), 3),
        ("model.init", ("dirac",), None),  # a setting beside another, not several changes
    ],
)
def test_numbers_of_one_setting_are_no_ladder(
    tmp_path: Path, key: str, values: tuple[Any, ...], rows: int | None
) -> None:
    run(tmp_path / "x", "plain", 56, 0, 50.0, {})
    for value in values:
        run(tmp_path / "x", "plain", 56, 0, 50.0, {key: value})
    (experiment,) = store.load([tmp_path / "x"])
    found = ladder.ladder(experiment.runs)
    assert rows == (None if found is None else len(found))


def test_a_scaled_shortcut_has_the_plain_twin(tmp_path: Path) -> None:
    """alpha x + F(x) without its shortcut is the plain network; one with another init isn't its twin."""
    runs = ladder_runs(tmp_path / "x")
    found = twins.pairs(runs)
    assert found[["variant", "kind", "init", "stream"]].drop_duplicates().to_numpy().tolist() == [
        ["", "exact", "same", "same"],
        ["model.skip_scale=0.5", "exact", "same", "same"],
    ]
    assert set(found["twin"]) == {f"plain-56-seed{seed}" for seed in range(3)}
    gaps = differences.gap(runs).set_index(["variant", "measure"])["points"]
    assert gaps[("model.skip_scale=0.5", "train_error")] == pytest.approx(58.0)
    numbers = pd.DataFrame(
        [
            {
                "family": family,
                "depth": 56,
                "variant": variant,
                "seed": 0,
                "state": "",
                "quantity": "q",
                "value": v,
            }
            for family, variant, v in (("plain", "", 5.0), ("residual", "model.skip_scale=0.5", 2.0))
        ]
    )
    gap = compare.compare(numbers).set_index("kind").loc["gap"]
    assert (gap["value"], gap["other"]) == (3.0, "plain")


def test_two_scales_are_two_networks(tmp_path: Path) -> None:
    """Their settings agree but for the shortcut: neither the same network twice, nor averaged."""
    run(tmp_path / "x", "residual", 56, 0, 2.0, SCALE)
    run(tmp_path / "x", "residual", 56, 0, 2.0, {"model.skip_scale": 0.25})
    (experiment,) = store.load([tmp_path / "x"])
    check_comparable(experiment.runs)
    run(tmp_path / "y", "residual", 56, 0, 2.0, SCALE)
    fake_run(tmp_path / "y", "residual", 56, 0, variant="model.skip_scale=0.50", config={**SHAPES, **SCALE})
    (same,) = store.load([tmp_path / "y"])
    with pytest.raises(BadRequest, match="are the same network, seed and settings"):
        check_comparable(same.runs)
