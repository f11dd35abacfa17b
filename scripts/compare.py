"""What every network costs, and its error where runs exist: python scripts/compare.py [RUNS ...]."""

import argparse
import sys
from pathlib import Path

from degradation.errors import BAD_REQUEST, DONE, FAILED, BadRequest
from degradation.parser import Parser


def main() -> int:
    parser = Parser(prog="compare.py", description="Parameters, operations, memory, times and errors.")
    parser.add_argument(
        "runs",
        metavar="RUNS",
        nargs="*",
        type=Path,
        help="runs or reports whose errors are shown (default: runs if it is there, else the reports)",
    )
    parser.add_argument("--out", type=Path, default=Path("reports"), help="default: reports")
    parser.add_argument(
        "--minutes", type=float, default=28, help="stop measuring after so long (default: 28)"
    )
    parser.add_argument("--accelerator", default="auto", choices=("auto", "cpu", "gpu", "cuda", "mps"))
    parser.add_argument("--smoke", action="store_true", help="in a minute, only to see that it works")
    try:
        return run(parser.parse_args())
    except BadRequest as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return BAD_REQUEST
    except OSError as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return FAILED


def run(given: argparse.Namespace) -> int:
    if not given.minutes > 0:
        raise BadRequest(f"--minutes {given.minutes:g}: above 0")
    for path in given.runs:
        if not path.exists():
            raise BadRequest(f"no folder {path}: name a folder of runs or of reports")
    from degradation import compare, compare_report, networks, sweep
    from degradation.training.device import choose_accelerator

    runs = given.runs or [path for path in (Path("runs"), given.out) if path.is_dir()][:1]
    chosen = networks.SMALL if given.smoke else networks.NETWORKS
    kind = choose_accelerator(given.accelerator)
    plan = compare.Plan(chosen, kind, sweep.cores(), given.minutes, 2 if given.smoke else None)
    print(compare_report.write(compare.measure(plan, lambda line: print(line, flush=True)), runs, given.out))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
