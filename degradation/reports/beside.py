"""What an experiment's runs show of one family beside its plain twin: rows of a table, and sentences."""

import math
from typing import Any

import pandas as pd

from degradation.analysis.differences import ENOUGH_SEEDS, gap
from degradation.analysis.pairs import NO, YES, pairs
from degradation.analysis.series import complete, config_value, identity_columns, ordered, pixels
from degradation.analysis.table import table
from degradation.reports import phrases
from degradation.runs.label import label

CAVEAT = "One or two seeds can't tell noise from effect; three or more give an interval."
COLUMNS = ("keys", "depth", "width", "px", "twin's parameters", "parameters")  # then three of errors
DASH = "–"
# How often a run is measured doesn't change it, and neither does the experiment that it belongs to.
MEASURED = frozenset({"config.train.evaluate_every", "config.train.evaluate_train_every"})
SAME = ["family", "depth", "seed", "steps", "init_sha256", "data_sha256", "stream_sha256"]


def rows(runs: pd.DataFrame, family: str) -> list[tuple[str, ...]]:
    """The clean training error at the last step of a family's complete runs and their twins'.

    Returns:
        Of each variant and depth: `COLUMNS` as trained (px: of the images' sides), the twin's error
        (percent), the network's, and the difference in points with its seeds; a dash where there is none.
    """
    means, gaps = table(runs), gap(runs)
    firsts = own_runs(runs, family).set_index(["variant", "depth"])
    gaps = gaps[(gaps["measure"] == "train_error") & gaps["points"].notna()]
    made: list[tuple[str, ...]] = []
    for _, row in means[means["family"] == family].iterrows():
        twin, count, difference = math.nan, DASH, DASH
        network = [gaps[key] == row[key] for key in ("family", "variant", "depth")]
        for _, found in gaps[network[0] & network[1] & network[2]].iterrows():
            own = (means["family"] == found["twin"]) & (means["variant"] == found["twin_variant"])
            plain = means[own & (means["depth"] == row["depth"])].iloc[0]
            twin, count = plain["train_error_mean"], f"{plain['parameters']:,}"
            difference = phrases.points(found)
        first = firsts.loc[(row["variant"], row["depth"])]
        size = (str(model(first)["width"]), str(pixels(first)), count, f"{row['parameters']:,}")
        errors = (phrases.percent(twin), phrases.percent(row["train_error_mean"]))
        made.append((str(row["variant"]), str(row["depth"]), *size, *errors, difference))
    return made


def own_runs(runs: pd.DataFrame, family: str) -> pd.DataFrame:
    """The first complete run of each variant and depth of a family."""
    done = complete(runs)
    return ordered(done[done["family"] == family].drop_duplicates(["variant", "depth"]))


def model(run: pd.Series) -> dict[str, Any]:
    """A run's `model.*`, without those that its family doesn't take."""
    values = {
        str(key).removeprefix("config.model."): config_value(str(cell))
        for key, cell in run.items()
        if str(key).startswith("config.model.")
    }
    return {key: value for key, value in values.items() if value is not None}


def repeated(runs: pd.DataFrame, earlier: pd.DataFrame) -> list[str]:
    """The networks, by label, of which every run is also one of `earlier`'s: the same network from the same
    initial values, on the same batches by the same recipe."""
    config = sorted({*identity_columns(runs), *identity_columns(earlier)} - MEASURED)
    keys = [*SAME, *config]
    there = {tuple(str(run.get(key, "")) for key in keys) for _, run in complete(earlier).iterrows()}
    networks: dict[str, list[bool]] = {}
    for _, run in ordered(complete(runs)).iterrows():
        name = label(run["family"], run["variant"], run["depth"])
        same = tuple(str(run.get(key, "")) for key in keys) in there
        networks.setdefault(name, []).append(same)
    return [name for name, found in networks.items() if all(found)]


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
