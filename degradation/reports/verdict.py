"""The verdict in words: sentences computed from the tables, with their caveats."""

import math

import pandas as pd

from degradation.analysis import differences, pairs
from degradation.analysis.differences import ENOUGH_SEEDS, TWIN, excess, gap, growth
from degradation.analysis.ladder import ladder as changes_of
from degradation.analysis.lines import still_falling
from degradation.analysis.series import NETWORK, SERIES
from degradation.protocol import ORDERED_DEPTHS
from degradation.reports import ladder, verdict_of_many
from degradation.reports.phrases import ends, few, joined, of_seeds, over, percent, points, signed, spread
from degradation.runs.label import label
from degradation.runs.schema import LOSS_COLUMNS

BESIDE = {"train_error_running": "running training error", "test_error": "test error"}
FALLING = 1.0  # points over the last tenth of the steps, from which training counts as unfinished business
FEW = 8  # networks that are named one by one


def verdict(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    told: pd.DataFrame,
    absent: pd.DataFrame,
) -> list[str]:
    """What the data says about the paper's claim, most important first; Markdown, one item each.

    Args:
        runs, curves: the checked runs and their curves.
        table: what `table.table` makes of them.
        drawn: what `lines.lines` makes of their curves.
        told: what `pairs.pairs` makes of runs and table.
        absent: what `unfinished.unfinished` finds.
    """
    grown = growth(runs)
    trained = differences.trained(grown)
    changes = changes_of(runs)
    if changes is not None:
        items = ladder.verdict(changes, trained)
    elif verdict_of_many.settings(trained):
        items = verdict_of_many.of_settings(trained)  # the page has a table of them
    elif len(told) >= pairs.MANY:
        items = verdict_of_many.of_families(told)  # and of these
    else:
        items = [_headline(trained)]
        items += [_series(row, table, grown) for _, row in trained.iterrows()]
        items += _contrast(runs)
        items += _pays(grown, table)
        items += _claim(runs, trained, table)
    return [*items, *_absent(absent, table), *_not_finite(curves), *_falling(drawn)]


def judged(row: pd.Series) -> str:
    """What one may conclude of the growth of training error from three seeds or more; else nothing."""
    if row["seeds"] < ENOUGH_SEEDS:
        return ""
    if row["low"] > 0:
        return " Training error grows with depth: the interval lies above zero."
    if row["high"] < 0:
        return " Training error falls with depth: the interval lies below zero."
    if row["low"] == row["high"]:
        return " Training error is the same at both depths, in every seed."
    return " Whether training error grows can't be told from noise: the interval holds zero."


def _headline(trained: pd.DataFrame) -> str:
    if trained.empty:
        return "**No verdict** on depth: it takes complete runs of one family and seed at two depths."
    same = len(trained[["shallow", "deep"]].drop_duplicates()) == 1
    parts = []
    for _, row in trained.iterrows():
        verb, change = ("grows", abs(row["points"])) if row["points"] > 0 else ("changes", row["points"])
        text = f"{change:.2f} points" if verb == "grows" else f"{signed(change)} points"
        if row["seeds"] >= ENOUGH_SEEDS:  # one run's number isn't a result
            text = f"**{text}** {spread(row)}"
        change = f"by {text}"
        where = "" if same else f" ({row['shallow']} to {row['deep']} layers)"
        parts.append(f"{verb} {change} for {label(row['family'], row['variant'])} networks{where}")
    depths = (
        f"{trained['shallow'].iloc[0]} to {trained['deep'].iloc[0]} layers" if same else "shallow to deep"
    )
    caveat = few(trained[trained["seeds"] < ENOUGH_SEEDS]["seeds"])
    return f"From {depths} the training error {joined(parts)}. {caveat}".rstrip()


def _series(row: pd.Series, table: pd.DataFrame, grown: pd.DataFrame) -> str:
    """One family: the error at each depth, its growth in all three measures, and what may be concluded."""
    own = table[(table["family"] == row["family"]) & (table["variant"] == row["variant"])]
    errors = " → ".join(percent(value) for value in own["train_error_mean"])
    depths = ", ".join(map(str, own["depth"]))
    same = grown[(grown["family"] == row["family"]) & (grown["variant"] == row["variant"])]
    by = same.set_index("measure")["points"]
    beside = [f"{what} {signed(by[key])}" for key, what in BESIDE.items() if not math.isnan(by[key])]
    return (
        f"**{label(row['family'], row['variant'])}**: training error {errors} % at {depths} "
        f"layers{over(own['runs'])}. err({row['deep']}) - err({row['shallow']}) = {points(row, ' points')}"
        f"{'; ' + ', '.join(beside) if beside else ''}.{judged(row)}"
    )


def _contrast(runs: pd.DataFrame) -> list[str]:
    """Plain minus network, at each depth and in its growth."""
    items = []
    gaps, more = (f[(f["measure"] == "train_error") & f["points"].notna()] for f in (gap(runs), excess(runs)))
    for (family, variant, *plain), rows in gaps.groupby([*SERIES, *TWIN], sort=False):
        twin = label(*plain)
        unequal = rows["seeds"].nunique() > 1
        each = ", ".join(
            f"{signed(row['points'])} at {row['depth']}" + (f" ({of_seeds(row['seeds'])})" if unequal else "")
            for _, row in rows.iterrows()
        )
        text = f"**{twin} minus {label(family, variant)}**, training error in points: {each} layers."
        for _, row in more[(more["family"] == family) & (more["variant"] == variant)].iterrows():
            which = "more" if row["points"] >= 0 else "less"
            text += (
                f" Going from {row['shallow']} to {row['deep']} layers costs {twin} networks "
                f"{abs(row['points']):.2f} points {which} than {label(family, variant)} ones"
            )
            text += "." if math.isnan(row["low"]) else f" {spread(row)}."
        items.append(text)
    return items


def _pays(grown: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Of networks of which the paper says that depth pays: whether the deepest has the lower test error."""
    items = []
    for _, row in grown[(grown["measure"] == "test_error") & grown["points"].notna()].iterrows():
        own = table[(table["family"] == row["family"]) & (table["variant"] == row["variant"])]
        errors = " → ".join(percent(value) for value in own["test_error_mean"])
        depths = ", ".join(map(str, own["depth"]))
        paper = own.set_index("depth")["paper_test_error"]
        theirs = paper[row["deep"]] - paper[row["shallow"]]
        if not theirs < 0:
            continue
        items.append(
            f"**{label(row['family'], row['variant'])}**: test error {errors} % at {depths} layers. "
            f"err({row['deep']}) - err({row['shallow']}) = {points(row, ' points')}, in the paper "
            f"{signed(theirs)}.{_paid(row)}"
        )
    return items


def _paid(row: pd.Series) -> str:
    if row["seeds"] < ENOUGH_SEEDS:
        better = row["points"] < 0
        return f" If it is not noise, depth {'pays' if better else 'does not pay yet at this length'}."
    if row["high"] < 0:
        return " Depth pays: the interval lies below zero."
    if row["low"] > 0:
        return " Depth does **not** pay yet at this length: the interval lies above zero."
    return " Whether depth pays can't be told from noise: the interval holds zero."


def _claim(runs: pd.DataFrame, trained: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """What the paper predicts for each pair of families, and whether it is seen here."""
    items = []
    by_series = {(row["family"], row["variant"]): row for _, row in trained.iterrows()}
    for plain, rows in gap(runs).groupby(TWIN, sort=False):
        families = rows[SERIES].drop_duplicates().itertuples(index=False, name=None)
        seen = [f"{label(*one)} {_seen(by_series[one], grows=False)}" for one in families if one in by_series]
        if plain in by_series and seen:
            items.append(
                f"**The paper's claim** (section 4): training error grows with depth for {plain[0]} "
                f"networks, and does not for {joined(sorted(set(rows['family'])))} ones. "
                f"Here: {'; '.join([f'{label(*plain)} {_seen(by_series[plain], grows=True)}', *seen])}."
            )
    own = table[(table["family"] == "plain") & (table["variant"] == "")]
    errors = own.set_index("depth")["train_error_mean"].dropna()
    if items and set(ORDERED_DEPTHS) <= set(errors.index):
        ordered = errors[56] > errors[44] > max(errors[20], errors[32])
        items.append(
            "In the paper plain-20 and plain-32 lie half a point apart (off Fig. 6), so what is asked of "
            "plain networks is err(56) > err(44) > max(err(20), err(32)): the means here are "
            f"{'' if ordered else '**not** '}in that order."
        )
    return items


def _seen(row: pd.Series, grows: bool) -> str:
    """Whether a growth is what the claim says; with few seeds only which way it points."""
    if row["seeds"] >= ENOUGH_SEEDS:
        if row["low"] > 0:
            return "shown, it grows" if grows else f"not so, it grows too, by {row['points']:.2f} points"
        if row["high"] < 0:
            return f"{'not so, ' if grows else 'shown, '}it falls"
        if row["low"] == row["high"]:
            return "not shown, it stays the same" if grows else "shown, it stays the same"
        return f"can't be told from noise ({ends(row)} points, by the interval)"
    otherwise = f"where {'growth' if grows else 'no growth'} is claimed"
    expected = "as claimed" if (row["points"] > 0) == grows else otherwise
    return f"{signed(row['points'])} points, {expected}, if it is not noise"


def _absent(absent: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """The networks of which no run is complete: what they would have shown is not known."""
    there = set(table[NETWORK].itertuples(index=False, name=None))
    rows = absent[NETWORK].drop_duplicates().itertuples(index=False, name=None)
    names = [label(*network) for network in rows if network not in there]
    return [f"**Without** {joined(names)}: no complete run (see below)."] if names else []


def _falling(drawn: pd.DataFrame) -> list[str]:
    falling = still_falling(drawn)
    falling = falling[falling["points"] >= FALLING]
    if falling.empty:
        return []
    least, most = falling["points"].min(), falling["points"].max()
    each = [
        f"{label(row['family'], row['variant'], row['depth'])} by {row['points']:.1f}"
        for _, row in falling.iterrows()
    ]
    named = joined(each) if len(each) <= FEW else f"{len(each)} networks by {least:.1f} to {most:.1f}"
    return [
        "**Not trained out**: over the last tenth of the steps the running training error still fell, for "
        f"{named} points. Longer training may change the order."
    ]


def _not_finite(curves: pd.DataFrame) -> list[str]:
    """The runs whose loss was infinite or not a number at an evaluation."""
    named = []
    for column, what in zip(LOSS_COLUMNS, ("training", "test"), strict=True):
        for run, rows in curves[curves[column].eq(math.inf)].groupby("run", sort=False):
            evaluations = "1 evaluation" if len(rows) == 1 else f"{len(rows)} evaluations"
            named.append(f"the {what} loss of {run} at {evaluations}, first at step {rows['step'].iloc[0]}")
    said = "An error that was measured beside such a loss says nothing of learning."
    return [f"**Not finite**: {joined(named)}. {said}"] if named else []
