"""One change at a time in words: the table of all changes, and what lets the deepest network train."""

import math
from collections.abc import Sequence

import pandas as pd

from degradation.analysis.ladder import CHANGE, ERROR, NO, SOME, TRAINS, YES, asked
from degradation.reports import markdown
from degradation.reports.phrases import SEEDS, ends, few, joined, percent, signed
from degradation.reports.sections import DASH
from degradation.runs.label import label

RULE = f"its clean training error at the last step is below {TRAINS:g}%"


def section(found: pd.DataFrame, grown: pd.DataFrame) -> str:
    """The table: a row a change, beside the network as it is.

    Args:
        found: what `ladder.ladder` returns.
        grown: what `differences.growth` says of the clean training error.
    """
    depths, rules = sorted(found["depth"].unique()), asked(found)
    cost = _between(grown, depths).set_index(["family", "variant"])
    header = ["network and change", "parameters"]
    for depth in depths:
        header += [f"{depth} layers: error, %", "change, points", *["trains?"] * rules]
    header += [f"{depths[-1]} − {depths[0]} layers, points"] * (len(cost) > 0)
    rows = []
    for (family, variant), own in found.groupby(["family", "variant"], sort=False):
        by_depth = own.set_index("depth")
        cells = [label(family, variant) if variant else f"{family}, as it is"]
        cells.append(", ".join(_parameters(row) for _, row in own.iterrows()))
        for depth in depths:
            of_depth = _cells(by_depth.loc[depth]) if depth in by_depth.index else [DASH] * 3
            cells += of_depth if rules else of_depth[:2]
        if len(cost):
            key = (family, variant)
            cells.append(_points(cost.loc[key]) if key in cost.index else DASH)
        rows.append(cells)
    seeds = sorted({int(count) for count in found["seeds"]})
    counts = (
        f"{seeds[0]} to {seeds[-1]} seeds" if len(seeds) > 1 else SEEDS.get(seeds[0], f"{seeds[0]} seeds")
    )
    return (
        "## One change at a time\n\n"
        + markdown.table(header, rows)
        + f"\n\nClean training error at the last step, mean and 95% interval (Student's t) over {counts}. "
        "*Parameters*: of the network as it is, then how many more a change has. *Change*: minus the network "
        "as it is, paired by seed."
        + f" *{depths[-1]} − {depths[0]} layers*: what depth costs." * (len(cost) > 0)
        + (f" *Trains*: {RULE}, in how many seeds." if rules else "")
    )


def verdict(found: pd.DataFrame, grown: pd.DataFrame) -> list[str]:
    """Of each family's deepest network: whether it trains as it is, and with which changes. Where no network
    gets so far: with which changes its error is higher or lower. And what depth costs with each change.

    Args: see `section`.
    """
    items, rules = [], asked(found)
    for family, own in found.groupby("family", sort=False):
        deepest = own[own["depth"] == own["depth"].max()]
        parts = _trained(deepest) if rules else _moved(deepest)
        if parts:
            name = label(str(family), "", int(deepest["depth"].iloc[0]))
            items.append(f"**{name}**: {'; '.join(parts)}.")
    items += _depth(_between(grown, sorted(found["depth"].unique())))
    rule = f"A network *trains* here if {RULE}, in each seed."
    if not rules:
        rule = f"No network here comes below {TRAINS:g}%, so each is held against itself without the change."
    return [*items, f"{rule} {few(int(n) for n in found['seeds'] if 0 < n < 3)}".rstrip()]


def _trained(deepest: pd.DataFrame) -> list[str]:
    said = {YES: "trains", SOME: "trains in some seeds", NO: "doesn't train"}
    changed = {
        answer: [str(one) for one in deepest[deepest["trains"] == answer]["variant"] if one]
        for answer in said
    }
    base = deepest[deepest["variant"] == ""]
    parts = [f"as it is, it {said[answer]} ({_mean(row)})" for answer, row in _first(base)]
    return parts + [f"it {said[answer]} with {_code(names)}" for answer, names in changed.items() if names]


def _moved(deepest: pd.DataFrame) -> list[str]:
    base, changed = deepest[deepest["variant"] == ""], deepest[deepest["variant"] != ""]
    higher, lower = changed["low_change"] > 0, changed["high_change"] < 0
    said = {
        "higher": changed[higher],
        "lower": changed[lower],
        "not to be told apart": changed[~higher & ~lower & changed["points_change"].notna()],
    }
    parts = [f"as it is, {_mean(row)}" for _, row in base.iterrows() if row["seeds"]]
    return parts + [f"{word} with {_code(list(of['variant']))}" for word, of in said.items() if len(of)]


def _between(grown: pd.DataFrame, depths: Sequence[int]) -> pd.DataFrame:
    """What depth costs, of those series that reach from the least of these layers to the most."""
    return grown[(grown["shallow"] == depths[0]) & (grown["deep"] == depths[-1])]


def _depth(grown: pd.DataFrame) -> list[str]:
    """Of each family by how much its error grows with depth as it is, and with which changes it does."""
    items = []
    for family, own in grown[grown["low"].notna()].groupby("family", sort=False):
        base, changed = own[own["variant"] == ""], own[own["variant"] != ""]
        said = {
            "it grows with": changed[changed["low"] > 0],
            "it falls with": changed[changed["high"] < 0],
            "neither is told from noise with": changed[(changed["low"] <= 0) & (changed["high"] >= 0)],
        }
        between = f"from {own['shallow'].iloc[0]} to {own['deep'].iloc[0]} layers"
        parts = [
            f"as it is, its training error changes by {_points(row)} points" for _, row in base.iterrows()
        ]
        parts += [f"{words} {_code(list(of['variant']))}" for words, of in said.items() if len(of)]
        items.append(f"**{family}**, {between}: {'; '.join(parts)}.")
    return items


def _points(row: pd.Series) -> str:
    """A difference with its interval: `-5.64 (-11.33 to +0.06)`."""
    if not row["seeds"]:
        return DASH
    return signed(row["points"]) + ("" if math.isnan(row["low"]) else f" ({ends(row)})")


def _first(base: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    return [(str(row["trains"]), row) for _, row in base.iterrows() if row["trains"]]


def _code(names: list[str]) -> str:
    return joined([f"`{markdown.text(name)}`" for name in names])


def _parameters(row: pd.Series) -> str:
    if not row["variant"]:
        return f"{row['parameters']:,}"
    return DASH if pd.isna(row["more"]) else f"{int(row['more']):+,}" if row["more"] else "the same"


def _cells(row: pd.Series) -> list[str]:
    change = row[list(CHANGE)].set_axis(ERROR)
    trains = f"{row['trains']} ({row['reaching']} of {row['seeds']})" if row["trains"] else DASH
    return [_error(row), _points(change), trains]


def _mean(row: pd.Series) -> str:
    interval = f", 95% interval {percent(row['low'])} to {percent(row['high'])}"
    return f"training error {percent(row['points'])}%{'' if math.isnan(row['low']) else interval}"


def _error(row: pd.Series) -> str:
    if math.isnan(row["low"]):
        return percent(row["points"])
    return f"{percent(row['points'])} ({percent(row['low'])} to {percent(row['high'])})"
