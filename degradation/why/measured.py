"""What is measured of a set of networks: for each analysis the table of all of them under each other."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
from torch import nn

from degradation.errors import BadRequest
from degradation.families.catalog import family
from degradation.models import signals
from degradation.training import signals as along_training
from degradation.training.parts import make_network
from degradation.why.inside import along, curvature, landscape, lesions, paths, sharpness, shattering
from degradation.why.networks.trained import Kind, Started, Trained, deepest
from degradation.why.numbers import quantities
from degradation.why.numbers.forecast import AT_START, ENOUGH
from degradation.why.numbers.quantities import FINAL, INITIAL

BATCH = 128  # training images whose responses and gradients are looked at
FEW = 16  # images whose gradients are sent back as polynomials
ON_STEP = 64  # images of the Hessian along training, and of a forecast: as many as a small batch
ON_PLANE = 13  # points on each side of the plane of a network's first seed
DEPTHS = (8, 14, 20, 32, 44, 56, 80, 110)  # at which shattering is measured
SEEDS = range(5)
Say = Callable[[str], None]


class Said(BadRequest):
    """That an analysis can't be made, which was said where it was found."""


Row = tuple[str, int, pd.DataFrame]  # state (empty if there is one alone), images, table


def states(run: Started) -> Iterable[tuple[str, nn.Module, float]]:
    """The network at initialisation, if that can be rebuilt, and at the checkpoint, if it has its weights;
    each with its lr."""
    initial = run.initial()
    if initial is not None:
        yield INITIAL, initial, run.first_lr
    if isinstance(run, Trained):
        yield FINAL, run.network, run.lr


def each(
    name: str,
    runs: Sequence[Kind],
    of: Callable[[Kind], Iterable[Row]],
    say: Say,
) -> pd.DataFrame:
    """The tables of all networks and states under each other.

    Networks that the analysis can't be made of are left out, and named.

    Raises:
        Said: it can be made of none.
    """
    tables: list[pd.DataFrame] = []
    refused = ""
    for number, run in enumerate(runs, 1):
        say(f"{name} [{number}/{len(runs)}] {run.folder.name}")
        try:
            for state, images, table in of(run):
                state_column = {"state": state} if state else {}
                tables.append(named(table, **run.named, **state_column, images=images))
        except BadRequest as error:
            refused = f"{name}: {run.folder.name} is left out: {error}"
            say(refused)
    if not tables:
        raise Said(refused)
    return pd.concat(tables, ignore_index=True)


def left_out(name: str, takes: str, say: Say) -> Said:
    """That an analysis can't be made of any of these networks, to be raised; said once."""
    refused = f"{name}: left out: it takes {takes}"
    say(refused)
    return Said(refused)


def _each_state(
    name: str, runs: Sequence[Started], count: int, table: Callable[..., pd.DataFrame], say: Say
) -> pd.DataFrame:
    """At initialisation, with BN settled on so many training images, and at the checkpoint."""

    def of(run: Started) -> Iterable[Row]:
        batch = run.training_images(count)
        for state, network, _ in states(run):
            yield state, len(batch[1]), table(network, *batch, settle=state == INITIAL)

    return each(name, runs, of, say)


def named(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The table behind columns that have one value each."""
    return pd.concat([pd.DataFrame(columns, index=table.index), table], axis=1)


def signals_of(runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
    def of(run: Started) -> Iterable[Row]:
        batch, decay = run.training_images(BATCH), run.settings.optimizer.weight_decay
        for state, network, lr in states(run):
            yield state, len(batch[1]), signals.signals(network, *batch, lr=lr, weight_decay=decay)

    return each("signals", runs, of, say)


def along_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        yield "", min(along_training.BATCH, len(run.dataset.train)), along.along(run.folder)

    return each("along", runs, of, say)


def shattering_of(runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
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
                    named(table, family=name, depth=depth, variant=variant, seed=seed, images=len(batch))
                )
    return pd.concat(tables, ignore_index=True)


def lesions_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch = run.test_images(images)
        yield "", len(batch[1]), lesions.lesions(run.network, *batch)

    return each("lesions", runs, of, say)


def landscape_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    first: dict[tuple[Any, ...], int] = {}
    for run in runs:
        key = tuple(run.named.values())[:3]
        first[key] = min(run.record["seed"], first.get(key, run.record["seed"]))

    def of(run: Trained) -> Iterable[Row]:
        *key, seed = run.named.values()
        batch = run.training_images(max(1, images // 4))
        points = ON_PLANE if first[tuple(key)] == seed else 0
        yield "", len(batch[1]), landscape.landscape(run.network, *batch, on_plane=points, seed=seed)

    return each("landscape", runs, of, say)


def curvature_of(runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
    return _each_state("curvature", runs, BATCH, curvature.curvature, say)


def sharpness_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    def of(run: Trained) -> Iterable[Row]:
        batch = run.training_images(ON_STEP)
        found = {step: run.at(path) for step, path in sharpness.looked_at(run.folder).items()}
        initial = run.initial()
        looks = ({} if initial is None else {0: initial}) | found
        rows = [(step, sharpness.sharpness(network, *batch)) for step, network in looks.items()]
        yield "", len(batch[1]), pd.DataFrame(rows, columns=list(sharpness.COLUMNS))

    return each("sharpness", runs, of, say)


def paths_of(runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
    return _each_state("paths", runs, FEW, paths.paths, say)


def forecast_of(runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
    """Of the deepest network of each kind and seed the numbers of `quantities` at initialisation."""
    deep = deepest(runs)
    if len({(run.record["family"], run.record["variant"]) for run in deep}) < ENOUGH:
        raise left_out("forecast", f"networks of {ENOUGH} kinds or more", say)

    def of(run: Started) -> Iterable[Row]:
        start = run.initial()
        if start is None:
            raise BadRequest("its start is not known")
        images, labels = batch = run.training_images(ON_STEP)
        decay = run.settings.optimizer.weight_decay
        tables = {
            quantities.signals: signals.signals(start, *batch, lr=run.first_lr, weight_decay=decay),
            quantities.shattering: shattering.shattering(start, images),
            quantities.curvature: curvature.curvature(start, *batch, top=1, settle=True),
        }
        found = pd.concat([numbers(named(table, **run.named)) for numbers, table in tables.items()])
        found = found[found["quantity"].isin(AT_START)][["quantity", "value"]].reset_index(drop=True)
        yield "", len(labels), found.assign(train_error=run.record["train_error"])

    return each("forecast", deep, of, say)
