"""Changes: does it help to change what an explanation blames?

What differs between networks with shortcuts and without may be the cause of their ends, or merely go with it.
A change that takes the cause away, and leaves the network's layers, seed and batches as they are, has to
lower the training error of a plain network; one that brings it back has to raise that of a network with
shortcuts. Here is the clean training error at the end with each change, minus that of the same network as it
is. Where a change that should help doesn't, it may have been too weak: look at what it did to the cause.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from degradation.analysis.series import WARMUP, complete, plain_twin
from degradation.errors import BadRequest
from degradation.runs.label import short
from degradation.runs.store import NETWORK, Experiment

LR, LENGTH = "optimizer.lr", "schedule.warmup.steps"
WARMED, LONGER = "a warm-up", "a longer warm-up"
BEFORE = " as it is"  # how the columns of the network without the change end


def changes(recorded: Experiment) -> pd.DataFrame:
    """Each complete run with a change beside the one of its seed without; the weights aren't needed.

    Returns:
        Columns: family, depth, variant, seed; train_error (clean, at the last step, percent); change, in
        words; as_it_is, the error of the network without the change; with_shortcuts, of a plain network that
        of the unchanged family that it is the twin of, NaN where there is none.

    Raises:
        BadRequest: no network was trained both as it is and with a change.
    """
    done = complete(recorded.runs)
    done = done.assign(train_error=pd.to_numeric(done["train_error"], errors="coerce"))
    done = done.dropna(subset="train_error")
    same = ["family", "depth", "seed"]
    settings = [f"config.{LR}", f"config.{LENGTH}"]  # of adopted networks they may not be known
    done = done.assign(**{key: "" for key in settings if key not in done})
    base = done.loc[done["variant"] == "", [*same, "train_error", *settings]]
    both = done[done["variant"] != ""].merge(base, on=same, suffixes=("", BEFORE))
    if both.empty:
        raise BadRequest(
            "changes: left out: it takes networks as they are and changed, as of experiment=ladder_shapes"
        )
    named = [_named(run) for run in both.to_dict("records")]
    table = both[[*NETWORK, "train_error"]].assign(change=named, as_it_is=both[f"train_error{BEFORE}"])
    shortcuts = base[[*same, "train_error"]].rename(columns={"train_error": "with_shortcuts"})
    twins = shortcuts.assign(family=shortcuts["family"].map(plain_twin))
    twins = twins[twins["family"] != shortcuts["family"]].drop_duplicates(same)
    return _apart(table.merge(twins, on=same, how="left"))


def _named(run: Mapping[Hashable, Any]) -> str:
    """A change in words that are the same in experiments with other numbers."""
    variant = str(run["variant"])
    keys = [part.partition("=")[0] for part in variant.split(",")]
    (lr, lr_before), (length, length_before) = (
        [float(run[f"config.{key}{end}"] or 0) for end in ("", BEFORE)] for key in (LR, LENGTH)
    )
    if keys == [LR] and lr_before:
        return f"a learning rate {lr / lr_before:g} times as high"
    if all(key.startswith(WARMUP) for key in keys) and length > length_before:
        return LONGER if length_before else WARMED
    return short(variant)


def _apart(table: pd.DataFrame) -> pd.DataFrame:
    """The table, where two changes that have the same words are called by their settings."""
    several = table.groupby(["family", "change"])["variant"].transform("nunique") > 1
    return table.assign(change=table["change"].mask(several, table["variant"].map(short)))
