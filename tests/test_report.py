"""From run folders to a report and back, through the command that users type."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fake_runs import SHAPES, fake_experiment, fake_run

from degradation.errors import BadRequest
from degradation.reports import report
from degradation.runs.schema import CURVE_COLUMNS, RECORD_KEYS, TABLE_COLUMNS

ROOT = Path(__file__).parents[1]
FILES = {
    "README.md",
    "index.html",
    "table.csv",
    "runs.csv",
    "curves.csv",
    "curves.png",
    "curves.svg",
    "depth.png",
    "depth.svg",
}
ERRORS = {("plain", 20): 0.2, ("plain", 56): 83.9, ("residual", 20): 0.1, ("residual", 56): 0.2}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def plot_curves(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(ROOT / "scripts" / "plot_curves.py"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_command_writes_the_report_from_any_folder_and_draws_it_again(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "runs" / "shapes", ERRORS, config=SHAPES)
    done = plot_curves(tmp_path)
    readme, page = done.stdout.splitlines()
    assert (done.returncode, done.stderr, readme) == (0, "", "reports/shapes/README.md")
    assert page.startswith(
        "reports/shapes/index.html: From 20 to 56 layers the training error grows by 83.70 points"
    )
    folder = tmp_path / "reports" / "shapes"
    assert set(contents(folder)) == FILES
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "runs")
    for name in FILES - {"runs.csv", "curves.csv"}:
        (copy / name).unlink()
    (again,) = report.write([copy], tmp_path / "again")
    assert again.name == "shapes" and contents(again) == contents(folder)


def test_the_tables_have_the_columns_of_the_contract(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    (folder,) = report.write([tmp_path / "x"], tmp_path / "out")
    table, runs, curves = (pd.read_csv(folder / name) for name in ("table.csv", "runs.csv", "curves.csv"))
    assert tuple(table) == TABLE_COLUMNS and len(table) == 4
    assert tuple(curves) == ("run", *CURVE_COLUMNS) and len(curves) == 4 * 40
    assert set(RECORD_KEYS) - {"config", "versions"} <= set(runs)
    assert {"config.optimizer.lr", "versions.torch"} <= set(runs)
    for content in contents(folder).values():
        assert b"/home/someone" not in content and str(tmp_path).encode() not in content


def test_twice_is_the_same_and_the_order_of_folders_does_not_matter(tmp_path: Path) -> None:
    for seed in (1, 0):
        fake_run(tmp_path / "a" / "x", seed=seed)
    fake_run(tmp_path / "b" / "x", seed=2)
    (folder,) = report.write([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    first = contents(folder)
    report.write([tmp_path / "b", tmp_path / "a" / "x", tmp_path / "a"], tmp_path / "out")
    assert contents(folder) == first


def test_a_variant_that_all_runs_share_is_said_once(tmp_path: Path) -> None:
    for depth in (20, 56):
        fake_run(tmp_path / "x", depth=depth, variant="train.steps=3200", config={"train.steps": 3200})
    (folder,) = report.write([tmp_path / "x"], tmp_path / "out")
    readme = (folder / "README.md").read_text()
    assert "All runs with `train.steps=3200`." in readme and "plain (steps" not in readme
    assert set(pd.read_csv(folder / "table.csv")["variant"]) == {"train.steps=3200"}


def test_only_failed_runs_still_make_a_report_that_names_them(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", depth=56, status="failed", reached=0.0, message="loss is not finite")
    (folder,) = report.write([tmp_path / "x"], tmp_path / "out")
    assert set(contents(folder)) == FILES
    readme = (folder / "README.md").read_text()
    assert "No verdict" in readme and "loss is not finite" in readme
    assert len(pd.read_csv(folder / "table.csv")) == 0
    before = contents(folder)
    report.write([folder], tmp_path / "out")
    assert contents(folder) == before


def test_one_bad_experiment_keeps_all_from_being_written(tmp_path: Path) -> None:
    fake_run(tmp_path / "runs" / "good")
    (fake_run(tmp_path / "runs" / "torn") / "curves.csv").write_text("")
    with pytest.raises(BadRequest, match=r"torn/plain-20-seed0/curves\.csv: empty"):
        report.write([tmp_path / "runs"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no folder runs: train first"),
        (("some",), "some/x/plain-20-seed0/curves.csv: lacks the column test_loss"),
        (("some/x/plain-20-seed0",), "some/x/plain-20-seed0/curves.csv: lacks the column test_loss"),
        (("some/x/plain-20-seed0/record.json",), "is a file: name a run's"),
        (("fine", "--out", "file"), "a file is in the way"),
        (("fine", "--uot", "x"), "unrecognized arguments: --uot x"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    curves = fake_run(tmp_path / "some" / "x") / "curves.csv"
    curves.write_text(curves.read_text().replace("test_loss", "loss"))
    fake_run(tmp_path / "fine" / "x")
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["plot_curves.py", *arguments])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / "scripts" / "plot_curves.py"), run_name="__main__")
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert said in err and err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before, "nothing was written"


def test_the_report_needs_neither_torch_nor_hydra() -> None:
    heavy = "{'torch', 'hydra', 'matplotlib.pyplot'}"
    code = f"import sys, degradation.reports.report; print({heavy} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
