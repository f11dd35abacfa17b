"""README.md of a report: what each analysis asks, its picture, and its numbers with n and intervals."""

import inspect
import math
from collections.abc import Mapping

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.analysis.series import complete, ordered
from degradation.reports import evidence, markdown
from degradation.reports.phrases import SEEDS, few, of_seeds
from degradation.runs.label import label
from degradation.why.numbers.compare import ACROSS, GAP, GROWTH, MEAN, already


def page(
    experiment: str,
    networks: pd.DataFrame,
    asked: Mapping[str, str],
    summary: pd.DataFrame,
    note: str,
    source: str,
    common: str,
) -> str:
    """The report as Markdown.

    Args:
        experiment: its name.
        networks: its runs as text cells, complete or not.
        asked: by analysis its module's docstring.
        summary: what `compare` makes of the analyses' numbers, and a column `analysis`.
        note: what was trained; source: a sentence on what was read.
        common: the variant that all runs share, left out of the tables.
    """
    parts = [
        f"# {markdown.text(experiment)}: why do plain networks degrade?",
        f"{note}.{source}" + (f" All runs with `{markdown.text(common)}`." if common else ""),
        evidence.adopted(ordered(complete(networks))),
        few(int(count) for count in summary["seeds"] if count > 0),
        *(_section(name, text, summary[summary["analysis"] == name]) for name, text in asked.items()),
        "## Networks",
        _networks(networks),
        "## Files",
        "`networks.csv`: a row a run, all that it recorded. `<analysis>.csv`: what was measured, the numbers "
        "behind the picture of that name. `summary.csv`: the tables above. Pictures, summary and this page "
        "are drawn again from `networks.csv` and the analyses' tables, without the weights, by "
        f"`python scripts/why.py reports/{markdown.text(experiment)}_why`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(analysis: str, text: str, summary: pd.DataFrame) -> str:
    title, _, rest = inspect.cleandoc(text).partition("\n")
    grown, gaps = summary[summary["kind"] == GROWTH], summary[summary["kind"] == GAP]
    differences = pd.concat([grown, gaps[gaps["depth"] == gaps["depth"].max()]]).sort_index()
    others = summary[~summary.index.isin(differences.index)]
    parts = [f"## {title}", rest.strip(), f"![{analysis}]({analysis}.png)"]
    if differences.empty:  # of one depth and no pair
        return "\n\n".join([*parts, _table(others)])
    alone = already(others) & ~others["quantity"].isin(differences["quantity"])
    alone, others = others[alone], others[~alone]
    parts += [_table(alone)] * (not alone.empty) + [_table(differences)]
    return "\n\n".join([*parts, markdown.fold("Each network, and the gaps at other depths", _table(others))])


def _table(rows: pd.DataFrame) -> str:
    """A line a number, a column a comparison."""
    heads = list(dict.fromkeys(which(row) for _, row in rows.iterrows()))
    lines: dict[str, dict[str, str]] = {}
    for _, row in rows.iterrows():
        what = f"{row['quantity']}{', at ' if row['state'] else ''}{row['state']}"
        count = f", n = {row['depth']}" if row["kind"] == ACROSS else ""
        lines.setdefault(what, {})[which(row)] = cell(row) + count
    counts = sorted({int(count) for count in rows["seeds"]} - {0}) or [0]
    seeds = f"{counts[0]} to " * (len(counts) > 1) + of_seeds(counts[-1])
    enough = f"Mean and its 95% interval over {seeds}; differences are paired by seed:"
    told = enough if counts[-1] >= ENOUGH_SEEDS else f"Mean over {SEEDS.get(counts[-1], 'no seed')}:"
    if (rows["kind"] == ACROSS).all():
        told = f"Of means over {seeds}, with the 95% interval for n networks:"
    cells = [(what, *(of.get(head, "–") for head in heads)) for what, of in lines.items()]
    return f"{told}\n\n{markdown.table(('', *heads), cells)}"


def which(row: pd.Series) -> str:
    """Whose number a row of summary.csv is, or of which two the difference."""
    if row["kind"] == GAP:
        return f"{row['other']} − {label(row['family'], row['variant'])}, {row['depth']} layers"
    if row["kind"] == ACROSS:
        return f"rank correlation over {row['family']}"
    if row["kind"] == GROWTH:
        return f"{label(row['family'], row['variant'])}, {row['depth']} − {row['other']} layers"
    return label(row["family"], row["variant"], row["depth"])


def _number(value: float, kind: str) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if abs(value) < 0.0005:  # BN's own eps makes as much
        return "0.000"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}" if kind == MEAN else f"{value:+.{digits}f}"


def cell(row: pd.Series) -> str:
    """A number of summary.csv with its interval."""
    value = _number(row["value"], row["kind"])
    if math.isnan(row["low"]):
        return value
    return f"{value} ({_number(row['low'], row['kind'])} to {_number(row['high'], row['kind'])})"


def _networks(networks: pd.DataFrame) -> str:
    done = ordered(complete(networks))
    rows = [
        (label(row["family"], row["variant"], row["depth"]), *row[["seed", "train_error", "test_error"]])
        for _, row in done.iterrows()
    ]
    left_out = networks[~networks.index.isin(complete(networks).index)]
    text = markdown.table(("network", "seed", "clean training error (%)", "test error (%)"), rows)
    for _, row in left_out.iterrows():
        text += f"\n\nLeft out: {markdown.text(row['run'])} ({row['status']})."
    return text
