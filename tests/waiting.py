"""How long one waits for a command, with what was aimed at: python tests/waiting.py [--rounds 3] [--tests]

Writes reports/benchmark/waiting.json, which the page there shows. --tests times `make test` too, once.
Measure on a machine that does nothing else.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from fake_runs import fake_run  # noqa: E402

from degradation.costs import benchmark_report  # noqa: E402
from degradation.files import write_atomic, write_json  # noqa: E402

MANY = ["-m", "experiment=shapes", "model=plain,residual", "model.depth=20,56"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def script(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / name), *arguments]


def ended(command: list[str], code: int) -> Callable[[Path], dict[str, float]]:
    """Until the command has ended, with this exit code."""

    def measure(folder: Path) -> dict[str, float]:
        since = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
        seconds = time.perf_counter() - since
        assert done.returncode == code, done.stderr
        return {"seconds": seconds}

    return measure


def first_network(folder: Path) -> dict[str, float]:
    """Until the sweep says that the first of 40 networks runs."""
    seeds = "seed=" + ",".join(str(seed) for seed in range(10))
    since = time.perf_counter()
    process = subprocess.Popen(
        script("train.py", *MANY, seeds), cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith(": running\n"):
                return {"seconds": time.perf_counter() - since}
        raise AssertionError("it ended before a network ran")
    finally:
        process.terminate()
        process.wait()


def thousand_runs(folder: Path) -> dict[str, float]:
    """The report of 1,000 runs of 165 rows, and the memory that it took."""
    for seed in range(125):
        for depth in (20, 32, 44, 56):
            for family, error in (("plain", depth / 4), ("residual", 300 / depth)):
                fake_run(folder / "many", family, depth, seed, train_error=error, config=ROWS)
    since = time.perf_counter()
    process = subprocess.Popen(script("plot_curves.py", "many"), cwd=folder, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return {"seconds": time.perf_counter() - since, "megabytes": usage.ru_maxrss / 1024}


ROWS = {"train.steps": 64_350, "train.evaluate_every": 390}  # 165 of them
HELP = {f"`{name} --help`": script(name, "--help") for name in ("train.py", "plot_curves.py", "why.py")}
REFUSED = {
    "`train.py model.depth=21` (refused)": script("train.py", "model.depth=21"),
    "`plot_curves.py nowhere` (refused)": script("plot_curves.py", "nowhere"),
}
WAITS: dict[str, tuple[float, Callable[[Path], dict[str, float]]]] = {
    **{what: (1, ended(command, 0)) for what, command in HELP.items()},
    **{what: (1, ended(command, 2)) for what, command in REFUSED.items()},
    "a sweep of 40 networks, until the first is running": (3, first_network),
    "the report of 1,000 runs of 165 rows": (5, thousand_runs),
}


def row(what: str, aim: float, found: list[dict[str, float]]) -> dict[str, Any]:
    seconds = [one["seconds"] for one in found]
    most = max((one["megabytes"] for one in found if "megabytes" in one), default=None)
    spread = {"seconds": statistics.median(seconds), "low": min(seconds), "high": max(seconds)}
    return {"what": what, "aim": aim, "n": len(found), **spread, "megabytes": most}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    given = parser.parse_args()
    rows = []
    for what, (aim, measure) in WAITS.items():
        found = []
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory() as folder:
                found.append(measure(Path(folder)))
        rows.append(row(what, aim, found))
        print(rows[-1], flush=True)
    if given.tests:
        rows.append(row("`make test`", 300, [ended(["make", "test"], 0)(ROOT)]))
        print(rows[-1], flush=True)
    folder = given.out / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / benchmark_report.WAITING, {"waits": rows})
    write_atomic(folder / "README.md", benchmark_report.page(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
