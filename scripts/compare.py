"""What every network costs, and its error where runs exist: python scripts/compare.py [RUNS ...]."""

import argparse
import sys
from pathlib import Path

from degradation.cli.parser import Parser
from degradation.errors import BAD_REQUEST, DONE, FAILED, INTERRUPTED, BadRequest


def main() -> int:
    parser = Parser(prog="compare.py", description="Parameters, operations, memory, times and errors.")
    parser.add_argument(
        "runs",
        metavar="RUNS",
        nargs="*",
        type=Path,
        help="runs or reports whose errors are shown (default: the reports under --out)",
    )
    parser.add_argument("--out", type=Path, default=Path("reports"), help="default: reports")
    parser.add_argument(
        "--minutes", type=float, default=28, help="stop measuring after so long (default: 28)"
    )
    parser.add_argument("--accelerator", default="auto", choices=("auto", "cpu", "gpu", "cuda", "mps"))
    parser.add_argument(
        "--again", action="store_true", help="measure nothing: the costs of the last time, the errors of now"
    )
    parser.add_argument("--smoke", action="store_true", help="in a minute, only to see that it works")
    try:
        return run(parser.parse_args())
    except (BadRequest, OSError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return BAD_REQUEST if isinstance(error, BadRequest) else FAILED
    except KeyboardInterrupt:
        print("compare.py: interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED


def run(given: argparse.Namespace) -> int:
    if not given.minutes > 0:
        raise BadRequest(f"--minutes {given.minutes:g}: above 0")
    from degradation.costs import compare, compare_report, networks
    from degradation.sweeps import sweep
    from degradation.training.device import choose_accelerator

    found = compare_report.prepare(given.runs, given.out)  # refused now, not after half an hour
    if given.again:
        print(compare_report.write(compare_report.read(given.out), found, given.out))
        return DONE
    chosen = networks.SMALL if given.smoke else networks.NETWORKS
    kind = choose_accelerator(given.accelerator)
    plan = compare.Plan(chosen, kind, sweep.cores(), given.minutes, 2 if given.smoke else None)
    measured = compare.measure(plan, lambda line: print(line, flush=True))
    print(compare_report.write(measured, found, given.out))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
