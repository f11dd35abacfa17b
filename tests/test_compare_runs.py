"""Two sets of runs side by side: differences paired by seed, and what can't be compared."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, run_script
from fake_runs import SHAPES, fake_experiment, fake_run

from degradation.errors import BadRequest
from degradation.reports import comparison

ERRORS = {("plain", 20): 1.0, ("plain", 56): 30.0, ("residual", 20): 0.9}
FILES = {
    "README.md",
    "index.html",
    "differences.csv",
    *(f"{n}.{kind}" for n in ("curves", "depth") for kind in ("png", "svg")),
}


@pytest.fixture
def sets(tmp_path: Path) -> list[Path]:
    """The second has 2, 3 and 4 points more for plain-56 and nothing more for the others."""
    fake_experiment(tmp_path / "runs" / "short", ERRORS, seeds=(0, 1, 2), config=SHAPES)
    longer = {**SHAPES, "train.steps": 2480}
    fake_experiment(tmp_path / "runs" / "long", {("plain", 20): 1.0}, seeds=(0, 1, 2, 3), config=longer)
    for seed in range(3):
        error = 30.0 + 0.1 * seed + 2 + seed
        fake_run(tmp_path / "runs" / "long", "plain", 56, seed, train_error=error, config=longer)
    return [tmp_path / "runs" / "short", tmp_path / "runs" / "long"]


def test_differences_are_paired_by_seed(sets: list[Path], tmp_path: Path) -> None:
    folder = comparison.write(sets, tmp_path / "out")
    assert folder.name == "short_vs_long" and {path.name for path in folder.iterdir()} == FILES
    found = pd.read_csv(folder / "differences.csv").set_index(["family", "depth", "measure"])
    assert set(found.index) == {
        ("plain", depth, m)
        for depth in (20, 56)
        for m in ("train_error", "train_error_running", "test_error")
    }
    row = found.loc["plain", 56, "train_error"]
    half = 4.302653 / math.sqrt(3)  # Student's t of two degrees of freedom; the standard deviation is one
    assert (row["first"], row["second"], row["points"]) == pytest.approx((30.1, 33.1, 3.0))
    assert (row["low"], row["high"]) == pytest.approx((3 - half, 3 + half), abs=1e-5)
    assert (row["seeds"], row["above"]) == (3, 3)
    assert found.loc["plain", 20, "train_error"]["points"] == 0, "seed 3 is in no pair"


def test_the_page_says_what_differs_and_what_is_left_out(sets: list[Path], tmp_path: Path) -> None:
    folder = comparison.write(sets, tmp_path / "out")
    readme = (folder / "README.md").read_text()
    assert "# long minus short, paired by seed" in readme
    judged = "lies above zero for 1 and around zero for 1"
    assert f"of 2 networks the 95% interval of the difference {judged}" in readme
    assert "| `train.steps` | 1240 | 2480 |" in readme
    assert (
        "Of 6 pairs of runs the hashes are the same: initial values in 6, images in 6 and batches in 6."
        in readme
    )
    assert (
        "| short | residual-20-seed0 | complete |" in readme
        and "| long | plain-20-seed3 | complete |" in readme
    )
    assert "plain: growth from 20 to 56 layers | +3.00 (95% interval" in readme
    text = (folder / "index.html").read_text()
    assert '<h2 id="deviations-title">Settings that differ</h2>' in text and '"name":"plain (long)"' in text
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    comparison.write(sets, tmp_path / "out")
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_command_compares_the_two_settings_of_one_report(tmp_path: Path) -> None:
    done = run_script("scripts/plot_curves.py", str(ROOT / "reports/precision"), "--compare", cwd=tmp_path)
    name = "precision=bf16_vs_precision=float32"
    assert (done.returncode, done.stdout, done.stderr) == (0, f"reports/{name}/README.md\n", "")
    assert "| `train.precision` | bf16 | float32 |" in (tmp_path / "reports" / name / "README.md").read_text()
    assert f'<a href="{name}/index.html">{name}</a>' in (tmp_path / "reports/index.html").read_text()


def test_settings_are_named_by_their_keys_and_values(tmp_path: Path) -> None:
    for lr in (0.05, 0.2):
        variant = f"model.width=8,optimizer.lr={lr}"
        fake_run(tmp_path / "rates", variant=variant, config={**SHAPES, "optimizer.lr": lr})
    folder = comparison.write([tmp_path / "rates"], tmp_path / "out")
    assert folder.name == "width=8-lr=0.05_vs_width=8-lr=0.2"
    assert folder.joinpath("README.md").read_text().startswith("# width=8, lr=0.2 minus width=8, lr=0.05")
    assert f'<a href="{folder.name}/index.html">' in (tmp_path / "out/index.html").read_text()


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["runs/short"], "one experiment with two settings, and it has 1: its own"),
        (["runs"], "holds long, short"),
        (["runs/short", "runs/long", "runs/short"], "3 are named"),
        (["runs/short", "other"], "no network and seed is complete in both"),
        (["runs/short", str(ROOT / "reports/precision")], "has runs of 2 settings"),
    ],
)
def test_what_are_not_two_sets_is_refused(
    sets: list[Path], tmp_path: Path, paths: list[str], said: str
) -> None:
    fake_run(tmp_path / "other" / "lone", "plain", 20, seed=7, config=SHAPES)
    with pytest.raises(BadRequest, match=re.escape(said)):
        comparison.write([tmp_path / path for path in paths], tmp_path / "out")
    assert not (tmp_path / "out").exists()
