"""Complete runs beside the curves of somebody who trained the same networks, epoch by epoch."""

import pandas as pd

from degradation.analysis.series import NETWORK, complete, ordered

ERRORS = ("train_error", "test_error")
OURS = [*NETWORK, "epoch", *ERRORS, "train_error_running", "runs"]
ENDS = ("", "_then", "_end")
TABLE = ["family", "depth", "runs", "epoch", "epochs", *(f"{e}{end}" for e in ERRORS for end in ENDS)]


def ours(runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """The mean curve of each network's complete runs over epochs.

    Returns:
        Columns family, variant, depth, epoch, train_error (clean), test_error, train_error_running (percent;
        NaN where not measured), runs. The steps at which all runs were evaluated.
    """
    named = curves.merge(complete(runs)[["run", *NETWORK]], on="run")
    groups = named.groupby([*NETWORK, "step"])
    frame = groups[["epoch", *ERRORS, "train_error_running"]].mean()
    frame["runs"] = groups.size()
    frame = frame.reset_index()
    most = frame.groupby(NETWORK)["runs"].transform("max")
    return ordered(frame[frame["runs"] == most])[OURS]


def table(own: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """The ends of our curves beside the others' at the same epoch and at their own end.

    Args:
        own: what `ours` returns.
        theirs: columns `runs.reproduction.COLUMNS`.

    Returns:
        A row per network that both trained: family, depth, runs, epoch (ours), epochs (theirs), and of each
        error ours, theirs after as many epochs (`_then`) and theirs at the end (`_end`), in percent.
    """
    rows = []
    for (family, depth), line in own[own["variant"] == ""].groupby(["family", "depth"], sort=False):
        other = theirs[(theirs["family"] == family) & (theirs["depth"] == depth)].sort_values("epoch")
        if other.empty:
            continue
        last = line.iloc[-1]
        then = other[other["epoch"] <= last["epoch"] + 0.5]
        row = {"family": family, "depth": depth, "runs": last["runs"], "epoch": last["epoch"]}
        row["epochs"] = other["epoch"].iloc[-1]
        for error in ERRORS:
            row[error], row[f"{error}_end"] = last[error], other[error].iloc[-1]
            row[f"{error}_then"] = then[error].iloc[-1] if len(then) else float("nan")
        rows.append(row)
    return pd.DataFrame(rows, columns=TABLE)
