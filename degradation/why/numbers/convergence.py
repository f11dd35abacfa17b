"""Convergence: do plain networks fail, or are they only slow?

He et al. (2015, section 4.1) conjecture that deep plain networks have exponentially low convergence rates. If
they are only slow, a deep one reaches the error of a shallow one later, and more steps close the gap; if they
fail, it stays however long they train. Here is when the running training error first falls below a level, and
how fast it falls while the learning rate is the first one: error ~ steps^-rate.
"""

import numpy as np
import pandas as pd

from degradation.analysis.series import complete
from degradation.errors import BadRequest
from degradation.runs.store import NETWORK, Experiment

COLUMNS = ("step", "lr", "error")
LEVELS = (50.0, 20.0, 10.0)  # percent


def convergence(recorded: Experiment) -> pd.DataFrame:
    """The curves of the complete runs; the weights aren't needed.

    Returns:
        A row an evaluation: `NETWORK`, `step`, `lr` (of the last step) and `error`, the running training
        error in percent.

    Raises:
        BadRequest: no complete run recorded one.
    """
    curves = recorded.curves.rename(columns={"train_error_running": "error"}).dropna(subset="error")
    table = complete(recorded.runs)[["run", *NETWORK]].merge(curves, on="run")[[*NETWORK, *COLUMNS]]
    if table.empty:
        raise BadRequest("convergence: left out: no complete run recorded its running training error")
    return table


def reached(curve: pd.DataFrame, level: float) -> float:
    """The first step at which the error is at most `level` (percent); NaN: it never was."""
    below = curve[curve["error"] <= level]["step"]
    return float(below.min()) if len(below) else float("nan")


def rate(curve: pd.DataFrame) -> float:
    """The least-squares b of error ~ steps^-b over the rows of the first learning rate; NaN of fewer than
    three. A network that doesn't learn has 0."""
    own = curve[(curve["lr"] == curve["lr"].iloc[0]) & (curve["error"] > 0)]
    if len(own) < 3:
        return float("nan")
    return float(-np.polyfit(np.log(own["step"]), np.log(own["error"]), 1)[0])
