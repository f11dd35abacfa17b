"""The command lines of the scripts that Hydra doesn't read."""

import argparse
import sys
from typing import NoReturn

from degradation.errors import BAD_REQUEST


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_REQUEST)
