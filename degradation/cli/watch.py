"""How the networks of a sweep stand: read off their run folders, so from any shell, and afterwards too."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE, BadRequest


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_argument(
        "runs",
        metavar="RUNS",
        nargs="?",
        type=Path,
        default=Path("runs"),
        help="a root of runs, or an experiment (default: runs)",
    )
    made.add_argument("--once", action="store_true", help="print it as plain text, and end")
    made.add_argument("--every", type=float, default=2.0, help="seconds between two looks (default: 2)")
    return made


def run(given: Namespace) -> int:
    if not given.every > 0:
        raise BadRequest(f"--every {given.every:g}: above 0")
    from degradation.sweeps import board, watch

    found = watch.experiments(given.runs)
    if given.once or not sys.stdout.isatty():
        print("\n\n".join(board.plain(one) for one in found))
        return DONE
    from rich.console import Group
    from rich.live import Live

    try:
        with Live(Group(*map(board.table, found)), auto_refresh=False) as live:
            while any(seen.state not in watch.ENDED for one in found for seen in one.networks):
                time.sleep(given.every)
                found = watch.experiments(given.runs)
                live.update(Group(*map(board.table, found)), refresh=True)
    except KeyboardInterrupt:
        pass  # the usual end of looking
    return DONE


def main() -> int:
    return call(parser(), run)
