"""Budgets: does a deep plain network get there, given more steps?

He et al. (2015, section 4.1) conjecture that deep plain networks have exponentially low convergence rates. If
they are only slow, a deep one that is trained for longer reaches the training error of a shallow one, and the
steps that this takes grow with depth; if they fail, it stays behind however long it trains. A *budget* is a
number of steps with a whole schedule of learning rates. A network *gets there* if its training error is at
most one point above that of the shallowest of its family and seed at the smallest budget. What doesn't get
there within the largest budget has no number of steps: it stays missing, and is counted.
"""

import math

import pandas as pd

from degradation.analysis.pairs import CLEAR
from degradation.analysis.series import complete
from degradation.errors import BadRequest
from degradation.runs.store import NETWORK, Experiment
from degradation.why.numbers import convergence

KEY = "train.steps="  # how a variant names a budget other than the experiment's own


def without_steps(variant: str) -> str:
    """A variant without its budget, which has a column of its own."""
    return ",".join(part for part in variant.split(",") if not part.startswith(KEY))


def curves(recorded: Experiment) -> pd.DataFrame:
    """The curves of the complete runs, with what `ends` needs; the weights aren't needed.

    Raises:
        BadRequest: all have one length, or none recorded a curve.
    """
    done = complete(recorded.runs)
    if done["steps"].nunique() < 2:
        raise BadRequest(
            "budgets: left out: it takes runs of several train.steps, as of experiment=budgets_shapes"
        )
    ended = done[[*NETWORK, "steps"]].assign(clean=done["train_error"])
    table = convergence.convergence(recorded).merge(ended, on=list(NETWORK))
    return table.assign(variant=[without_steps(variant) for variant in table["variant"]])


def ends(curves: pd.DataFrame) -> pd.DataFrame:
    """The last row of each run.

    Args:
        curves: a row an evaluation: `NETWORK`, `convergence.COLUMNS` (`error` is the running training error),
            `steps` (the budget) and `clean` (the clean training error at the end); errors in percent.
    """
    curves = curves.reset_index(drop=True)
    return curves.loc[curves.groupby([*NETWORK, "steps"])["step"].idxmax()]


def budgets(curves: pd.DataFrame) -> pd.DataFrame:
    """When each network gets where the shallowest of its series and seed gets at the smallest budget.

    Args:
        curves: see `ends`.

    Returns:
        A row a network: `NETWORK`; `level`, the shallowest's clean training error (percent; NaN: not there);
        `budget`, the smallest that ends at most `CLEAR` points above it; `step`, the first of the largest
        budget's at which the running training error is as near to the shallowest's running one; `there`,
        whether it gets there at all (1 or 0); `beyond`, by how much the clean error at the largest budget
        lies above the level, `fell`, below its own at the smallest budget, and `last`, below its own at the
        second largest (points); `rate`, the b of error ~ steps^-b over the budgets. NaN where it isn't
        reached, or where it can't be told because a run is missing.
    """
    at_end = ends(curves)
    rows = []
    for key, series in at_end.groupby(["family", "variant", "seed"], sort=False):
        family, variant, seed = key
        of_series = at_end[(at_end["family"] == family) & (at_end["variant"] == variant)]
        every = sorted(of_series["steps"].unique())
        first = series[(series["depth"] == of_series["depth"].min()) & (series["steps"] == every[0])]
        level = float(first["clean"].iloc[0]) if len(first) else math.nan
        running = float(first["error"].iloc[0]) if len(first) else math.nan
        for depth, own in series.groupby("depth"):
            row = {"family": family, "depth": depth, "variant": variant, "seed": seed, "level": level}
            longest = _of(curves, row, every[-1])
            step = convergence.reached(longest, running + CLEAR)
            rows.append({**row, **_reached(own.set_index("steps")["clean"], every, level), "step": step})
    return pd.DataFrame(rows)


def _of(curves: pd.DataFrame, row: dict[str, object], steps: int) -> pd.DataFrame:
    """The curve of a network at a budget."""
    same = curves["steps"] == steps
    for column in NETWORK:
        same &= curves[column] == row[column]
    return curves[same]


def _reached(clean: pd.Series, every: list[int], level: float) -> dict[str, float]:
    """What the clean errors of a network by budget say, where `every` budget is asked for."""
    clean = clean.reindex(every)
    near = clean.index[clean <= level + CLEAR]
    unknown = math.isnan(level) or clean.isna().any()
    return {
        "budget": float(near[0]) if len(near) and clean[: near[0]].notna().all() else math.nan,
        "there": 1.0 if len(near) else math.nan if unknown else 0.0,
        "beyond": clean.iloc[-1] - level,
        "fell": clean.iloc[0] - clean.iloc[-1],
        "last": clean.iloc[-2] - clean.iloc[-1],
        "rate": convergence.rate(pd.DataFrame({"step": every, "lr": 0.0, "error": clean.to_numpy()})),
    }
