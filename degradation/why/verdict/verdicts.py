"""docs/why.md: the short answer, what each explanation predicts, what was measured here, and whether it
holds; README.md: the answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.reports import markdown
from degradation.reports.findings import rewrite
from degradation.runs.summary import NETWORKS_CSV, SUMMARY, read_table
from degradation.why.numbers.compare import ACROSS
from degradation.why.numbers.forecast import ALL
from degradation.why.numbers.quantities import INITIAL
from degradation.why.page import cell, which
from degradation.why.verdict import short
from degradation.why.verdict.explanation import Explanation, Prediction
from degradation.why.verdict.explanations import EXPLANATIONS
from degradation.why.verdict.judge import AGAINST, FEW, HOLDS, ZERO, chosen, holds

MARK, SHORT = "<!-- explanations -->", "<!-- short -->"
PAGE = "why.md"
CHANGES = "changes"  # the analysis
DIGESTS = ("init_sha256", "data_sha256")
Reports = dict[str, pd.DataFrame]
Row = tuple[str, str, str, str, str]
Judged = Mapping[Explanation, Sequence[Row]]


def write(page: Path, readme: Path, reports: Path) -> list[Path]:
    """Write the marked sections of docs/why.md and README.md from all committed reports on why.

    Returns:
        Those that changed.

    Raises:
        BadRequest: one or its mark is missing, a summary is damaged, or doesn't show any more what the
            short answer says.
    """
    found = load(reports)
    rows = judged(found)
    on_page = {SHORT: markdown.items(short.answer(found, "../reports")), MARK: explanations(rows, found)}
    on_readme = {SHORT: markdown.items(short.answer(found, "reports"))}
    return rewrite(page, on_page) + rewrite(readme, on_readme)


def load(reports: Path) -> Reports:
    """The summaries of the reports on why, by folder; with the columns `start`, see `starts`, and `steps`,
    which all networks were trained for, in words."""
    found = {}
    for path in sorted(reports.glob(f"*_why/{SUMMARY}")):
        summary, networks = read_table(path), read_table(path.with_name(NETWORKS_CSV), DIGESTS)
        least, most = networks["steps"].min(), networks["steps"].max()
        steps = f"{least:,.0f}" if least == most else f"{least:,.0f} to {most:,.0f}"
        found[path.parent.name] = starts(summary, networks).assign(steps=steps)
    return found


def starts(summary: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """The summary with a column `start`: which networks a row is of, by the digests of their initial values
    and images. Empty where they aren't known, and for what was measured later."""
    known = networks[networks["init_sha256"] != ""]
    digests = known["init_sha256"] + known["data_sha256"]
    of_network = digests.groupby([known["family"], known["depth"]]).agg(lambda own: " ".join(sorted(own)))
    rows = summary[["family", "depth", "state"]].itertuples(index=False)
    found = [of_network.get((row.family, row.depth), "") if row.state == INITIAL else "" for row in rows]
    return summary.assign(start=pd.Series(found, index=summary.index, dtype="str"))


def judged(reports: Reports) -> Judged:
    return {one: _rows(one, reports) for one in EXPLANATIONS}


def explanations(rows: Judged, reports: Reports) -> str:
    """A table of all of them, what goes with the ends, and a section an explanation, with a row a prediction
    and report."""
    parts = [overview(rows), changed(reports), *(_section(one, own) for one, own in rows.items())]
    return "\n\n".join(part for part in parts if part)


def changed(reports: Reports) -> str:
    """Of each pair that was changed one thing at a time: which numbers at the start go with its networks'
    errors at the end."""
    told = []
    for name, summary in reports.items():
        rows = summary[(summary["kind"] == ACROSS) & (summary["family"] == ALL)]
        if rows.empty or not (summary["analysis"] == CHANGES).any():
            continue
        sure = (rows["low"] > 0) | (rows["high"] < 0)
        with_it, without = ([_order(row) for _, row in some.iterrows()] for some in (rows[sure], rows[~sure]))
        told.append(
            f"[{name}](../reports/{name}/README.md): told from noise for {'; '.join(with_it) or 'none'}. "
            f"Not for {'; '.join(without) or 'none'}."
        )
    asked = (
        "One change at a time: of n deep networks of one pair, which differ in how they begin, the rank "
        "correlation of a number at the start with the error at the end. The eigenvalue is that of the "
        "loss's Hessian."
    )
    return f"{asked}\n\n{markdown.items(told)}" if told else ""


def _order(row: pd.Series) -> str:
    """A rank correlation, named: `effective rank: +0.743 (+0.173 to +0.940; n = 9)`."""
    return f"{row['quantity'].removesuffix(' (log10)')}: {cell(row).removesuffix(')')}; n = {row['depth']})"


def overview(rows: Judged) -> str:
    """How many predictions of each explanation hold, fail, or can't be told, of those with seeds enough."""
    counts = [(markdown.jump(one.title), *map(str, _counts(own))) for one, own in rows.items()]
    header = ("explanation", "predictions that hold", "fail", "can't be told")
    told = f"How the predictions fare, each counted once a report that has {ENOUGH_SEEDS} seeds or more:"
    return f"{told}\n\n{markdown.table(header, counts)}"


def _counts(rows: Sequence[Row]) -> tuple[int, int, int]:
    """How many hold, fail, can't be told."""
    found = [row[-1] for row in rows if row[-1] != FEW]
    hold = found.count(HOLDS)
    fail = sum(verdict in (AGAINST, ZERO) for verdict in found)
    return hold, fail, len(found) - hold - fail


def _rows(one: Explanation, reports: Reports) -> list[Row]:
    """Prediction, report, number, seeds, verdict; of each report that has the number.

    Before any step the networks of two reports may be the very same ones: then a row names both.
    """
    rows: list[Row] = []
    for prediction in one.predicts:
        found: dict[str, tuple[list[str], tuple[str, str, str]]] = {}
        for name, summary in reports.items():
            for _, row in chosen(prediction, summary)[:1].iterrows():
                links, _ = found.setdefault(row["start"] or name, ([], _told(prediction, row)))
                links.append(f"[{name}](../reports/{name}/README.md)")
        for place, (links, told) in enumerate(found.values()):
            rows.append(("" if place else prediction.says, ", ".join(links), *told))
    return rows


def _section(one: Explanation, rows: Sequence[Row]) -> str:
    header = ("it predicts that", "report", "measured", "seeds", "holds?")
    table = markdown.table(header, rows) if rows else "Not measured yet."
    return f"## {one.title}\n\n{one.says}\n\n{table}"


def _told(prediction: Prediction, row: pd.Series) -> tuple[str, str, str]:
    """What was measured of a prediction, in how many seeds, and whether it holds."""
    where = which(row)
    if prediction.kind == ACROSS:
        where = f"{row['depth']} {row['family']}, rank correlation with the error at the end"
    return f"{cell(row)} ({where}: {prediction.quantity})", str(row["seeds"]), holds(prediction, row)
