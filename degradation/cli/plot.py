"""Tables, pictures and a verdict from run folders: the report of each experiment."""

from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_runs(
        "a root of runs, an experiment, a single run, or a report to be drawn again (default: runs)",
        Path("runs"),
    )
    made.add_out()
    return made


def run(given: Namespace) -> int:
    from degradation.reports import report  # pandas and matplotlib take a second that --help need not

    for folder in report.write(given.runs, given.out):
        print(folder / report.README)
    return DONE


def main() -> int:
    return call(parser(), run)
