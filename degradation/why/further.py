"""What is measured by training further from networks that are there: witness, around and lengths."""

import math
from collections.abc import Sequence

import pandas as pd

from degradation.runs import schema
from degradation.sweeps.sweep import cores
from degradation.why.measured import BATCH, Say, left_out, named
from degradation.why.networks.trained import Trained, deepest
from degradation.why.trials import around, lengths_runs, witness_runs
from degradation.why.trials.witness import can_be_made


def witness_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """Of each seed's shallowest and deepest plain network. It trains."""
    return _from_witnesses("witness", runs, witness_runs.SIZES, witness_runs.POINTS, say)


def around_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """The same with noise of more sizes, of residual networks and each change too, without the lines. It
    trains."""
    families = ("plain", "residual")
    return _from_witnesses("around", runs, around.SIZES, 0, say, families).drop(columns=["kind", "at"])


def _from_witnesses(
    name: str,
    runs: Sequence[Trained],
    sizes: Sequence[float],
    points: int,
    say: Say,
    families: Sequence[str] = ("plain",),
) -> pd.DataFrame:
    pairs = _pairs(runs, families)
    if not pairs:
        which = " or ".join(families)
        raise left_out(name, f"{which} networks of two depths and one seed, trained here", say)
    like = [run for shallow, deep in pairs for run in (shallow, *[deep] * len(sizes))]
    _say_what_trains(name, like, say)
    count = min(witness_runs.COUNT, len(pairs[0][1].dataset.train))
    tables = witness_runs.study(pairs, sizes=sizes, points=points)
    found = [named(own, **pair[1].named, images=count) for pair, own in zip(pairs, tables, strict=True)]
    return pd.concat(found, ignore_index=True)


def _pairs(runs: Sequence[Trained], families: Sequence[str]) -> list[witness_runs.Pair]:
    """For each family, variant and seed the shallowest and the deepest network that was trained here and that
    a witness can be made of."""
    found: dict[tuple[str, str, int], list[Trained]] = {}
    for run in runs:
        family, variant, seed = (run.record[key] for key in ("family", "variant", "seed"))
        if family in families and not run.record.get(schema.SOURCE) and can_be_made(run.network):
            found.setdefault((family, variant, seed), []).append(run)
    ordered = [sorted(own, key=lambda run: run.record["depth"]) for own in found.values()]
    return [(own[0], own[-1]) for own in ordered if own[0].record["depth"] < own[-1].record["depth"]]


def lengths_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """Of all that were trained here; two more are trained of each kind's and seed's deepest."""
    runs = [run for run in runs if run.record["init_sha256"]]
    if not runs:
        raise left_out("lengths", "networks that were trained here, whose start is known", say)
    trained_on = deepest(runs)
    _say_what_trains("lengths", trained_on * 2, say)
    tables = lengths_runs.study(runs, trained_on, BATCH)
    found = [named(own, **run.named, images=BATCH) for run, own in zip(runs, tables, strict=True)]
    return pd.concat(found, ignore_index=True)


def _say_what_trains(name: str, like: Sequence[Trained], say: Say) -> None:
    """How many networks an analysis trains, each as one of the runs, and how long that may take."""
    minutes = sum(run.record["seconds"] for run in like) / 60 / cores()
    say(
        f"{name}: trains {len(like)} networks, unless they are complete already: up to {math.ceil(minutes)} "
        f"minutes on {cores()} cores"
    )
