"""What is measured of single families: FractalNet's columns, DenseNet's reuse of features.

Sets without such a network have no table of it; that takes one line to say, not one a network.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from degradation.training.kept import kept
from degradation.why.inside import columns, reuse
from degradation.why.inside.sharpness import looked_at
from degradation.why.measured import Row, Say, each, left_out, named, states
from degradation.why.networks.trained import Trained


def columns_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """At the end, and along training where weights were kept; of the plain twins, too."""

    def of(run: Trained) -> Iterable[Row]:
        train, test = run.training_images(images), run.test_images(images)
        looks = looked_at(run.folder, columns.LOOKS) if kept(run.folder) else {}
        networks = {step: run.at(path) for step, path in looks.items()}
        networks[int(run.record["step"])] = run.network
        tables = [named(columns.columns(one, train, test), step=step) for step, one in networks.items()]
        yield "", len(train[1]), pd.concat(tables, ignore_index=True)

    return each("columns", _of("columns", runs, ("fractalnet",), ("plain_fractalnet",), say), of, say)


def reuse_of(runs: Sequence[Trained], images: int, say: Say) -> pd.DataFrame:
    """At initialisation and at the checkpoint; no image is shown."""

    def of(run: Trained) -> Iterable[Row]:
        for state, network, _ in states(run):
            yield state, 0, reuse.reuse(network)

    return each("reuse", _of("reuse", runs, ("densenet", "densenet_imagenet"), (), say), of, say)


def _of(
    name: str, runs: Sequence[Trained], families: Sequence[str], beside: Sequence[str], say: Say
) -> Sequence[Trained]:
    """The runs of some families, and of those that are looked at beside them.

    Raises:
        BadRequest: there are none of the first.
    """
    if not any(run.record["family"] in families for run in runs):
        raise left_out(name, f"runs of {' or '.join(families)}", say)
    return [run for run in runs if run.record["family"] in (*families, *beside)]
