"""What a network leaves out of a training step: it isn't computed, or it is and leaves no trace.

Either way its gradients are 0, and its BN statistics stay. Where each step has to be the same work, as in a
CUDA graph, everything is computed and what is dropped multiplied by 0, to the same bits.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn


class Dropping:
    """A network that drops layers in training.

    Attributes:
        skips: whether they aren't computed; the results are the same.
    """

    skips: bool = True


def same_work(network: nn.Module) -> None:
    """Have a network compute what it drops, so that each step is the same work."""
    for module in network.modules():
        if isinstance(module, Dropping):
            module.skips = False


class Untouched(torch.autograd.Function):
    """A tensor as it is, and gradients of 0 for parameters that had no part in it: what an optimizer with
    momentum and weight decay has to see of them."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, *parameters: Tensor) -> Tensor:
        ctx.parameters = parameters
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        return gradient, *(torch.zeros_like(value) for value in ctx.parameters)


def passed_over(x: Tensor, dropped: Iterable[nn.Module]) -> Tensor:
    """A tensor as it is, in which some layers had no part: gradients of 0, and BN counts the step."""
    dropped = list(dropped)
    for norm in _norms(dropped):
        if norm.training:
            assert norm.num_batches_tracked is not None
            norm.num_batches_tracked.add_(1)
    return Untouched.apply(x, *(value for layer in dropped for value in layer.parameters()))


@contextlib.contextmanager
def statistics_stay(layers: Iterable[tuple[nn.Module, Tensor]]) -> Iterator[None]:
    """Layers are computed inside; the BN statistics of those that are dropped are then as before.

    Args:
        layers: each with whether it is kept, bool ().
    """
    before = [
        (value, value.clone(), kept)
        for layer, kept in layers
        for norm in _norms([layer])
        for value in (norm.running_mean, norm.running_var)
        if value is not None
    ]
    yield
    for value, old, kept in before:
        # .data, since the backward pass, which doesn't read them, holds on to their version
        value.data.copy_(torch.where(kept, value.data, old))


def _norms(layers: Iterable[nn.Module]) -> list[nn.BatchNorm2d]:
    return [part for layer in layers for part in layer.modules() if isinstance(part, nn.BatchNorm2d)]
