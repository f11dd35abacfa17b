"""What is computed in README.md, docs/models.md, docs/models/, docs/why.md and docs/claims.md, anew."""

from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE


def parser() -> Parser:
    made = Parser(description=__doc__)
    for name, default, what in (
        ("--docs", "docs", "where models.md lies"),
        ("--reports", "reports", "where the reports lie"),
        ("--readme", "README.md", "the front page"),
    ):
        made.add_argument(name, type=Path, default=Path(default), help=f"{what} (default: {default})")
    return made


def run(given: Namespace) -> int:
    from degradation.claims import page as claims
    from degradation.diagrams import pages  # torch takes seconds that --help need not
    from degradation.reports import findings
    from degradation.why import verdicts

    changed = pages.write(given.docs, given.reports)
    changed += findings.write(given.readme, given.reports)
    changed += verdicts.write(given.docs / verdicts.PAGE, given.reports)
    changed += claims.write(given.docs / claims.PAGE, given.reports)
    for path in changed:
        print(path)
    return DONE


def main() -> int:
    return call(parser(), run)
