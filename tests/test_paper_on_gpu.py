"""scripts/paper_on_gpu.sh, with a Python that only notes what it is asked for."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

NOTING = """#!/bin/sh
case "$1" in
  -) echo a-GPU ;;
  -c) ;;
  *) echo "$DEGRADATION_COMMIT ${CUDA_DEVICE_MAX_CONNECTIONS:-0} $*" >>"$ASKED" ;;
esac
case "$*" in *"$FAILS"*) exit "$CODE" ;; esac
"""


def run(folder: Path, *arguments: str, fails: str = "nothing", code: int = 1) -> tuple[int, list[str]]:
    """The exit code, and what Python was asked for."""
    python = folder / "python"
    python.write_text(NOTING)
    python.chmod(0o755)
    asked = folder / "asked"
    asked.write_text("")
    places = {"RUNS": str(folder / "runs"), "REPORTS": str(folder / "reports"), "PYTHON": str(python)}
    more = {"ASKED": str(asked), "FAILS": fails, "CODE": str(code), "DEGRADATION_COMMIT": "0123abc"}
    command = ["bash", str(ROOT / "scripts/paper_on_gpu.sh"), *arguments]
    done = subprocess.run(command, env={**os.environ, **places, **more}, capture_output=True, timeout=60)
    return done.returncode, asked.read_text().splitlines()


def kinds(asked: list[str]) -> list[str]:
    """`train seed=0`, `plot_curves`, `pytest`, `benchmark`."""
    found = []
    for line in asked:
        seed = re.search(r"seed=\d", line)
        name = re.search(r"scripts/(\w+)\.py|-m (pytest)", line)
        assert name is not None
        found.append(" ".join(part for part in (name[1] or name[2], seed and seed[0]) if part))
    return found


ALL = ["train seed=0", "plot_curves", "pytest", "train seed=1", "plot_curves", "train seed=2", "plot_curves"]


def test_it_trains_first_and_times_last(tmp_path: Path) -> None:
    (tmp_path / "runs/paper").mkdir(parents=True)
    code, asked = run(tmp_path, "50")
    assert code == 0
    assert kinds(asked) == [*ALL, "benchmark"]
    assert all(line.startswith("0123abc ") for line in asked)
    minutes = [float(found) for line in asked for found in re.findall(r"train.max_minutes=([0-9.]+)", line)]
    assert len(minutes) == 3 and all(48 < one <= 49 for one in minutes)
    assert kinds(run(tmp_path, "50")[1]) == [one for one in [*ALL, "benchmark"] if one != "pytest"]
    assert [path.name for path in (tmp_path / "reports/gpu_checks").iterdir()] == ["a-GPU.txt"]


def test_it_keeps_to_its_minutes(tmp_path: Path) -> None:
    """No benchmark where less than ten are left. Out of time, it ends with 3; with a failing test, with 1."""
    (tmp_path / "runs/paper").mkdir(parents=True)
    code, asked = run(tmp_path, "8")
    assert (code, kinds(asked)) == (3, ALL)
    assert kinds(run(tmp_path, "1")[1]) == ["plot_curves"]  # a minute is for the report
    code, asked = run(tmp_path, "50", fails="seed=0", code=3)
    assert (code, kinds(asked)) == (3, ALL[:2])
    for path in (tmp_path / "reports/gpu_checks").iterdir():
        path.unlink()
    code, asked = run(tmp_path, "50", fails="-m pytest")
    assert (code, kinds(asked)) == (1, ALL[:3])
    assert run(tmp_path, "0")[0] == run(tmp_path, "unpack", str(tmp_path))[0] == 2


def test_it_times_each_way(tmp_path: Path) -> None:
    """Compiling or not first; then connections and streams that go first."""
    code, asked = run(tmp_path, "time", "50")
    assert code == 0
    names = [re.findall(r"experiment_name=time-(\S+)", line)[0] for line in asked]
    ways = ["connections32", "urgent2"]
    assert names == ["none", "default", *(f"{mode}-{way}" for mode in ("none", "default") for way in ways)]
    assert [line.split()[1] for line in asked] == ["0", "0", "32", "0", "32", "0"]
    assert [("train.urgent=2" in line, "train.compile=none" in line) for line in asked[2:]] == [
        (False, True),
        (True, True),
        (False, False),
        (True, False),
    ]


def test_what_was_trained_travels_in_pieces(tmp_path: Path) -> None:
    run_ = tmp_path / "runs/paper/plain-20-seed0"
    run_.mkdir(parents=True)
    (run_ / "last.ckpt").write_bytes(os.urandom(16 << 20))
    (run_ / "previous.ckpt").write_bytes(b"x")
    assert run(tmp_path, "pack", str(tmp_path / "pieces"))[0] == 0
    pieces = sorted(path.name for path in (tmp_path / "pieces").iterdir())
    assert pieces == ["runs.tgz.aa", "runs.tgz.ab"]
    before = (run_ / "last.ckpt").read_bytes()
    for path in run_.iterdir():
        path.unlink()
    assert run(tmp_path, "unpack", str(tmp_path / "pieces"))[0] == 0
    assert {path.name for path in run_.iterdir()} == {"last.ckpt"}
    assert (run_ / "last.ckpt").read_bytes() == before


@pytest.mark.gpu
def test_it_times_here(tmp_path: Path) -> None:
    """The real thing, in small."""
    keys = "train.steps=200 train.batch_size=8 data.count=100 data.test_count=10 model.depth=20"
    environment = {**os.environ, "RUNS": str(tmp_path), "KEYS": keys, "REPORTS": str(tmp_path / "reports")}
    script = ["bash", str(ROOT / "scripts/paper_on_gpu.sh"), "time", "20"]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ms a step of all 2") == 6
