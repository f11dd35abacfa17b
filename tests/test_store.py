"""Run folders and report folders are read whole, or refused by name in one line."""

import json
import math
import shutil
from pathlib import Path

import pytest
from fake_runs import fake_experiment, fake_run

from degradation.errors import BadRequest
from degradation.reports import report
from degradation.runs import store
from degradation.runs.schema import CURVE_COLUMNS


def load_one(*paths: Path) -> store.Experiment:
    (experiment,) = store.load(paths)
    return experiment


def refusal(path: Path) -> str:
    with pytest.raises(BadRequest) as refused:
        store.load([path])
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_root_an_experiment_and_a_run_are_found(tmp_path: Path) -> None:
    run = fake_run(tmp_path / "runs" / "shapes", depth=20)
    fake_run(tmp_path / "runs" / "shapes", depth=32)
    fake_run(tmp_path / "runs" / "other")
    assert [(one.name, len(one.runs)) for one in store.load([tmp_path / "runs"])] == [
        ("other", 1),
        ("shapes", 2),
    ]
    assert list(load_one(tmp_path / "runs" / "shapes").runs["depth"]) == [20, 32]
    assert list(load_one(run).runs["run"]) == ["plain-20-seed0"]


def test_a_run_named_twice_counts_once_and_the_folder_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fake_run(tmp_path / "before")
    renamed = run.parent.rename(tmp_path / "after") / run.name
    monkeypatch.chdir(renamed)
    experiment = load_one(Path("."), renamed, tmp_path / "after", tmp_path)
    assert (experiment.name, len(experiment.runs)) == ("after", 1)


def test_hidden_and_foreign_folders_are_passed_over(tmp_path: Path) -> None:
    fake_run(tmp_path / "x")
    shutil.copytree(tmp_path / "x" / "plain-20-seed0", tmp_path / "x" / ".moved-aside")
    (tmp_path / "x" / "notes").mkdir()
    (tmp_path / "x" / "notes" / "readme.txt").write_text("not a run")
    assert len(load_one(tmp_path / "x").runs) == 1


def test_missing_stays_missing(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", status="failed", reached=0.1, parameters=None, message=None)
    experiment = load_one(tmp_path / "x")
    row = experiment.runs.iloc[0]
    assert row["message"] == "" and experiment.runs["parameters"].isna().all()
    assert math.isnan(row["train_error"]) and experiment.curves["train_error"].isna().all()
    assert row["config.data.subset"] == ""


def test_no_local_paths_are_kept(tmp_path: Path) -> None:
    message = (
        "[Errno 28] No space: '/home/some one/runs/x/curves.csv', see /home/me/runs/x/log.txt:3, (/tmp/a/) "
        "1/2 images/s https://pytorch.org/docs ~/secret/y C:\\Users\\me\\z"
    )
    fake_run(tmp_path / "x", status="failed", message=message, config={"data.folder": "/home/me/images"})
    runs = load_one(tmp_path / "x").runs
    assert runs["message"][0] == (
        "[Errno 28] No space: 'curves.csv', see log.txt:3, (a/) 1/2 images/s https://pytorch.org/docs y z"
    )
    assert runs["config.data.folder"][0] == "images"
    assert not {"config.runs", "config.data.root"} & set(runs)
    assert "/home" not in runs.to_csv()


def test_a_config_cell_says_the_same_when_read_again(tmp_path: Path) -> None:
    odd = {
        "a": "null",
        "b": "0.5",
        "c": "[1]",
        "d": 'say "x", y',
        "e": [0.5, 2.0],
        "f": 3.0,
        "g": "",
        "h": "x\ny",
    }
    fake_run(tmp_path / "x", config=odd, commit="0123456", versions={"python": "3.11"})
    report.write([tmp_path / "x"], tmp_path / "out")
    first, again = load_one(tmp_path / "x"), load_one(tmp_path / "out" / "x")
    assert first.runs.equals(again.runs) and list(first.runs) == list(again.runs)
    assert first.curves.equals(again.curves)
    cells = first.runs.iloc[0]
    assert [cells[f"config.{key}"] for key in "abcef"] == ['"null"', '"0.5"', '"[1]"', "[0.5, 2]", "3"]
    assert cells["commit"] == "0123456" and cells["versions.python"] == "3.11"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("\n", "empty"),
        (b"\xff\xfe\x00", "not text"),
        ("step,epoch\n", "lacks the column lr"),
        (",".join(CURVE_COLUMNS) + ",more\n", "its columns should be"),
        (",".join(reversed(CURVE_COLUMNS)) + "\n", "its columns should be"),
        (",".join(CURVE_COLUMNS), "truncated"),
        (",".join(CURVE_COLUMNS) + "\n400,0.1,0.1,1\n", "truncated (row 2"),
        (",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,1,1,1,1,1\n800,0,0.1,1,1,1,1,1,1,9", "truncated (row 3"),
        (",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,much,1,1,1,1\n", "row 2: train_loss is 'much'"),
        (
            ",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,1,101,1,1,1\n",
            "row 2: train_error_running can't be '101'",
        ),
        (",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,1,inf,1,1,1\n", "train_error_running can't be 'inf'"),
        (",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,nan,1,1,1,1\n", "train_loss can't be 'nan'"),
        (",".join(CURVE_COLUMNS) + "\n400,0,0.1,1,1,-inf,1,1,1,1\n", "train_loss can't be '-inf'"),
        (",".join(CURVE_COLUMNS) + "\n1e300,0,0.1,1,1,1,1,1,1,1\n", "step can't be '1e300'"),
        (",".join(CURVE_COLUMNS) + "\n400.5,0,0.1,1,1,1,1,1,1,1\n", "step can't be '400.5'"),
        (",".join(CURVE_COLUMNS) + "\n,0,0.1,1,1,1,1,1,1,1\n", "step can't be ''"),
        (",".join(CURVE_COLUMNS) + "\n400,,,,,,,,,\n400,,,,,,,,,\n", "step 400 comes after step 400"),
        (",".join(CURVE_COLUMNS) + "\n", "complete (64000 steps), but the file has no rows"),
        (
            ",".join(CURVE_COLUMNS) + "\n400,,,,,,,,,\n",
            "complete (64000 steps), but the file ends at step 400",
        ),
    ],
)
def test_a_torn_curves_csv_is_refused_by_name(tmp_path: Path, content: str | bytes, said: str) -> None:
    run = fake_run(tmp_path / "x")
    (run / "curves.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    for path in (run, run.parent, tmp_path):
        assert said in refusal(path) and f"{run.name}/curves.csv" in refusal(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "done"}, "status done is not one of"),
        ({"depth": None}, "has no depth"),
        ({"depth": "deep"}, "depth is deep, not a whole number"),
        ({"depth": True}, "depth is true, not a whole number"),
        ({"test_error": "low"}, "test_error is low, not a number"),
        ({"config": [1]}, "config is not a table"),
        ({"seed": 2**63}, "seed is 9223372036854775808, not a whole number"),
        ({"steps": [64000]}, "steps is [64000], not a whole number"),
        ({"train_error": "inf"}, "train_error is inf, not a number"),
        ({"config": {"train.steps": [1]}}, "config.train.steps is [1], not a whole number"),
        ({"config": {"schedule.milestones": 0.5}}, "config.schedule.milestones is 0.5, not a list of steps"),
        ({"config": {"schedule.milestones": [None]}}, "is [null], not a list of steps"),
        ({"config": {"schedule.milestones": [math.inf]}}, "damaged (Infinity is no JSON)"),
        ({"steps": math.nan}, "damaged (NaN is no JSON)"),
    ],
)
def test_a_record_with_nonsense_is_refused_by_name(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    run = fake_run(tmp_path / "x")
    record = json.loads((run / "record.json").read_text())
    (run / "record.json").write_text(json.dumps(record | change))
    assert said in refusal(tmp_path) and "record.json" in refusal(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"run": "x"}'])
def test_a_damaged_record_is_refused_by_name(tmp_path: Path, content: str) -> None:
    run = fake_run(tmp_path / "x")
    (run / "record.json").write_text(content)
    assert f"{run.name}/record.json" in refusal(tmp_path)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    run = fake_run(tmp_path / "x")
    (run / "record.json").unlink()
    assert "is not a run folder: it has no record.json" in refusal(run.parent)
    (tmp_path / "empty").mkdir()
    assert "no runs under" in refusal(tmp_path / "empty")
    assert "no folder" in refusal(tmp_path / "nowhere")
    assert "is a file" in refusal(run / "curves.csv")


def test_a_run_without_rows_that_is_not_complete_is_fine(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", status="running", reached=0.0)
    (fake_run(tmp_path / "x", depth=32, status="failed", reached=0.0) / "curves.csv").unlink()
    experiment = load_one(tmp_path / "x")
    assert len(experiment.runs) == 2 and experiment.curves.empty


def test_the_same_network_and_seed_in_two_places_is_refused(tmp_path: Path) -> None:
    run = fake_run(tmp_path / "x")
    shutil.copytree(run, run.with_name("copy"))
    assert f"{run.with_name('copy')} and {run} hold the same network and seed" in refusal(tmp_path / "x")


def test_two_networks_of_one_name_are_refused(tmp_path: Path) -> None:
    fake_run(tmp_path / "one" / "x", depth=20)
    fake_run(tmp_path / "two" / "x", depth=32).rename(tmp_path / "two" / "x" / "plain-20-seed0")
    with pytest.raises(BadRequest, match="are two networks of one name"):
        store.load([tmp_path / "one", tmp_path / "two"])


def test_a_stray_run_does_not_hide_the_experiments_beside_it(tmp_path: Path) -> None:
    fake_run(tmp_path / "runs" / "shapes")
    fake_run(tmp_path / "runs", depth=32)
    assert [(one.name, len(one.runs)) for one in store.load([tmp_path / "runs"])] == [
        ("runs", 1),
        ("shapes", 1),
    ]


def test_a_report_and_new_runs_become_one(tmp_path: Path) -> None:
    """A machine is lost: its complete runs are in the report, the others are trained elsewhere."""
    fake_run(tmp_path / "old" / "x", depth=20)
    fake_run(tmp_path / "old" / "x", depth=32, status="running", reached=0.5)
    (folder,) = report.write([tmp_path / "old"], tmp_path / "reports")
    fake_run(tmp_path / "new" / "x", depth=32, commit="another")
    fake_run(tmp_path / "new" / "x", depth=20, status="running", reached=0.25)
    runs = load_one(folder, tmp_path / "new").runs.set_index("depth")
    assert list(runs["status"]) == ["complete", "complete"] and runs.loc[32, "commit"] == "another"
    again = load_one(folder, tmp_path / "old")
    assert again.runs.equals(load_one(tmp_path / "old").runs)
    other = fake_run(tmp_path / "other" / "x", depth=20, train_error=3.0)
    with pytest.raises(BadRequest, match=f"{other} and {folder} hold the same network and seed"):
        store.load([folder, tmp_path / "other"])


def test_a_run_continued_by_another_commit_says_both(tmp_path: Path) -> None:
    versions = [{"torch": "2.14"}, {"torch": "2.15"}]
    history = [
        {"from_step": step, "commit": commit, "device": "a CPU", "versions": version}
        for step, commit, version in zip((0, 400), ("one", "two"), versions, strict=True)
    ]
    fake_run(tmp_path / "x", history=history, commit="two", device="a CPU", versions=versions[1])
    row = load_one(tmp_path / "x").runs.iloc[0]
    cells = (row["commit"], row["device"], row["versions.torch"])
    assert cells == ("one then two", "a CPU", "2.14 then 2.15")


def test_seeds_of_two_machines_become_one_experiment(tmp_path: Path) -> None:
    fake_run(tmp_path / "one" / "x", seed=0)
    fake_run(tmp_path / "two" / "x", seed=1)
    assert list(load_one(tmp_path / "one", tmp_path / "two").runs["seed"]) == [0, 1]


def test_a_damaged_report_is_refused_by_name(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", {("plain", 20): 1.0, ("plain", 32): 2.0})
    (folder,) = report.write([tmp_path / "x"], tmp_path / "reports")
    assert len(load_one(tmp_path / "reports").runs) == 2, "a root of reports will do"
    runs, curves = (folder / "runs.csv").read_text(), (folder / "curves.csv").read_text()
    for name, content, said in (
        ("runs.csv", "", "empty"),
        ("runs.csv", runs[:-20], "truncated"),
        ("runs.csv", runs.splitlines(keepends=True)[0], "one experiment"),
        ("runs.csv", runs.replace(",x,", ",../x,"), "can't name a folder"),
        ("runs.csv", "".join(runs.splitlines(keepends=True)[:2]), "which runs.csv has twice or not at all"),
        ("curves.csv", curves.replace("test_error", "error"), "lacks the column test_error"),
        ("curves.csv", "".join(curves.splitlines(keepends=True)[:-1]), "truncated"),
    ):
        (folder / "runs.csv").write_text(runs)
        (folder / "curves.csv").write_text(curves)
        (folder / name).write_text(content)
        assert said in refusal(folder), name
    (folder / "curves.csv").unlink()
    assert "is missing" in refusal(folder)
