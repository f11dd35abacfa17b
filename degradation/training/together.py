"""One network in several processes (`trainer.devices`): what they add up and agree on."""

import os

import torch
from torch import Tensor
from torch import distributed as dist


def rank() -> int:
    """This process's number, from 0; Lightning starts the others with theirs in the environment."""
    return dist.get_rank() if _several() else int(os.environ.get("LOCAL_RANK", 0))


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
    agreed = torch.tensor(number)
    dist.all_reduce(agreed, dist.ReduceOp.MAX)
    return int(agreed)


def _several() -> bool:
    return dist.is_available() and dist.is_initialized()
