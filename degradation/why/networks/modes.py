"""How BN is held while a network is looked at: each analysis says which of these it takes.

All of them give a copy; the network that is handed in stays as it is. `as_trained`, by the batch's own
statistics, is in `models/signals.py`, which training uses too.
"""

import contextlib
import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.signals import as_trained

__all__ = ["as_evaluated", "as_trained", "evaluate", "frozen", "settled"]
AT_ONCE = 250  # images: small enough for a CPU's cache


def as_evaluated(network: nn.Module) -> nn.Module:
    """BN by its running statistics: a fixed function of each image alone, which no other image moves."""
    return copy.deepcopy(network).eval()


def settled(network: nn.Module, images: Tensor) -> nn.Module:
    """BN by the statistics of these images, frozen: what a network at initialisation needs, whose running
    statistics (mean 0, variance 1) aren't yet those of anything.

    Args:
        images: (batch, channels, height, width).
    """
    twin = as_trained(network)
    norms = [module for module in twin.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        twin(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return twin.eval()


@torch.no_grad()
def evaluate(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean loss and error (percent), float32, in the mode that the network is in.

    The order of the sums is fixed, so equal weights give equal bits.
    """
    loss, wrong = 0.0, 0
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        logits = network(images[part])
        loss += F.cross_entropy(logits, labels[part], reduction="sum").item()
        wrong += int((logits.argmax(1) != labels[part]).sum())
    return loss / len(labels), 100 * wrong / len(labels)


@contextlib.contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """No parameter asks for a gradient: only those of activations and images are wanted."""
    asked = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in asked:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in asked:
            parameter.requires_grad_(True)
