"""Write the report of each experiment: python scripts/plot_curves.py [RUNS ...] [--out reports]."""

import sys
from pathlib import Path

from degradation.cli.parser import Parser
from degradation.errors import BAD_REQUEST, DONE, BadRequest


def main() -> int:
    parser = Parser(prog="plot_curves.py", description="Tables, pictures and a verdict from run folders.")
    parser.add_argument(
        "runs",
        metavar="RUNS",
        nargs="*",
        type=Path,
        default=[Path("runs")],
        help="a root of runs, an experiment, a single run, or a report to be drawn again (default: runs)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports"), help="where the reports go (default: reports)"
    )
    arguments = parser.parse_args()

    from degradation.reports import report  # pandas and matplotlib take a second that --help need not

    try:
        for folder in report.write(arguments.runs, arguments.out):
            print(folder / report.README)
    except (BadRequest, OSError) as error:
        print(f"plot_curves.py: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_REQUEST
    return DONE


if __name__ == "__main__":
    sys.exit(main())
