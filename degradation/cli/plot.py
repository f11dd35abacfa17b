"""Tables, pictures and a verdict from run folders: the report of each experiment."""

from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE, BadRequest


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_runs(
        "a root of runs, an experiment, a single run, or a report to be drawn again (default: runs)",
        Path("runs"),
    )
    made.add_out()
    made.add_argument(
        "--beside",
        metavar="FOLDER",
        type=Path,
        help="show somebody else's curves of the same networks: plain20.csv, resnet20.csv, ... with columns "
        "epoch, and train_error and test_error in percent, or train_err and test_err as fractions",
    )
    made.add_argument("--source", metavar="TEXT", help="whose they are; belongs to --beside")
    made.add_argument(
        "--compare",
        action="store_true",
        help="put two experiments, or the two settings of one, on the same axes, differences paired by seed: "
        "the report is called FIRST_vs_SECOND; one may be a CSV of somebody else's curves, with columns "
        "network (plain-20), step, train_error, test_error in percent, and seed",
    )
    return made


def run(given: Namespace) -> int:
    # pandas takes time that --help need not, and the pictures' libraries some that a refusal need not
    from degradation.runs import reproduction
    from degradation.runs.read import find

    if (given.beside is None) != (given.source is None):
        raise BadRequest("--beside FOLDER and --source TEXT belong together: curves and whose they are")
    if given.compare and given.beside is not None:
        raise BadRequest("--compare and --beside don't go together: --beside alone makes a table of both")
    beside = None if given.beside is None else reproduction.read(given.beside, given.source)
    for path in given.runs:
        if not (given.compare and path.suffix == ".csv"):
            find(path)
    from degradation.reports import comparison, html_page, index, report

    if given.compare:
        print(comparison.write(given.runs, given.out) / comparison.README)
        return DONE
    for folder in report.write(given.runs, given.out, beside):
        print(folder / report.README)
        print(f"{folder / html_page.INDEX}: {index.verdict(folder).replace('**', '')}")
    return DONE


def main() -> int:
    return call(parser(), run)
