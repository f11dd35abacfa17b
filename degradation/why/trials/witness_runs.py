"""What SGD does around a witness: runs that start from it and from noise around it, beside a fresh one.

They have the settings, the seed, the batches and the steps of the deep network that they are held against:
only where they start differs (`train_on.py`). Training on may itself help or harm, so the shallow network is
trained on as well.

Even a run whose learning rate is almost 0 departs from the identity a little in evaluation mode: the running
statistics of BN become those of augmented batches, which pass the added blocks as `witness.py` says. By that
`batch_loss` and `batch_error` don't move.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from torch import nn

from degradation.config.request import Request
from degradation.models.cifar import CifarNet
from degradation.runs import schema
from degradation.sweeps.sweep import sweep
from degradation.why.networks.modes import as_trained, evaluate
from degradation.why.networks.trained import Trained, load_run
from degradation.why.numbers.further_quantities import AGAIN, FRESH, LINE, NOISE, RUN, SHALLOW, WITNESS
from degradation.why.trials.train_on import Train, finish, started
from degradation.why.trials.witness import added, blocks_a_stage, departure, noisy, straight, witness

SIZES = (0.0, 1.0)  # of the noise, in norms of each filter; a run takes as long as the deep network
COUNT = 500  # training images on which starts, ends and lines are measured
POINTS = 9  # on each line
COLUMNS = (
    *("kind", "start", "size", "when", "at", "loss", "error", "batch_loss", "batch_error", "departure"),
    *("train_error", "test_error", "highest"),
)
Pair = tuple[Trained, Trained]  # a shallow network and a deep one of its family and seed


@dataclass(frozen=True)
class Start:
    """Where a run starts, and what asks for it."""

    start: str
    network: nn.Module
    size: float
    request: Request


def starts(pair: Pair, sizes: Sequence[float] = SIZES, count: int = COUNT) -> list[Start]:
    """The witness, noise around it, and, to be held against, the shallow network itself, trained on by its
    own settings. Their weights are written beside the runs.

    Args:
        sizes: of the noise; 0 is the witness itself, which comes first.
        count: training images of whose responses the witness's BN gets its statistics.

    Raises:
        BadRequest: the shallow network isn't one that a witness is made of.
    """
    shallow, deep = pair
    images, _ = shallow.training_images(count)
    found = witness(shallow.network, int(deep.record["depth"]), images, deep.initial())
    networks = [noisy(found, size, deep.settings.seed) if size else found for size in sizes]
    made = [
        Start(NOISE if size else WITNESS, one, size, started(deep, one, "witness", f"noise={size:g}"))
        for one, size in zip(networks, sizes, strict=True)
    ]
    again = started(shallow, shallow.network, "witness", AGAIN)
    return [*made, Start(AGAIN, shallow.network, math.nan, again)]


def study(
    pairs: Sequence[Pair],
    *,
    sizes: Sequence[float] = SIZES,
    count: int = COUNT,
    points: int = POINTS,
    train: Train = sweep,
) -> list[pd.DataFrame]:
    """Train from a witness of each pair and from noise around it, where that isn't done already.

    Args:
        sizes, count: see `starts`. points: on each line; 0 leaves the lines out.
        train: requests -> exit code: has all networks trained.

    Returns:
        For each pair two kinds of rows. `run`: a row at a run's start and one at its end; start (`shallow`,
        the network that the witness is made of, at its end alone; `again`, the same, trained on; `witness`,
        `noise`, `fresh`, the deep network), size (of the noise), when (`start`, `end`), loss, error
        (evaluation mode, on `count` training images), batch_loss, batch_error (BN by the batch's statistics),
        departure (of the added blocks from the identity, see `witness.departure`), and at the end train_error
        and test_error as recorded, and the highest running training error on the way there. `line`: a row a
        point of the straight lines from the witness to where the run from it (`witness`) and the `fresh` one
        ended; at, loss, error: see `witness.straight`.

    Raises:
        BadRequest: a witness can't be made, or a run wasn't trained to its end.
    """
    made = [starts(pair, sizes, count) for pair in pairs]
    finish("witness", [one.request for own in made for one in own], train)
    return [_measured(pair, own, count, points) for pair, own in zip(pairs, made, strict=True)]


def _measured(pair: Pair, own: Sequence[Start], count: int, points: int) -> pd.DataFrame:
    shallow, deep = pair
    images, labels = shallow.training_images(count)
    assert isinstance(shallow.network, CifarNet) and isinstance(deep.network, CifarNet)
    names = added(deep.network, blocks_a_stage(shallow.network))
    rows: list[dict[str, object]] = []
    lines: list[pd.DataFrame] = []

    def measure(
        network: nn.Module, when: str, named: dict[str, object], ended: Trained | None = None
    ) -> None:
        loss, error = evaluate(network, images, labels)
        batch_loss, batch_error = evaluate(as_trained(network), images, labels)
        row = {"loss": loss, "error": error, "batch_loss": batch_loss, "batch_error": batch_error}
        of_shallow = named["start"] in (SHALLOW, AGAIN)
        row["departure"] = math.nan if of_shallow else departure(network, names, images)
        if ended is not None:
            row |= {key: ended.record[key] for key in ("train_error", "test_error")}
            row["highest"] = pd.read_csv(ended.folder / schema.CURVES)["train_error_running"].max()
        rows.append({"kind": RUN, **named, "when": when, **row})

    def line(to: Trained, named: dict[str, object]) -> None:
        table = straight(own[0].network, to.network, images, labels, points)
        lines.append(table.assign(kind=LINE, **named))

    measure(shallow.network, "end", {"start": SHALLOW}, shallow)
    for one in own:
        named: dict[str, object] = {"start": one.start, "size": one.size}
        ended = load_run(one.request.folder, one.request.settings.data.root)
        measure(one.network, "start", named)
        measure(ended.network, "end", named, ended)
        if points and one.start == WITNESS:
            line(ended, named)
    initial = deep.initial()
    if initial is not None:
        measure(initial, "start", {"start": FRESH})
    measure(deep.network, "end", {"start": FRESH}, deep)
    if points:
        line(deep, {"start": FRESH})
    table = pd.concat([pd.DataFrame(rows), *lines], ignore_index=True)
    return table.reindex(columns=list(COLUMNS)).astype(dict.fromkeys(COLUMNS[-3:], float))
