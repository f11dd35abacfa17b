"""Training on from given weights, with the settings, the seed, the batches and the steps of another run.

Only where such a run starts differs. It lies beside the experiments, and is trained once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from degradation.config.request import Request
from degradation.errors import INTERRUPTED, TERMINATED, BadRequest
from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.folder import read_config
from degradation.why.networks.trained import Trained

Train = Callable[[Sequence[Request]], int]  # requests -> exit code: has all networks trained


def started(run: Trained, network: nn.Module, analysis: str, start: str) -> Request:
    """The request of a run that starts from a network, whose weights are written first.

    Args:
        run: whose settings it has.
        network: of the run's family and depth.
        analysis: what asks for it: its runs lie in `.<analysis>` beside the experiments, and are no
            experiment of their own.
        start: what tells it from others of this run.
    """
    own = run.settings
    experiment = f"{own.experiment_name}_{analysis}"
    root = run.folder.absolute().parent.parent / f".{analysis}"
    folder = root / f".{experiment}" / f"{run.folder.name}-{start}"
    folder.mkdir(parents=True, exist_ok=True)
    write_start(folder, network.state_dict())
    train = replace(own.train, signals_every=None, keep_every=None, max_minutes=None)
    wanted = replace(
        own,
        runs=str(root),
        experiment_name=experiment,
        fresh=False,
        start=str(folder / schema.LAST),
        start_sha256=None,
        train=train,
    )
    base = read_config(run.folder)
    return replace(base, settings=wanted, base={**base.base, "start_sha256": None}).started()


def finish(analysis: str, requests: Sequence[Request], train: Train) -> None:
    """Have all of an analysis's runs trained.

    Raises:
        BadRequest: one wasn't trained to its end.
        KeyboardInterrupt: it was to stop.
    """
    code = train(requests)
    if code in (INTERRUPTED, TERMINATED):
        raise KeyboardInterrupt
    if code:
        raise BadRequest(f"{analysis}: not all of its runs are complete (exit code {code}): measure again")


def write_start(folder: Path, state: dict[str, Tensor]) -> None:
    """Write a checkpoint that a run can start from, unless these weights are there already."""
    try:
        there = checkpoint.load(folder / schema.LAST)["classifier"]["network"]
        if there.keys() == state.keys() and all(torch.equal(there[name], state[name]) for name in state):
            return
    except (FileNotFoundError, checkpoint.Damaged):
        pass
    checkpoint.write(folder / schema.LAST, {"classifier": {"network": state}})
