"""One network in several processes (`trainer.devices`): what they add up and agree on."""

import os

import torch
from torch import Tensor
from torch import distributed as dist


def rank(devices: int = 1) -> int:
    """This process's number, from 0.

    Args:
        devices: for how many the network is asked for. Before the processes are joined, Lightning tells those
            that it starts their numbers by LOCAL_RANK; for one device another program left that there.
    """
    if _several():
        return dist.get_rank()
    return int(os.environ.get("LOCAL_RANK", 0)) if devices > 1 else 0


def processes() -> int:
    """How many processes train this network."""
    return dist.get_world_size() if _several() else 1


def total(value: Tensor) -> Tensor:
    """The sum over the processes; all of them have to ask."""
    if not _several():
        return value
    added = value.clone()
    dist.all_reduce(added)
    return added


def largest(number: int) -> int:
    """The largest over the processes; all of them have to ask."""
    if not _several():
        return number
    agreed = torch.tensor(number, device=_device())
    dist.all_reduce(agreed, dist.ReduceOp.MAX)
    return int(agreed)


def _device() -> torch.device:
    """Where a number has to lie that the processes agree on: NCCL knows this process's GPU alone."""
    return torch.device("cuda" if dist.get_backend() == dist.Backend.NCCL else "cpu")


def _several() -> bool:
    return dist.is_available() and dist.is_initialized()
