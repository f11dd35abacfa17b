"""Write what is computed in docs/models.md, docs/models/ and README.md: python scripts/models.py."""

import sys
from pathlib import Path

from degradation.cli.parser import Parser
from degradation.errors import BAD_REQUEST, DONE, BadRequest


def main() -> int:
    parser = Parser(
        prog="models.py", description="The diagrams, counts and results in docs/models/ and README.md."
    )
    parser.add_argument(
        "--docs", type=Path, default=Path("docs"), help="where models.md lies (default: docs)"
    )
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), help="where the reports lie (default: reports)"
    )
    parser.add_argument("--readme", type=Path, default=Path("README.md"), help="default: README.md")
    arguments = parser.parse_args()

    from degradation.diagrams import pages  # torch takes seconds that --help need not
    from degradation.reports import findings

    try:
        changed = pages.write(arguments.docs, arguments.reports)
        for path in [*changed, *findings.write(arguments.readme, arguments.reports)]:
            print(path)
    except (BadRequest, OSError) as error:
        print(f"models.py: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_REQUEST
    return DONE


if __name__ == "__main__":
    sys.exit(main())
