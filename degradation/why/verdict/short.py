"""The short answer to why plain networks degrade: sentences, each with the numbers that it rests on.

The words are written by hand, the numbers are read from the committed reports. A sentence says no more than
its numbers show: if a report is measured anew and one of them falls otherwise, nothing is written until the
words are changed.
"""

from collections.abc import Mapping

import pandas as pd

from degradation.errors import BadRequest
from degradation.reports.phrases import of_seeds
from degradation.why.numbers.compare import ACROSS, GROWTH
from degradation.why.page import cell
from degradation.why.verdict.judge import chosen, holds
from degradation.why.verdict.statement import Found, Statement
from degradation.why.verdict.statements import STATEMENTS

DEEP, SHALLOW = 56, "20"  # the layers that the words name


def answer(reports: Mapping[str, pd.DataFrame], folder: str) -> list[str]:
    """The statements whose reports are there, each with links to these.

    Args:
        reports: summary.csv by folder.
        folder: where they lie as seen from the page.

    Raises:
        BadRequest: a number isn't there, or doesn't show any more what is said of it.
    """
    there = [one for one in STATEMENTS if all(found.report in reports for found in one.rests_on)]
    return [_told(one, reports, folder) for one in there] or ["Nothing was measured yet."]


def _told(one: Statement, reports: Mapping[str, pd.DataFrame], folder: str) -> str:
    rows = [_row(found, reports[found.report], one) for found in one.rests_on]
    links = {
        found.report: f"[{found.report}]({folder}/{found.report}/README.md), {row['steps']} steps"
        for found, row in zip(one.rests_on, rows, strict=True)
    }
    seeds = of_seeds(min(int(row["seeds"]) for row in rows))
    return f"{one.says.format(*map(_cell, rows))} ({'; '.join([*links.values(), seeds])})"


def _row(found: Found, summary: pd.DataFrame, one: Statement) -> pd.Series:
    rows = chosen(found.number, summary)
    rows = rows[(rows["depth"] == DEEP) | (rows["kind"] == ACROSS)]
    rows = rows[(rows["other"] == SHALLOW) | (rows["kind"] != GROWTH)]
    verdict = holds(found.number, rows.iloc[0]) if len(rows) == 1 else f"{len(rows)} numbers"
    if verdict != found.verdict:
        raise BadRequest(
            f"{one.says[:40]}... rests on {found.number.quantity!r} of {found.report}, which says "
            f"{verdict!r} where it said {found.verdict!r}: change the words in "
            "degradation/why/verdict/statements.py"
        )
    return rows.iloc[0]


def _cell(row: pd.Series) -> str:
    """A number with its interval: a logarithm as the number itself, a correlation with how many networks."""
    if row["kind"] == ACROSS:
        return f"{cell(row)}; n = {row['depth']}"
    if row["quantity"].endswith("(log10)"):
        value, low, high = (f"{10 ** row[end]:.3g}" for end in ("value", "low", "high"))
        return f"{value} ({low} to {high})"
    return cell(row).replace("+", "")
