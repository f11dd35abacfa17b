"""The analyses by name: what each measures of a set of networks, and what is made of its table."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import nn

from degradation.errors import BadRequest
from degradation.families.catalog import family
from degradation.models import signals
from degradation.training import signals as along_training
from degradation.training.build import make_network
from degradation.why import (
    along,
    along_picture,
    budgets,
    budgets_picture,
    budgets_runs,
    convergence,
    convergence_picture,
    curvature,
    curvature_picture,
    landscape,
    landscape_picture,
    lesions,
    lesions_picture,
    paths,
    paths_picture,
    quantities,
    shattering,
    shattering_picture,
    signals_picture,
)
from degradation.why.quantities import FINAL, INITIAL
from degradation.why.trained import Trained

BATCH = 128  # training images whose responses and gradients are looked at
FEW = 16  # images whose gradients are sent back as polynomials
ON_PLANE = 13  # points on each side of the plane of a network's first seed
DEPTHS = (8, 14, 20, 32, 44, 56, 80, 110)  # at which shattering is measured
SEEDS = range(5)
Say = Callable[[str], None]
Row = tuple[str, int, pd.DataFrame]  # state (empty if there is one alone), images, table
Of = Callable[[Trained], Iterable[Row]]


@dataclass(frozen=True)
class Analysis:
    """One of them.

    Attributes:
        asks: its module's docstring: what it asks, what is claimed, what that predicts.
        shown: which images it is shown.
        measure: networks, how many images, where progress goes -> its table.
        quantities: table -> a few numbers a network, see `quantities`.
        draw: table and the line above the picture -> its picture.
    """

    asks: str
    shown: str
    measure: Callable[[Sequence[Trained], int, Say], pd.DataFrame]
    quantities: Callable[[pd.DataFrame], pd.DataFrame]
    draw: Callable[[pd.DataFrame, str], Figure]


def _states(run: Trained) -> Iterable[tuple[str, nn.Module, float]]:
    """The network at initialisation, if that can be rebuilt, and at the checkpoint; each with its lr."""
    initial = run.initial()
    if initial is not None:
        yield INITIAL, initial, run.settings.optimizer.lr
    yield FINAL, run.network, run.lr


def _each(name: str, runs: Sequence[Trained], of: Of, say: Say) -> pd.DataFrame:
    """The tables of all networks and states under each other.

    Networks that the analysis can't be made of are left out, and named.

    Raises:
        BadRequest: it can be made of none.
    """
    tables: list[pd.DataFrame] = []
    refused = ""
    for number, run in enumerate(runs, 1):
        say(f"{name} [{number}/{len(runs)}] {run.folder.name}")
        try:
            for state, images, table in of(run):
                state_column = {"state": state} if state else {}
                tables.append(_named(table, **run.named, **state_column, images=images))
        except BadRequest as error:
            refused = f"{name}: {run.folder.name} is left out: {error}"
            say(refused)
    if not tables:
        raise BadRequest(refused)
    return pd.concat(tables, ignore_index=True)


def _named(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The table behind columns that have one value each."""
    return pd.concat([pd.DataFrame(columns, index=table.index), table], axis=1)


def _signals(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch, decay = run.training_images(BATCH), run.settings.optimizer.weight_decay
        for state, network, lr in _states(run):
            yield state, len(batch[1]), signals.signals(network, *batch, lr=lr, weight_decay=decay)

    return _each("signals", runs, of, say)


def _along(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        yield "", min(along_training.BATCH, len(run.dataset.train)), along.along(run.folder)

    return _each("along", runs, of, say)


def _convergence(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        yield "", len(run.dataset.train), convergence.convergence(run.folder)

    return _each("convergence", runs, of, say)


def _shattering(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """Of networks as the runs', at more depths and with seeds of its own: none is trained."""
    kinds = {(run.record["family"], run.record["variant"]): run for run in runs}
    tables = []
    for (name, variant), run in kinds.items():
        model = run.settings.model
        batch, _ = run.training_images(BATCH)
        for depth in shattering.depths_of(family(name).depths(model.own()).values, DEPTHS):
            say(f"shattering {name}-{depth}")
            for seed in SEEDS:
                wanted = dataclasses.replace(
                    run.settings, seed=seed, model=dataclasses.replace(model, depth=depth)
                )
                table = shattering.shattering(make_network(wanted, run.dataset), batch)
                tables.append(
                    _named(table, family=name, depth=depth, variant=variant, seed=seed, images=len(batch))
                )
    return pd.concat(tables, ignore_index=True)


def _lesions(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch = run.test_images(images)
        yield "", len(batch[1]), lesions.lesions(run.network, *batch)

    return _each("lesions", runs, of, say)


def _landscape(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    first: dict[tuple[Any, ...], int] = {}
    for run in runs:
        key = tuple(run.named.values())[:3]
        first[key] = min(run.record["seed"], first.get(key, run.record["seed"]))

    def of(run: Trained) -> Iterable[Row]:
        *key, seed = run.named.values()
        batch = run.training_images(max(1, images // 4))
        points = ON_PLANE if first[tuple(key)] == seed else 0
        yield "", len(batch[1]), landscape.landscape(run.network, *batch, on_plane=points, seed=seed)

    return _each("landscape", runs, of, say)


def _curvature(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch = run.training_images(BATCH)
        for state, network, _ in _states(run):
            yield state, len(batch[1]), curvature.curvature(network, *batch, settle=state == INITIAL)

    return _each("curvature", runs, of, say)


def _paths(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch = run.training_images(FEW)
        for state, network, _ in _states(run):
            yield state, len(batch[1]), paths.paths(network, *batch, settle=state == INITIAL)

    return _each("paths", runs, of, say)


def _analysis(
    module: ModuleType,
    measure: Callable[[Sequence[Trained], int, Say], pd.DataFrame],
    numbers: Callable[[pd.DataFrame], pd.DataFrame],
    draw: Callable[[pd.DataFrame, str], Figure],
    shown: str = "training images",
) -> Analysis:
    return Analysis(module.__doc__ or "", shown, measure, numbers, draw)


ANALYSES: dict[str, Analysis] = {
    "signals": _analysis(signals, _signals, quantities.signals, signals_picture.draw),
    "along": _analysis(along, _along, quantities.along, along_picture.draw),
    "convergence": _analysis(convergence, _convergence, quantities.convergence, convergence_picture.draw),
    "budgets": _analysis(budgets, budgets_runs.curves, quantities.budgets, budgets_picture.draw),
    "shattering": _analysis(shattering, _shattering, quantities.shattering, shattering_picture.draw),
    "lesions": _analysis(lesions, _lesions, quantities.lesions, lesions_picture.draw, "test images"),
    "landscape": _analysis(landscape, _landscape, quantities.landscape, landscape_picture.draw),
    "curvature": _analysis(curvature, _curvature, quantities.curvature, curvature_picture.draw),
    "paths": _analysis(paths, _paths, quantities.paths, paths_picture.draw),
}


def chosen(names: str | None) -> list[str]:
    """The names in `signals,lesions`, in the order of `ANALYSES`; None is all.

    Raises:
        BadRequest: there is no such analysis.
    """
    given = list(ANALYSES) if names is None else [name.strip() for name in names.split(",")]
    for name in given:
        if name not in ANALYSES:
            raise BadRequest(f"--only {name}: not one of {', '.join(ANALYSES)}")
    return [name for name in ANALYSES if name in given]


def measure(names: Sequence[str], runs: Sequence[Trained], images: int, say: Say) -> dict[str, pd.DataFrame]:
    """The tables of the analyses, by name.

    Args:
        images: test images under a lesion; a quarter as many training images around a minimiser. The other
            analyses have numbers of their own.

    Raises:
        BadRequest: none can be made of any of the networks. Those that can't beside others are left out.
    """
    torch.manual_seed(0)  # nothing draws from it; if something did, it would be the same each time
    tables: dict[str, pd.DataFrame] = {}
    refused = None
    for name in names:
        try:
            tables[name] = ANALYSES[name].measure(runs, images, say)
        except BadRequest as error:
            refused = error
    if refused is not None and not tables:
        raise refused
    return tables
