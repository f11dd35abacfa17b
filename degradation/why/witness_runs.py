"""What SGD does around a witness: runs that start from it, from noise around it, and from the seed.

Even a run whose learning rate is almost 0 departs from the identity a little in evaluation mode: the running
statistics of BN become those of augmented batches, which pass the added blocks as `witness.py` says. By that
`batch_loss` and `batch_error` don't move.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.config.request import Request
from degradation.errors import BadRequest
from degradation.models.cifar import CifarNet
from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.experiment import train
from degradation.training.folder import read_config
from degradation.why.modes import as_trained, evaluate
from degradation.why.trained import Trained, load_run
from degradation.why.witness import added, blocks_a_stage, departure, noisy, straight, witness

SIZES = (0.0, 0.1, 0.3, 1.0)  # of the noise, in norms of each filter
RATES = (1.0, 0.01)  # of the schedule's learning rate: as in training, and as at its end
COUNT = 1000  # training images on which starts and lines are measured
WITNESS, NOISE, FRESH = "witness", "noise", "fresh"
COLUMNS = (
    *("start", "size", "rate", "when", "loss", "error", "batch_loss", "batch_error", "departure"),
    *("train_error", "test_error"),
)
LINE_COLUMNS = ("to", "size", "rate", "at", "loss", "error")
Say = Callable[[str], None]


def study(
    shallow: Path,
    depth: int,
    *,
    sizes: Sequence[float] = SIZES,
    rates: Sequence[float] = RATES,
    count: int = COUNT,
    points: int = 11,
    root: str | None = None,
    say: Say = lambda text: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train the deep network from a witness, from noise around it, and from a fresh start, one after another.

    All runs have the shallow run's settings, seed and batches. Those that start from a file lie in the
    experiment `<experiment>_witness`, beside the shallow run's; the fresh one is the experiment's own. Runs
    that are complete aren't trained again.

    Args:
        shallow: the run folder of a complete plain network.
        depth: of the deep one.
        sizes: of the noise; 0 is the witness itself. rates: what the learning rate is multiplied by.
        count: training images on which loss and error of starts and lines are measured.
        points: on each line.
        root: where the images lie, if elsewhere than when the network was trained.

    Returns:
        The runs, a row at their start and one at their end: start (`witness`, `noise`, `fresh`), size and
        rate (NaN of `fresh`: its own), when (`start`, `end`), loss, error (evaluation mode), batch_loss,
        batch_error (BN by the batch's statistics), departure (of the added blocks from the identity, see
        `witness.departure`), and at the end train_error and test_error as recorded.
        And the straight lines from the witness to the fresh run's end, and to where each run from the witness
        itself went: to (`fresh`, `witness`), size, rate, at, loss, error (see `witness.straight`).

    Raises:
        BadRequest: it isn't such a run, or a run of these failed.
    """
    run = load_run(shallow, root)
    images, labels = run.training_images(count)
    found = witness(run.network, depth, images)
    assert isinstance(run.network, CifarNet)
    names = added(found, blocks_a_stage(run.network)) or []
    rows: list[dict[str, object]] = []
    lines: list[pd.DataFrame] = []

    def measure(network: nn.Module, when: str, **more: object) -> None:
        loss, error = evaluate(network, images, labels)
        batch_loss, batch_error = evaluate(as_trained(network), images, labels)
        far = departure(network, names, images)
        row = {"loss": loss, "error": error, "batch_loss": batch_loss, "batch_error": batch_error}
        rows.append({**more, "when": when, **row, "departure": far})

    def follow(wanted: Request, network: nn.Module | None, **more: object) -> None:
        say(f"{wanted.name}: from {more['start']}, noise {more['size']}, rate {more['rate']}")
        ended = _trained(wanted, root)
        start = network if network is not None else ended.initial()
        assert start is not None
        measure(start, "start", **more)
        recorded = {key: ended.record[key] for key in ("train_error", "test_error")}
        measure(ended.network, "end", **more, **recorded)
        if more["start"] in (WITNESS, FRESH):
            line = straight(found, ended.network, images, labels, points)
            lines.append(line.assign(to=more["start"], size=more["size"], rate=more["rate"]))

    base = _deep(read_config(shallow), depth, root)
    for size in sizes:
        network = noisy(found, size, base.settings.seed) if size else found
        for rate in rates:
            kind = NOISE if size else WITNESS
            follow(_from(base, network, size, rate), network, start=kind, size=size, rate=rate)
    follow(base, None, start=FRESH, size=float("nan"), rate=float("nan"))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"train_error": float, "test_error": float})
    return table, pd.concat(lines, ignore_index=True)[list(LINE_COLUMNS)]


def _deep(own: Request, depth: int, root: str | None) -> Request:
    """The shallow run's request at another depth."""
    data = own.settings.data
    if root is not None and data.root is not None:
        data = replace(data, root=root)
    model = replace(own.settings.model, depth=depth)
    return replace(own, settings=replace(own.settings, model=model, data=data))


def _from(base: Request, network: nn.Module, size: float, rate: float) -> Request:
    """The request of a run that starts from a network, whose checkpoint is written first."""
    settings = base.settings
    experiment = f"{settings.experiment_name}_witness"
    folder = Path(settings.runs) / f".{experiment}" / f"{base.name}-noise={size:g}"
    folder.mkdir(parents=True, exist_ok=True)
    write_start(folder, network.state_dict())
    optimizer = replace(settings.optimizer, lr=settings.optimizer.lr * rate)
    wanted = replace(
        settings,
        optimizer=optimizer,
        experiment_name=experiment,
        start=str(folder / schema.LAST),
        start_sha256=None,
    )
    differs = {"start_sha256": None} | ({"optimizer.lr": settings.optimizer.lr} if rate != 1 else {})
    return replace(base, settings=wanted, base={**base.base, **differs}).started()


def write_start(folder: Path, state: dict[str, Tensor]) -> None:
    """Write a checkpoint that a run can start from, unless these weights are there already."""
    try:
        there = checkpoint.load(folder / schema.LAST)["classifier"]["network"]
        if there.keys() == state.keys() and all(torch.equal(there[name], state[name]) for name in state):
            return
    except (FileNotFoundError, checkpoint.Damaged):
        pass
    checkpoint.save(folder, {"classifier": {"network": state}})


def _trained(wanted: Request, root: str | None) -> Trained:
    code = train(wanted, echo=False)
    if code:
        raise BadRequest(f"{wanted.folder}: was not trained to its end (exit code {code})")
    return load_run(wanted.folder, root)
