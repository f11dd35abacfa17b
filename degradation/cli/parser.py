"""What the commands share: how they parse, the arguments that several take, and how they end."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from degradation.errors import BAD_REQUEST, FAILED, INTERRUPTED, BadRequest


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_REQUEST)

    def add_runs(self, text: str, *default: Path) -> None:
        self.add_argument("runs", metavar="RUNS", nargs="*", type=Path, default=list(default), help=text)

    def add_out(self) -> None:
        self.add_argument(
            "--out", type=Path, default=Path("reports"), help="where the reports go (default: reports)"
        )

    def add_smoke(self) -> None:
        self.add_argument("--smoke", action="store_true", help="in a minute, only to see that it works")


def call(
    parser: Parser,
    run: Callable[[argparse.Namespace], int],
    stopped: str = "nothing was written",
) -> int:
    """Parse the command line and run; what goes wrong becomes a line on standard error and an exit code.

    Args:
        stopped: what becomes of an interrupted command's work.
    """
    try:
        return run(parser.parse_intermixed_args())  # options may stand between words
    except BadRequest as error:
        return _say(parser, error, BAD_REQUEST)
    except (OSError, RuntimeError) as error:
        return _say(parser, error, FAILED)
    except KeyboardInterrupt:
        return _say(parser, f"interrupted; {stopped}", INTERRUPTED)


def _say(parser: Parser, what: object, code: int) -> int:
    print(f"{parser.prog}: {' '.join(str(what).split())}", file=sys.stderr)
    return code
