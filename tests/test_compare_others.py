"""A set of runs beside a CSV of somebody else's curves."""

from pathlib import Path

import pandas as pd
import pytest
from conftest import run_script
from fake_runs import SHAPES, fake_experiment

from degradation.errors import BadRequest
from degradation.reports import comparison

ERRORS = {("plain", 20): 1.0, ("plain", 56): 30.0}  # of seed 0; a tenth more with each seed


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    fake_experiment(tmp_path / "runs" / "ours", ERRORS, seeds=(0, 1, 2), config=SHAPES)
    return tmp_path / "runs" / "ours"


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def differences(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "differences.csv").set_index(["family", "depth", "measure"])


def test_without_seeds_there_is_a_difference_and_no_interval(ours: Path, tmp_path: Path) -> None:
    rows = "plain-20,620,40\nplain-20,1240,2.5\nplain-56,620,80\nplain-56,1240,20\nwide-16,1240,1\n"
    theirs = written(tmp_path / "theirs.csv", f"network,step,train_error\n{rows}")
    folder = comparison.write([ours, theirs], tmp_path / "out")
    assert folder.name == "ours_vs_theirs"
    found = differences(folder)
    row = found.loc["plain", 56, "train_error"]
    assert (row["first"], row["second"], row["points"]) == pytest.approx((30.1, 20.0, -10.1))
    assert row[["low", "high"]].isna().all() and row["seeds"] == 0
    assert pd.isna(found.loc["plain", 56, "test_error"]["points"]), "they didn't measure it"
    said = (folder / "README.md").read_text()
    assert said.startswith("# theirs minus ours\n") and "95% interval +" not in said
    assert "-10.10 (not paired by seed)" in said and "1 seed" not in said
    assert "No seed pairs the two: this can't tell noise from effect." in said
    assert "One set has no seeds: nothing pairs them, so no interval." in said
    assert "Not known: one of the sets says nothing of its settings." in said
    assert "| theirs | wide-16 | complete |" in said
    assert (folder / "curves.png").stat().st_size and (folder / "index.html").stat().st_size
    back = differences(comparison.write([theirs, ours], tmp_path / "out"))
    assert back.loc["plain", 56, "train_error"]["points"] == pytest.approx(10.1)


def test_seeds_pair_where_both_have_them(ours: Path, tmp_path: Path) -> None:
    rows = "".join(f"plain-56,{seed},1240,{30 + 0.1 * seed + seed}\n" for seed in (0, 1, 2, 7))
    theirs = written(tmp_path / "theirs.csv", f"network,seed,step,train_error\n{rows}")
    row = differences(comparison.write([ours, theirs], tmp_path / "out")).loc["plain", 56, "train_error"]
    assert row[["points", "seeds"]].tolist() == pytest.approx([1.0, 3])
    assert row["low"] < 1 < row["high"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("network,train_error\nplain-20,1\n", "no column step; there are network, step, seed"),
        ("network,step,train_err\nplain-20,1,0.5\n", "column train_err isn't known; there are network"),
        ("network,step\nplain-20,1\n", "no rows, or none of the columns train_error"),
        ("network,step,test_error\n", "no rows, or none of the columns"),
        ("network,step,test_error\nResNet 20,5,1\n", "row 2: network 'ResNet 20': one such as plain-20"),
        ("network,step,seed,test_error\nplain-20,5,a,1\n", "row 2: seed 'a': a number"),
        ("network,step,seed,test_error\nplain-20,5,1,1\nplain-32,5,,1\n", "row 3: no seed, though other"),
        ("network,step,test_error\nplain-20,5,x\n", "row 2: test_error is 'x', not a number"),
        ("network,step,test_error\nplain-20,5,101\n", "row 2: test_error can't be '101'"),
        ("network,step,test_error\nplain-20,5,1\nplain-20,5,1\n", "run plain-20: step 5 comes after step 5"),
        ("network,step,test_error\nplain-32,5,1\n", "no network and seed is complete in both"),
        ("", "not a CSV file that can be read"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str, ours: Path, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        comparison.write([ours, written(tmp_path / "theirs.csv", text)], tmp_path / "out")
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_it_needs_runs_beside_it(ours: Path, tmp_path: Path) -> None:
    theirs = written(tmp_path / "theirs.csv", "network,step,test_error\nplain-20,1240,3\n")
    for paths in ([theirs], [theirs, theirs]):
        with pytest.raises(BadRequest, match="beside runs of ours"):
            comparison.write(paths, tmp_path / "out")


def test_the_command_takes_a_csv_to_compare_and_not_to_report(ours: Path, tmp_path: Path) -> None:
    theirs = written(tmp_path / "theirs.csv", "network,step,test_error\nplain-20,1240,3\n")
    done = run_script("scripts/plot_curves.py", str(ours), str(theirs), "--compare", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "reports/ours_vs_theirs/README.md\n"), done.stderr
    for words, said in (([theirs], "is a file: name"), ([ours, "nowhere.csv", "--compare"], "nowhere.csv")):
        done = run_script("scripts/plot_curves.py", *map(str, words), cwd=tmp_path)
        assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
