"""What is computed in README.md, docs/models.md, docs/models/, docs/why.md, docs/claims.md and reports/,
anew."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE, BadRequest


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_argument(
        "networks",
        metavar="NETWORK",
        nargs="*",
        help="residual-56, squeezenet, ...: print its layers and draw it, and write no page; "
        "words with = are keys of the network, such as model.shortcut=B",
    )
    made.add_argument(
        "--out", type=Path, default=Path("networks"), help="where its picture goes (default: networks)"
    )
    for name, default, what in (
        ("--docs", "docs", "where models.md lies"),
        ("--reports", "reports", "where the reports lie"),
        ("--readme", "README.md", "the front page"),
    ):
        made.add_argument(name, type=Path, default=Path(default), help=f"{what} (default: {default})")
    return made


def run(given: Namespace) -> int:
    if given.networks:
        return _show(given.networks, given.out)
    from degradation.claims import page as claims
    from degradation.diagrams import pages  # torch takes seconds that --help need not
    from degradation.reports import findings, listing
    from degradation.why.verdict import verdicts

    changed = pages.write(given.docs, given.reports)
    changed += findings.write(given.readme, given.reports)
    changed += verdicts.write(given.docs / verdicts.PAGE, given.readme, given.reports)
    changed += claims.write(given.docs / claims.PAGE, given.reports)
    changed += listing.write(given.reports)
    for path in changed:
        print(path)
    return DONE


def _show(words: Sequence[str], out: Path) -> int:
    from degradation.diagrams.network import show

    keys = [word for word in words if "=" in word]
    names = [word for word in words if "=" not in word]
    if not names:
        raise BadRequest(f"{' '.join(keys)}: of which network? Name one, such as residual-56")
    for name in names:
        print(show(name, keys, out))
    return DONE


def main() -> int:
    return call(parser(), run)
