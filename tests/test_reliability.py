"""Runs that are broken on purpose: see tests/reliability.py, which has the full counts."""

import subprocess
import sys

import pytest
from conftest import ROOT

RUNS = ["kill_at_random", "kill_everywhere", "damaged_checkpoint", "torn_records", "full_disk"]

SWEEPS = ["unwritable_in_a_sweep", "full_disk_in_a_sweep", "two_sweeps"]


SECONDS = pytest.param(["signals"], marks=pytest.mark.alone)  # it is said to stop within five


@pytest.mark.parametrize("scenarios", [RUNS, ["kill_a_sweep"], SWEEPS, SECONDS], ids=lambda names: names[0])
def test_nothing_is_lost(scenarios: list[str]) -> None:
    command = [sys.executable, str(ROOT / "tests/reliability.py"), *scenarios]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == scenarios
