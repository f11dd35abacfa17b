"""What an experiment's runs show of one family beside its plain twin: rows of a table, and sentences."""

import math

import pandas as pd

from degradation.analysis import phrases
from degradation.analysis.pairs import NO, YES, pairs
from degradation.analysis.series import complete, label
from degradation.analysis.table import table
from degradation.analysis.verdict import ENOUGH_SEEDS, gap

CAVEAT = "One or two seeds can't tell noise from effect; three or more give an interval."
Cells = tuple[str, str, str, str, str]


def rows(runs: pd.DataFrame, family: str) -> list[Cells]:
    """The clean training error at the last step of a family's complete runs and their twins'.

    Returns:
        Of each variant and depth: variant, depth, the twin's error (percent), the network's, and the
        difference in points with its seeds; a dash where there is none.
    """
    means, gaps = table(runs), gap(runs)
    gaps = gaps[(gaps["measure"] == "train_error") & gaps["points"].notna()]
    made = []
    for _, row in means[means["family"] == family].iterrows():
        twin, difference = math.nan, phrases.percent(math.nan)
        network = [gaps[key] == row[key] for key in ("family", "variant", "depth")]
        for _, found in gaps[network[0] & network[1] & network[2]].iterrows():
            own = (means["family"] == found["twin"]) & (means["variant"] == found["twin_variant"])
            twin = means[own & (means["depth"] == row["depth"])]["train_error_mean"].iloc[0]
            difference = phrases.points(found)
        errors = (phrases.percent(twin), phrases.percent(row["train_error_mean"]))
        made.append((str(row["variant"]), str(row["depth"]), *errors, difference))
    return made


def sentences(runs: pd.DataFrame, family: str) -> list[str]:
    """By how many points training error changes with depth, for the twin and for the network, and whether
    leaving the shortcut out degrades training; a sentence for each variant that has two depths."""
    found = pairs(runs)
    made = []
    for _, row in found[found["family"] == family].iterrows():
        own, plain = (row[f"{who}_deep"] - row[f"{who}_shallow"] for who in ("network", "twin"))
        verdict = {
            YES: "Leaving the shortcut out degrades training",
            NO: "No degradation without the shortcut",
        }
        said = verdict.get(row["answer"], f"Leaving the shortcut out degrades training: {row['answer']}")
        made.append(
            f"from {row['shallow']} to {row['deep']} layers the training error changes by "
            f"{phrases.signed(plain)} points for {label(row['twin'], row['twin_variant'])} and by "
            f"{phrases.signed(own)} for {label(family, row['variant'])}; the difference is "
            f"{phrases.points(row, ' points')}. **{said}.**"
        )
    return made


def few(runs: pd.DataFrame, family: str) -> bool:
    """Whether a network of the family has fewer seeds than an interval takes."""
    done = complete(runs)
    counts = done[done["family"] == family].groupby(["variant", "depth"]).size()
    return bool((counts < ENOUGH_SEEDS).any())
