"""The commands as a user types them: refusals, a run again from its own config.yaml, a sweep."""

import csv
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import forked
import hydra
import pytest
from conftest import HIDDEN, ROOT, run_script
from hydra.core.global_hydra import GlobalHydra
from test_refusals import run

from degradation import errors
from degradation.cli import main
from degradation.cli.compose import compose
from degradation.families.catalog import FAMILIES
from degradation.files import locked
from degradation.sweeps.sweep import cores
from hydra_plugins.degradation_plugins import PlainSweeper

TINY = (
    "data=shapes",
    "data.size=8",
    "data.count=40",
    "data.test_count=20",
    "model.depth=8",
    "model.width=2",
    "train.steps=6",
    "train.batch_size=8",
    "train.evaluate_every=3",
    "schedule.milestones=[0.5]",
    "experiment_name=tiny",
)

LONG = (  # half a minute, of few steps
    *("train.steps=90", "train.evaluate_every=90", "train.checkpoint_every=90"),
    *("data.size=32", "data.count=200", "train.batch_size=200", "model.width=16"),
)
AT_ONCE = min(2, cores())  # of a sweep of two networks
CLONE = {"PYTHONPATH": str(ROOT)}  # as from a clone that isn't installed

REFUSED = [  # the others, in one process: tests/test_refusals.py
    (["model.depth=21"], "model.depth=21: residual networks have 6n+2 layers, the nearest: 20 and 26"),
    (["-m", "data=shapes", "seed=0,0"], "comes twice in this sweep"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_refusals(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Exit code 2, one line on stderr, no traceback, nothing written."""
    done = run_script("scripts/train.py", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_network_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4, one line that says who trains it, nothing written."""
    monkeypatch.chdir(tmp_path)
    (request,) = compose([TINY])
    request.folder.mkdir(parents=True)
    with locked(request.folder / "lock"):
        assert run("train.py", list(TINY), monkeypatch) == errors.IN_USE == 4
    said = capsys.readouterr()
    assert f"{request.folder} is in use by process {os.getpid()} on " in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [path.name for path in request.folder.iterdir()] == ["lock"]


def test_the_map_names_all_that_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["degradation"])
    assert main.main() == 0
    said = capsys.readouterr().out
    experiments = [path.stem for path in (ROOT / "conf/experiment").glob("*.yaml")]
    modules = {path.stem for path in (ROOT / "degradation/cli").glob("*.py")}
    assert set(main.COMMANDS) == modules - {"__init__", "main", "parser", "compose", "complete"}
    for name in (*main.COMMANDS, *experiments, *(one for one in FAMILIES if not one.startswith("plain_"))):
        assert re.search(rf"^  {name}  +\S", said, re.MULTILINE), name
    assert max(len(line) for line in said.splitlines()) <= main.WIDTH


def test_the_command_is_the_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, code, message in (
        (["trian"], 2, "degradation trian: no such command; did you mean train?"),
        (["plot", str(tmp_path / "x")], 2, f"degradation plot: no folder {tmp_path / 'x'}"),
        (
            ["plot", "--zzz"],
            2,
            "degradation plot: unrecognized arguments: --zzz; see degradation plot --help",
        ),
        (["train", "model.depth=21"], 2, "model.depth=21: residual networks have 6n+2 layers"),
        (["benchmark", "model.depth=21"], 2, "degradation benchmark: model.depth=21"),
    ):
        monkeypatch.setattr(sys, "argv", ["degradation", *words])
        GlobalHydra.instance().clear()
        try:
            found: object = main.main()
        except SystemExit as ended:
            found = ended.code
        said = capsys.readouterr()
        assert (found, said.out, said.err.count("\n")) == (code, "", 1)
        assert message in said.err


def swept(experiments: str) -> list[list[str]]:
    """The overrides of each network of a sweep over experiments and two seeds."""
    with hydra.initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        alone = [] if "," in experiments else [f"experiment={experiments}"]
        config = hydra.compose("train", alone, return_hydra_config=True)
        sweeper = PlainSweeper.__new__(PlainSweeper)  # Hydra has its own copy of the class above it
        sweeper.params, sweeper.parts = config.hydra.sweeper.params or {}, config.hydra.sweeper.parts
        sweeper.hydra_context = SimpleNamespace(config_loader=GlobalHydra.instance().config_loader())
        sweeper.config = config
        sweeper.launcher = SimpleNamespace(launch=lambda jobs, initial_job_idx: jobs)
        return [sorted(job) for job in sweeper.sweep([f"experiment={experiments}", "seed=0,1"])]


@pytest.mark.parametrize("names", [("smoke", "cifar10_cpu"), ("families_shapes", "smoke")], ids="+".join)
def test_a_sweep_of_two_experiments_has_the_networks_of_both(names: tuple[str, str]) -> None:
    """Whether an experiment sweeps over values or has several sweeps in one."""
    both = swept(",".join(names))
    assert both == swept(names[0]) + swept(names[1])
    assert len(both) in (32, 92)


def curves(folder: Path) -> list[dict[str, str]]:
    with (folder / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k not in ("seconds", "images_per_second")} for row in rows]


@pytest.mark.slow
def test_a_run_can_be_run_again_from_its_config(tmp_path: Path) -> None:
    done = run_script("scripts/train.py", *TINY, "optimizer.lr=0.05", "runs=first", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "first/tiny").iterdir()
    again = ("--config-path", str(folder), "--config-name", "config", "runs=second")
    done = run_script("scripts/train.py", *again, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second"}
    other = tmp_path / "second/tiny" / folder.name  # the same name
    ours, theirs = (json.loads((path / "record.json").read_text()) for path in (folder, other))
    assert {**ours["config"], "runs": "second"} == theirs["config"]
    assert ours["variant"] == theirs["variant"] != ""
    assert curves(folder) == curves(other)
    assert len(curves(folder)) == 2


@pytest.mark.slow
def test_a_sweep_and_one_network_give_the_same(tmp_path: Path) -> None:
    """Also from another folder, not installed; the second time nothing is trained."""
    sweep = (*TINY, "-m", "model=plain,residual", "runs=swept")
    done = run_script("scripts/train.py", *sweep, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 networks in swept/tiny, 0 of them complete already" in done.stdout
    assert done.stdout.count(": complete after") == 2
    swept = {path.name: path for path in (tmp_path / "swept/tiny").iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == {"swept"}
    (name,) = (name for name in swept if name.startswith("residual"))
    assert (swept[name] / "log.txt").stat().st_size > 0
    alone = run_script("scripts/train.py", *TINY, "runs=alone", cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    assert curves(swept[name]) == curves(tmp_path / "alone/tiny" / name)
    again = run_script("scripts/train.py", *sweep, cwd=tmp_path)
    assert again.returncode == 0
    first, last = again.stdout.splitlines()
    assert first == "2 networks in swept/tiny, 2 of them complete already"
    assert last == "its report: python scripts/plot_curves.py swept/tiny (or: degradation plot)"
    plotted = run_script(*last.split(" (or")[0].split()[3:], cwd=tmp_path)
    assert plotted.returncode == 0, plotted.stderr
    page, said = plotted.stdout.splitlines()[-1].split(": ", 1)
    assert page == "reports/tiny/index.html"
    assert said.startswith("No verdict on depth")
    assert (tmp_path / page).stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_an_interrupted_sweep_stops_its_networks_and_goes_on(number: signal.Signals, tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    time.sleep(1)
    os.kill(sweep, number)
    assert forked.ended(sweep) == 128 + number
    records = [json.loads(path.read_text()) for path in tmp_path.glob("runs/tiny/*/record.json")]
    assert [record["status"] for record in records] == ["interrupted"] * AT_ONCE
    assert all(
        path.exists() for path in (p.parent / "last.ckpt" for p in tmp_path.glob("runs/tiny/*/record.json"))
    )


@pytest.mark.slow
def test_networks_stop_when_their_sweep_is_killed(tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    os.kill(sweep, signal.SIGKILL)
    assert forked.ended(sweep) == -signal.SIGKILL
    paths = list(tmp_path.glob("runs/tiny/*/record.json"))
    _wait(lambda: all(json.loads(path.read_text())["status"] == "interrupted" for path in paths))


def _sweep(folder: Path) -> int:
    """The process of a sweep whose first networks have begun."""
    keys = ("trainer.accelerator=cpu", "model=plain,residual")  # no fork can use a GPU
    words = (str(ROOT / "scripts/train.py"), "-m", *TINY, *LONG, *keys)
    with (folder / "said").open("w") as said:
        sweep = forked.started(words, folder, said.fileno(), said.fileno(), HIDDEN)
    _wait(lambda: len(list(folder.glob("runs/tiny/*/record.json"))) == AT_ONCE)
    return sweep


def _wait(condition: object, seconds: float = 120) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
