"""The analyses by name: what each measures of a set of networks, and what is made of its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import pandas as pd
from matplotlib.figure import Figure

from degradation.errors import BadRequest
from degradation.models import signals
from degradation.runs.store import Experiment
from degradation.why import families, further, measured
from degradation.why.inside import (
    along,
    columns,
    curvature,
    landscape,
    lesions,
    paths,
    reuse,
    sharpness,
    shattering,
)
from degradation.why.measured import Say
from degradation.why.networks.trained import Started, Trained
from degradation.why.numbers import (
    budgets,
    changes,
    convergence,
    families_quantities,
    forecast,
    further_quantities,
    overfitting,
    quantities,
)
from degradation.why.numbers.compare import changed, compare
from degradation.why.pictures import (
    along_picture,
    around_picture,
    budgets_picture,
    changes_picture,
    columns_picture,
    convergence_picture,
    curvature_picture,
    forecast_picture,
    landscape_picture,
    lengths_picture,
    lesions_picture,
    overfitting_picture,
    paths_picture,
    reuse_picture,
    sharpness_picture,
    shattering_picture,
    signals_picture,
    witness_picture,
)
from degradation.why.trials import around, lengths, witness

Measure = Callable[[Sequence[Trained], int, Say], pd.DataFrame]
MeasureStart = Callable[[Sequence[Started], int, Say], pd.DataFrame]
Quantities = Callable[[pd.DataFrame], pd.DataFrame]
Draw = Callable[[pd.DataFrame, str], Figure]
Read = Callable[[Experiment], pd.DataFrame]


@dataclass(frozen=True)
class Analysis:
    """One of them.

    Attributes:
        asks: its module's docstring: what it asks, what is claimed, what that predicts.
        shown: which images it is shown.
        measure: networks, how many images, where progress goes -> its table; None where one of the next two
            makes it.
        at_start: the same, of networks before training and, where they have them, with their weights.
        numbers: table -> the rows of summary.csv, see `compare`.
        draw: table and the line above the picture -> its picture.
        read: what runs recorded -> its table, without weights.
        asked_for: whether it is measured only where it is named, since it takes long.
    """

    asks: str
    shown: str
    measure: Measure | None
    numbers: Quantities
    draw: Draw
    read: Read | None = None
    at_start: MeasureStart | None = None
    asked_for: bool = False

    def table(self, recorded: Experiment, runs: Sequence[Started], images: int, say: Say) -> pd.DataFrame:
        if self.read is not None:
            return self.read(recorded)
        if self.at_start is not None:
            return self.at_start(runs, images, say)
        assert self.measure is not None
        return self.measure([run for run in runs if isinstance(run, Trained)], images, say)


def compared(numbers: Quantities) -> Quantities:
    """The comparisons of a few numbers a network, see `quantities`."""
    return lambda table: compare(numbers(table))


def _analysis(
    module: ModuleType,
    measure: Measure,
    numbers: Quantities,
    draw: Draw,
    shown: str = "training images",
    asked_for: bool = False,
) -> Analysis:
    return Analysis(module.__doc__ or "", shown, measure, compared(numbers), draw, asked_for=asked_for)


def _started(module: ModuleType, at_start: MeasureStart, numbers: Quantities, draw: Draw) -> Analysis:
    return Analysis(module.__doc__ or "", "training images", None, compared(numbers), draw, at_start=at_start)


def _recorded(module: ModuleType, read: Read, numbers: Quantities, draw: Draw, shown: str) -> Analysis:
    return Analysis(module.__doc__ or "", shown, None, compared(numbers), draw, read)


ANALYSES: dict[str, Analysis] = {
    "overfitting": _recorded(
        overfitting,
        overfitting.overfitting,
        quantities.overfitting,
        overfitting_picture.draw,
        "all training images and all test images",
    ),
    "witness": _analysis(witness, further.witness_of, further_quantities.witness, witness_picture.draw),
    "around": _analysis(
        around, further.around_of, further_quantities.around, around_picture.draw, asked_for=True
    ),
    "signals": _started(signals, measured.signals_of, quantities.signals, signals_picture.draw),
    "along": _analysis(along, measured.along_of, quantities.along, along_picture.draw),
    "convergence": _recorded(
        convergence,
        convergence.convergence,
        quantities.convergence,
        convergence_picture.draw,
        "the batches of training",
    ),
    "budgets": _recorded(
        budgets,
        budgets.curves,
        quantities.budgets,
        budgets_picture.draw,
        "the batches of training, and at the end on all training images",
    ),
    "changes": Analysis(
        changes.__doc__ or "",
        "all training images",
        None,
        lambda table: changed(quantities.changes(table)),
        changes_picture.draw,
        changes.changes,
    ),
    "shattering": _started(
        shattering, measured.shattering_of, quantities.shattering, shattering_picture.draw
    ),
    "lesions": _analysis(
        lesions, measured.lesions_of, quantities.lesions, lesions_picture.draw, "test images"
    ),
    "landscape": _analysis(landscape, measured.landscape_of, quantities.landscape, landscape_picture.draw),
    "curvature": _started(curvature, measured.curvature_of, quantities.curvature, curvature_picture.draw),
    "sharpness": _analysis(sharpness, measured.sharpness_of, quantities.sharpness, sharpness_picture.draw),
    "lengths": _analysis(
        lengths, further.lengths_of, further_quantities.lengths, lengths_picture.draw, asked_for=True
    ),
    "forecast": Analysis(
        forecast.__doc__ or "",
        "training images",
        None,
        forecast.forecast,
        forecast_picture.draw,
        at_start=measured.forecast_of,
    ),
    "paths": _started(paths, measured.paths_of, quantities.paths, paths_picture.draw),
    # These two are of single families.
    "columns": _analysis(
        columns,
        families.columns_of,
        families_quantities.columns,
        columns_picture.draw,
        "training images, and as many test images (or all there are)",
    ),
    "reuse": _analysis(reuse, families.reuse_of, families_quantities.reuse, reuse_picture.draw, "images"),
}


def chosen(names: str | None) -> list[str]:
    """The names in `signals,lesions`, in the order of `ANALYSES`; None is all but those to be asked for.

    Raises:
        BadRequest: there is no such analysis.
    """
    usual = [name for name, one in ANALYSES.items() if not one.asked_for]
    given = usual if names is None else [name.strip() for name in names.split(",")]
    for name in given:
        if name not in ANALYSES:
            raise BadRequest(f"--only {name}: not one of {', '.join(ANALYSES)}")
    return [name for name in ANALYSES if name in given]


def need_networks(names: Sequence[str]) -> list[str]:
    """Those of the analyses that can't be made of what runs recorded alone."""
    return [name for name in names if ANALYSES[name].read is None]


def need_weights(names: Sequence[str]) -> list[str]:
    """Those that networks as they were before training won't do for either."""
    return [name for name in need_networks(names) if ANALYSES[name].at_start is None]
