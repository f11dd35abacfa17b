"""Run folders of several lengths -> the table of their curves, which `budgets.py` reads."""

from collections.abc import Callable, Sequence

import pandas as pd

from degradation.errors import BadRequest
from degradation.why.budgets import without_steps
from degradation.why.convergence import COLUMNS, convergence
from degradation.why.trained import Trained


def curves(runs: Sequence[Trained], images: int, say: Callable[[str], None]) -> pd.DataFrame:
    """See `budgets.ends`.

    Raises:
        BadRequest: all have one length, or a curve is damaged.
    """
    if len({run.settings.train.steps for run in runs}) < 2:
        refused = "budgets: left out: it takes runs of several train.steps, as of experiment=budgets_shapes"
        say(refused)
        raise BadRequest(refused)
    tables = []
    for run in runs:
        named = {**run.named, "variant": without_steps(run.record["variant"])}
        own = {"images": len(run.dataset.train), "steps": run.settings.train.steps}
        curve = convergence(run.folder).assign(**named, **own, clean=run.record["train_error"])
        tables.append(curve[[*named, *own, *COLUMNS, "clean"]])
    return pd.concat(tables, ignore_index=True).astype({"clean": "float64"})
