"""The verdict where there are too many families or settings for a sentence each: counts, beside a table."""

import pandas as pd

from degradation.analysis import pairs
from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.reports.phrases import few, joined, lies, signed, spread
from degradation.runs.label import label, short

ALIKE = "alike"  # among the answers of `pairs`, for a difference that is zero in every seed
MANY = 3  # settings of one family, from which a report tells of them in a table


def settings(trained: pd.DataFrame) -> bool:
    """Whether a family was trained with many settings, and each family's lie between the same two depths.

    Args:
        trained: the rows of `differences.growth` of the clean training error.
    """
    of_family = trained.groupby("family")
    same = (of_family[["shallow", "deep"]].nunique() == 1).all(axis=None)
    return bool(same and (of_family.size() >= MANY).any())


def of_settings(trained: pd.DataFrame) -> list[str]:
    """Of each family: by how much training error grows with depth at its settings, and for how many of them
    that is beyond noise."""
    items = []
    for family, rows in trained.groupby("family", sort=False):
        ends = f"err({rows['deep'].iloc[0]}) - err({rows['shallow'].iloc[0]})"
        if len(rows) == 1:
            items.append(
                f"**{family}**: {ends} = {signed(rows['points'].iloc[0])} points {spread(rows.iloc[0])}."
            )
            continue
        grown_by = f"{ends} is {_span(rows)} points of training error"
        text = f"**{family}**, {len(rows)} settings: {grown_by}."
        sure = rows[rows["seeds"] >= ENOUGH_SEEDS]
        if len(sure):
            text += (
                f" The 95% interval lies {lies(sure)} of them; of all {sure['seeds'].sum()} differences, "
                f"paired by seed, {sure['above'].sum()} are above zero."
            )
        items.append(text)
    caveat = few(trained[trained["seeds"] < ENOUGH_SEEDS]["seeds"])
    return [*items, caveat] if caveat else items


def _span(rows: pd.DataFrame) -> str:
    """The growth at each of few settings, in their order; of more the least and the most."""
    low, high = signed(rows["points"].min()), signed(rows["points"].max())
    if low == high:
        return f"at each {low}"
    if len(rows) > MANY:
        return f"{low} to {high}"
    return joined(
        [f"{signed(row['points'])} ({short(row['variant']) or 'as it is'})" for _, row in rows.iterrows()]
    )


def of_families(told: pd.DataFrame) -> list[str]:
    """For which families leaving the shortcut out degrades training, and for which it doesn't.

    Args:
        told: what `pairs.pairs` returns.
    """
    alike = (told["answer"] == pairs.UNSURE) & (told["low"] == 0) & (told["high"] == 0)
    answers = told["answer"].mask(alike, ALIKE)
    names = {
        key: [label(*one) for one in told.loc[answers == key, ["family", "variant"]].to_numpy()]
        for key in dict.fromkeys(answers)
    }
    said = {
        pairs.YES: "Leaving the shortcut out **degrades training** for {}.",
        pairs.NO: "It **does not** for {}.",
        pairs.LESS: "It is **the other way round** for {}: the plain twin's error grows by less.",
        pairs.UNSURE: "It can't be told from noise for {}.",
        ALIKE: "Both end alike, in every seed, for {}: nothing to tell.",
    }
    items = [text.format(joined(names[key])) for key, text in said.items() if key in names]
    caveat = few(told[told["seeds"] < ENOUGH_SEEDS]["seeds"])
    if caveat:
        clear = f"Until then {pairs.CLEAR:g} point or more of clean training error counts."
        items.append(f"{caveat} {clear}")
    return items
