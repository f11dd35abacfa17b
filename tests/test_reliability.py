"""Runs that are broken on purpose: see tests/reliability.py, which has the full counts."""

from pathlib import Path

import pytest
from conftest import run_script

SLOW = (
    "kill_a_sweep",  # it takes longest: at the end, the other worker would wait for it
    "kill_at_random",
    "kill_everywhere",
    "damaged_checkpoint",
    "torn_records",
    "full_disk",
    "unwritable_in_a_sweep",
    "full_disk_in_a_sweep",
    "two_sweeps",
)
SCENARIOS = [
    *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW),
    pytest.param("signals", marks=pytest.mark.alone),  # it is said to stop within five seconds
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost(scenario: str, tmp_path: Path) -> None:
    done = run_script("tests/reliability.py", scenario, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [scenario]
    if "skipped" in done.stdout:
        pytest.skip(done.stdout.strip())
