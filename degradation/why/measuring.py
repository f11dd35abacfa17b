"""The analyses of a command one after another, each kept as soon as it is there."""

import time
from collections.abc import Sequence

import pandas as pd
import torch

from degradation.errors import BadRequest
from degradation.files import Unfinished
from degradation.runs.store import Experiment
from degradation.why import tables
from degradation.why.analyses import ANALYSES
from degradation.why.measured import Said, Say
from degradation.why.networks.trained import Started


def measure(
    names: Sequence[str],
    recorded: Experiment,
    runs: Sequence[Started],
    images: int,
    kept: Unfinished,
    say: Say,
) -> dict[str, pd.DataFrame]:
    """The tables of the analyses, by name; how long each took is said.

    Args:
        recorded: what all runs recorded, as `store.load` gives it.
        runs: the complete ones; none are needed where `need_networks` is empty.
        images: under a lesion; a quarter as many around a minimiser. Others have numbers of their own.
        kept: where each table goes at once; those that are there already are taken from it.

    Raises:
        BadRequest: none can be made of any of the networks. Those that can't beside others are left out.
    """
    torch.manual_seed(0)  # nothing draws from it; if something did, it would be the same each time
    found: dict[str, pd.DataFrame] = {}
    refused = None
    for name in names:
        since, before = time.perf_counter(), kept.read(f"{name}.csv")
        if before is not None:
            found[name] = tables.measured(before)
            say(f"{name}: measured before this command was stopped")
            continue
        try:
            found[name] = ANALYSES[name].table(recorded, runs, images, say)
        except BadRequest as error:
            refused = error
            if not isinstance(error, Said):
                say(str(error))
        else:
            kept.keep(f"{name}.csv", tables.text(found[name]))
            say(f"{name}: {time.perf_counter() - since:.0f} s")
    if refused is not None and not found:
        raise refused
    return found
