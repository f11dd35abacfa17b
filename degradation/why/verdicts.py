"""docs/why.md: what each explanation predicts, what was measured here, and whether it holds; README.md: how
they fare."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.reports import markdown
from degradation.reports.findings import rewrite
from degradation.runs.summary import NETWORKS_CSV, SUMMARY, read_table
from degradation.why.compare import ACROSS
from degradation.why.explanation import Explanation, Prediction
from degradation.why.explanations import EXPLANATIONS
from degradation.why.forecast import ALL
from degradation.why.page import cell, which
from degradation.why.quantities import COUNTED, INITIAL, WORSE

MARK, ANSWER = "<!-- explanations -->", "<!-- why -->"
PAGE, FROM_README = "why.md", "docs/why.md"
HOLDS, AGAINST, OPEN, FEW = "yes", "**no, the opposite**", "can't be told from noise", "too few seeds"
ZERO, NEVER = "**no**: exactly zero in every seed", "**no**: in no run"
ALWAYS, SOME = "yes, in every run", "in some runs"
CHANGES = "changes"  # the analysis
DIGESTS = ("init_sha256", "data_sha256")
Reports = dict[str, pd.DataFrame]
Row = tuple[str, str, str, str, str]


def write(page: Path, readme: Path, reports: Path) -> list[Path]:
    """Write the marked sections of docs/why.md and README.md from all committed reports on why.

    Returns:
        Those that changed.

    Raises:
        BadRequest: one or its mark is missing, or a summary is damaged.
    """
    found = load(reports)
    return rewrite(page, {MARK: explanations(found)}) + rewrite(readme, {ANSWER: answer(found)})


def load(reports: Path) -> Reports:
    """The summaries of the reports on why, by folder; with the column `start`, see `starts`."""
    return {
        path.parent.name: starts(read_table(path), read_table(path.with_name(NETWORKS_CSV), DIGESTS))
        for path in sorted(reports.glob(f"*_why/{SUMMARY}"))
    }


def starts(summary: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """The summary with a column `start`: which networks a row is of, by the digests of their initial values
    and images. Empty where they aren't known, and for what was measured later."""
    known = networks[networks["init_sha256"] != ""]
    digests = known["init_sha256"] + known["data_sha256"]
    of_network = digests.groupby([known["family"], known["depth"]]).agg(lambda own: " ".join(sorted(own)))
    rows = summary[["family", "depth", "state"]].itertuples(index=False)
    found = [of_network.get((row.family, row.depth), "") if row.state == INITIAL else "" for row in rows]
    return summary.assign(start=pd.Series(found, index=summary.index, dtype="str"))


def explanations(reports: Reports) -> str:
    """A table of all of them, and a section an explanation, with a row a prediction and report."""
    rows = {one: _rows(one, reports) for one in EXPLANATIONS}
    return "\n\n".join([overview(rows), *(_section(one, own) for one, own in rows.items())])


def answer(reports: Reports) -> str:
    """Of which explanations every prediction holds that was told from noise, of which some, of which none."""
    fares: dict[str, list[str]] = {"All hold": [], "Some hold": [], "None holds": []}
    for one in EXPLANATIONS:
        hold, fail, untold = _counts(_rows(one, reports))
        if hold + fail:
            kind = "None holds" if not hold else "Some hold" if fail else "All hold"
            link = f"[{one.title}]({FROM_README}#{markdown.anchor(one.title)})"
            fares[kind].append(f"{link} ({hold} of {hold + fail}; {untold} untold)")
    told = [f"**{kind}**: {', '.join(own)}." for kind, own in fares.items() if own]
    return markdown.items([*told, *changed(reports)] or ["Nothing was measured yet."])


def changed(reports: Reports) -> list[str]:
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
            f"**One change at a time** ([{name}](reports/{name}/README.md)): n deep networks of one pair, "
            "which differ in how they begin. The rank correlation of a number at the start with the error at "
            f"the end is told from noise for {'; '.join(with_it) or 'none'}. It isn't for "
            f"{'; '.join(without) or 'none'}. The eigenvalue is that of the loss's Hessian."
        )
    return told


def _order(row: pd.Series) -> str:
    """A rank correlation, named: `effective rank: +0.743 (+0.173 to +0.940; n = 9)`."""
    return f"{row['quantity'].removesuffix(' (log10)')}: {cell(row).removesuffix(')')}; n = {row['depth']})"


def overview(rows: Mapping[Explanation, Sequence[Row]]) -> str:
    """How many predictions of each explanation hold, fail, or can't be told, of those with seeds enough."""
    counts = [(markdown.jump(one.title), *map(str, _counts(own))) for one, own in rows.items()]
    header = ("explanation", "predictions that hold", "fail", "can't be told")
    told = f"How the predictions fare, each counted once a report that has {ENOUGH_SEEDS} seeds or more:"
    return f"{told}\n\n{markdown.table(header, counts)}"


def _counts(rows: Sequence[Row]) -> tuple[int, int, int]:
    """How many hold, fail, can't be told."""
    found = [row[-1] for row in rows if row[-1] != FEW]
    hold = sum(verdict in (HOLDS, ALWAYS) for verdict in found)
    fail = sum(verdict in (AGAINST, ZERO, NEVER) for verdict in found)
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
        rows += [(prediction.says, ", ".join(links), *told) for links, told in found.values()]
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


def chosen(prediction: Prediction, summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary that a prediction speaks of, the deepest network's first."""
    same = summary["value"].notna()
    for column in ("analysis", "quantity", "kind", "state", "family"):
        same &= summary[column] == getattr(prediction, column)
    return summary[same].sort_values("depth", ascending=False)


def holds(prediction: Prediction, row: pd.Series) -> str:
    """By the interval, where there are seeds enough for one; of a share of runs by whether it is all of them
    or none. A number that is exactly zero in every seed, with an interval of no width, is neither above nor
    below."""
    if row["seeds"] < ENOUGH_SEEDS:
        return FEW
    if prediction.quantity.startswith((COUNTED, WORSE)):
        share = row["value"] if prediction.sign > 0 else 100 - row["value"]
        return {0.0: NEVER, 100.0: ALWAYS}.get(share, SOME)
    if math.isnan(row["low"]):
        return FEW
    if row["low"] == row["high"] == 0 and not prediction.margin:
        return ZERO
    low, high = sorted(prediction.sign * (row[end] - prediction.margin) for end in ("low", "high"))
    return HOLDS if low > 0 else AGAINST if high < 0 else OPEN
