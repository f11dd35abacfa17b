"""Along training: when do signals go wrong?

A network that can't be trained may be ill from the start, or break in its first steps. Here are the numbers
of the layers at each step at which training looked at them (`train.signals_every`). If gradients vanish, they
do so at step 0; if large first steps break plain networks, rank collapses and responses grow early on.
"""

from pathlib import Path

import pandas as pd

from degradation.errors import BadRequest
from degradation.models.signals import COLUMNS
from degradation.runs import schema


def along(folder: Path) -> pd.DataFrame:
    """The signals.csv of a run folder: `step`, and `signals.COLUMNS`.

    Raises:
        BadRequest: it is damaged, or the network was trained without it.
    """
    path = folder / schema.SIGNALS
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise BadRequest(f"{path}: not there: train with train.signals_every=<steps>") from None
    except ValueError:
        table = pd.DataFrame()
    if list(table) != ["step", *COLUMNS]:
        raise BadRequest(f"{path}: damaged: its columns should be step, {', '.join(COLUMNS)}")
    return table
