"""Why plain networks degrade: what trained networks show of signals, shattering, lesions, loss and paths."""

from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_runs(
        "an experiment's runs, a root of them, a single run; a report of runs, for what takes no weights; or "
        "a report of this command to be drawn again (default: runs)",
        Path("runs"),
    )
    made.add_argument(
        "--only",
        metavar="NAMES",
        help="some analyses, such as signals,lesions (default: all but around and lengths, which train "
        "for long)",
    )
    made.add_argument(
        "--images",
        type=int,
        default=1000,
        help="test images under a lesion, a quarter as many around a minimiser, training and test images of "
        "columns (default: 1000)",
    )
    made.add_argument("--data", metavar="ROOT", help="where the images lie, if elsewhere than in training")
    made.add_out()
    return made


def run(given: Namespace) -> int:
    from degradation.why import analyses, report  # torch takes seconds that --help need not

    names = analyses.chosen(given.only)
    folders = report.write(
        given.runs, given.out, names, given.images, given.data, lambda line: print(line, flush=True)
    )
    for folder in folders:
        print(folder / report.README)
    return DONE


def main() -> int:
    return call(parser(), run, "the same command goes on with the analyses that aren't measured yet")
