"""From the curves of all runs to the lines of Fig. 6."""

from collections.abc import Sequence

import pandas as pd

from degradation.analysis.series import NETWORK, complete, ordered
from degradation.runs.schema import COMPLETE

DRAWN = ("train_error_running", "test_error")


def _columns(measures: Sequence[str]) -> list[str]:
    return [
        *NETWORK,
        "line",
        "runs",
        "step",
        *(f"{m}{end}" for m in measures for end in ("", "_low", "_high")),
    ]


COLUMNS = _columns(DRAWN)


def lines(runs: pd.DataFrame, curves: pd.DataFrame, measures: Sequence[str] = DRAWN) -> pd.DataFrame:
    """The lines of the picture of the curves.

    A network's complete runs are one line, their mean, where all of them were evaluated at that step; each
    unfinished or failed run is a line of its own. Columns: family, variant, depth, line (empty for a mean,
    else the run), runs (how many it stands for), step, and of each measure the mean, and the lowest and
    highest run (`_low`, `_high`), in percent; NaN where not measured.
    """
    named = curves.merge(runs[["run", "status", *NETWORK]], on="run")
    named["line"] = named["run"].where(named["status"] != COMPLETE, "")
    groups = named.groupby([*NETWORK, "line", "step"])
    frame = groups.size().rename("present").to_frame()
    for measure in measures:
        numbers = groups[measure].agg(["mean", "min", "max", "count"])
        numbers = numbers[["mean", "min", "max"]].where(numbers["count"] == frame["present"])
        frame[[measure, f"{measure}_low", f"{measure}_high"]] = numbers
    frame = frame.reset_index()
    sizes = complete(runs).groupby(NETWORK).size().rename("runs").reset_index()
    frame = frame.merge(sizes, on=NETWORK, how="left")
    frame["runs"] = frame["runs"].where(frame["line"] == "", 1).astype("int64")
    return ordered(frame[frame["present"] == frame["runs"]][_columns(measures)])


def still_falling(drawn: pd.DataFrame, last: float = 0.1) -> pd.DataFrame:
    """By how many points the running training error of each network fell over the last part of its steps.

    Args:
        drawn: what `lines` returns.
        last: that part of the steps, by default the last tenth.

    Returns:
        Columns family, variant, depth, points (positive: it fell; NaN where it can't be told).
    """
    rows = []
    for network, line in drawn[drawn["line"] == ""].groupby(NETWORK):
        line = line[line["train_error_running"].notna()]
        before = line[line["step"] <= (1 - last) * line["step"].max()]["train_error_running"]
        now = line["train_error_running"]
        points = before.iloc[-1] - now.iloc[-1] if len(before) else float("nan")
        rows.append((*network, points))
    return ordered(pd.DataFrame(rows, columns=[*NETWORK, "points"]))
