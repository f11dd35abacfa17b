"""docs/claims.md: a row a claim and number, filled in from the committed reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from degradation.claims.around import FORMS, GATES, SHORTCUTS
from degradation.claims.claim import Claim, Group, Number
from degradation.claims.costs import COMPLEXITY
from degradation.claims.depth import DEPTH, WHY
from degradation.claims.inside import COLUMNS, REUSE
from degradation.claims.measured import (
    AGAINST,
    HOLDS,
    OPEN,
    UNTESTED,
    WAITS,
    Reports,
    measured,
    verdict,
)
from degradation.claims.relatives import ANCESTORS, DROPS
from degradation.claims.shortcuts import CHANGES, FAMILIES
from degradation.claims.sizes import CARDINALITY, WIDTH
from degradation.claims.steps import OPTIMIZER, OURS, STEPS, WARMUP
from degradation.files import write_atomic
from degradation.reports import markdown
from degradation.reports.findings import section

PAGE, MARK = "claims.md", "<!-- claims -->"
README = Path("claims", "README.md")  # under the reports, whose list and dress it gets there
GROUPS = (
    *(DEPTH, OURS, WARMUP, OPTIMIZER, STEPS, WHY, CHANGES, SHORTCUTS, GATES, FORMS),
    *(FAMILIES, CARDINALITY, WIDTH, ANCESTORS, DROPS, COLUMNS, REUSE, COMPLEXITY),
)
VERDICTS = (HOLDS, AGAINST, OPEN, WAITS, UNTESTED)
Row = tuple[str, ...]
HEADER = ("claim", "who says so", "measured here", "n", "verdict")


def write(page: Path, reports: Path) -> list[Path]:
    """Write the marked section of docs/claims.md, and the page once more among the reports.

    Returns:
        Those that changed.

    Raises:
        BadRequest: it or its mark is missing, or a report is damaged.
    """
    text = section(page.read_text() if page.exists() else "", MARK, claims(Reports(reports)), page)
    wanted = {page: text, reports / README: text.replace("](../reports/", "](../")}
    changed = [path for path, after in wanted.items() if not path.exists() or path.read_text() != after]
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, wanted[path])
    return changed


def claims(reports: Reports) -> str:
    """How the verdicts fall, and a section a group, with its table."""
    rows = {group: [row for claim in group.claims for row in _rows(claim, reports)] for group in GROUPS}
    return "\n\n".join([overview(rows), *(_group(group, own) for group, own in rows.items())])


def overview(rows: Mapping[Group, Sequence[Row]]) -> str:
    """A row a group: how many of its rows end in which verdict."""
    counts = []
    for group, own in rows.items():
        found = [next(word for word in VERDICTS if row[-1].startswith(word)) for row in own]
        counts.append((markdown.jump(group.title), *(str(found.count(word)) for word in VERDICTS)))
    header = ("rows of the tables below", *(word.strip("*") for word in VERDICTS))
    return markdown.table(header, counts)


def _group(group: Group, rows: Sequence[Row]) -> str:
    commands = "\n".join(f"    {command}" for command in group.commands)
    return f"## {group.title}\n\n{commands}\n\n{markdown.table(HEADER, rows)}"


def _rows(claim: Claim, reports: Reports) -> list[Row]:
    if not claim.numbers:
        return [(claim.says, claim.source, "–", "–", f"{verdict(claim, None)}: {claim.why}")]
    rows: list[Row] = []
    for number in claim.numbers:
        said, n, judged = _cells(claim, number, reports)
        first = not rows
        more = f". {claim.why}" if claim.why and first else ""
        rows.append((claim.says if first else "", claim.source if first else "", said, n, judged + more))
    return rows


def _cells(claim: Claim, number: Number, reports: Reports) -> tuple[str, str, str]:
    """What was measured, of how many, and the verdict."""
    found = measured(number, reports)
    if found is None:
        return "–", "–", verdict(claim, None)
    link = f"[{found.report}](../reports/{found.report}/README.md)"
    return f"{found.said}: {found.what} ({link})", str(found.n or "counted"), verdict(claim, found)
