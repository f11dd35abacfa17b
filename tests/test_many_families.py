"""Reports of many families, each beside its plain twin; sweeps of networks that don't share their depths."""

from pathlib import Path
from typing import Any

import pytest
import torch
from fake_runs import SHAPES, fake_run
from test_refusals import run

from degradation.analysis import pairs
from degradation.analysis.unfinished import MISSING, unfinished
from degradation.config.request import Request
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.reports import report, verdict_of_many
from degradation.runs import store
from degradation.sweeps import sweep

# family, depths, its plain twin's error at the deeper one, its own
PAIRS: list[tuple[str, tuple[int, int], float, float]] = [
    ("residual", (20, 56), 80.0, 0.2),
    ("bottleneck", (29, 83), 60.0, 3.0),
    ("inception_resnet", (14, 50), 0.5, 0.1),
    ("densenet", (22, 58), 0.0, 30.0),
]


def train_all(experiment: Path, seeds: int = 1) -> None:
    """Fake runs: at the shallower depth every error is 0.1."""
    for family, depths, plain, own in PAIRS:
        twin = "plain" if family == "residual" else f"plain_{family}"
        for name, shortcut, last in ((twin, "none", plain), (family, "A", own)):
            for depth, error in zip(depths, (0.1, last), strict=True):
                for seed in range(seeds):
                    config = {**SHAPES, "model.shortcut": shortcut}
                    fake_run(experiment, name, depth, seed, train_error=error + 0.01 * seed, config=config)


def test_for_which_families_leaving_the_shortcut_out_degrades_training(tmp_path: Path) -> None:
    train_all(tmp_path / "runs/many")
    (many,) = store.load([tmp_path / "runs"])
    told = pairs.pairs(many.runs).set_index("family")
    assert list(told.index) == [family for family, *_ in PAIRS]
    assert told["points"].tolist() == pytest.approx([79.8, 57.0, 0.4, -30.0])
    assert told["answer"].tolist() == [pairs.YES, pairs.YES, pairs.NO, pairs.LESS]
    assert told["low"].isna().all()
    assert told.loc["bottleneck", ["twin_shallow", "twin_deep", "network_deep"]].tolist() == [0.1, 60.0, 3.0]


def test_with_three_seeds_the_interval_decides(tmp_path: Path) -> None:
    train_all(tmp_path / "runs/many", seeds=3)
    (many,) = store.load([tmp_path / "runs"])
    told = pairs.pairs(many.runs).set_index("family")
    assert told["answer"].tolist() == [pairs.YES, pairs.YES, pairs.YES, pairs.LESS]  # 0.4 points, no spread
    row = told.loc["residual"].copy()
    row["low"], row["high"] = -1.0, 2.0
    assert pairs.answer(row) == pairs.UNSURE
    alike = told.assign(answer=pairs.UNSURE, low=[-1.0, 0, 0, -1], high=[1.0, 0, 0, 1]).reset_index()
    said = verdict_of_many.of_families(alike)
    assert len(said) == 2 and said[0].startswith("It can't be told from noise for")
    assert said[1].count(alike["family"][1]) == 1 and said[1].startswith("Both end alike, in every seed, for")


def test_the_page_has_a_table_of_them(tmp_path: Path) -> None:
    train_all(tmp_path / "runs/many")
    (folder,) = report.write([tmp_path / "runs"], tmp_path / "reports")
    page = (folder / "README.md").read_text()
    assert "**degrades training** for residual and bottleneck." in page
    assert "It **does not** for inception_resnet." in page
    assert "**the other way round** for densenet" in page
    assert "| bottleneck | 29 → 83 | 0.10 → 60.00 | 0.10 → 3.00 | +57.00 (1 seed) | yes |" in page
    assert "None: every run of the grid is complete." in page


def test_a_family_is_missed_at_the_depths_of_its_twin_alone(tmp_path: Path) -> None:
    train_all(tmp_path / "runs/many")
    fake_run(tmp_path / "runs/many", "plain_bottleneck", 56, config={**SHAPES, "model.shortcut": "none"})
    (many,) = store.load([tmp_path / "runs"])
    absent = unfinished(many.runs)
    assert absent[["family", "depth", "status"]].values.tolist() == [["bottleneck", 56, MISSING]]


def test_the_layers_of_a_step_are_told_of_a_network_that_drops_blocks(tmp_path: Path) -> None:
    fake_run(tmp_path / "runs/dropping", "stochastic_depth", 110, twin="none", expected_depth=82.5)
    fake_run(tmp_path / "runs/dropping", "residual", 110)
    (folder,) = report.write([tmp_path / "runs"], tmp_path / "reports")
    said = "stochastic_depth-110 trains 82.5 layers in a step on average"
    assert said in (folder / "README.md").read_text()
    (again,) = report.write([folder], tmp_path / "again")
    assert said in (again / "README.md").read_text()


def jobs(arguments: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the networks that a sweep would train."""
    asked: list[Request] = []

    def remember(requests: list[Request], *_: Any) -> int:
        asked.extend(requests)
        return 0

    monkeypatch.setattr(sweep, "sweep", remember)
    assert run("train.py", ["-m", *arguments.split()], monkeypatch) == 0
    return [request.name for request in asked]


def test_a_sweep_of_families_that_do_not_share_their_depths(monkeypatch: pytest.MonkeyPatch) -> None:
    names = jobs("experiment=families_shapes", monkeypatch)
    assert len(names) == len(set(names)) == 38
    assert {"plain-20-seed0", "bottleneck-83-seed0", "wide-58-model.widen=2-seed0"} < set(names)
    # A model on the command line takes the place of the list; other keys hold for all of it.
    chosen = jobs("experiment=families_shapes model=preact,plain_preact seed=0,1 train.steps=9", monkeypatch)
    assert sorted(chosen) == [
        f"{family}-110-train.steps=9-seed{seed}" for family in ("plain_preact", "preact") for seed in (0, 1)
    ]


def test_keys_that_only_some_networks_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given in a sweep over networks that do, though the default network doesn't."""
    names = jobs("experiment=shapes model=wide,plain_wide model.depth=16 model.widen=2", monkeypatch)
    assert sorted(names) == [f"{family}-16-model.widen=2-seed0" for family in ("plain_wide", "wide")]
    names = jobs("experiment=shapes model=preact model.block=bottleneck,basic model.depth=56", monkeypatch)
    assert sorted(names) == ["preact-56-model.block=bottleneck-model.shortcut=B-seed0", "preact-56-seed0"]


def test_without_shortcuts_pre_activation_changes_nothing() -> None:
    """Convolution, BN and ReLU in a row are the same row: the two plain networks are one function."""
    plain, preact = build_model("plain", depth=20, width=4), build_model("plain_preact", depth=20, width=4)
    initialise(plain, seed=0)
    initialise(preact, seed=0)
    images = torch.randn(4, 3, 16, 16)
    torch.testing.assert_close(plain(images), preact(images))
