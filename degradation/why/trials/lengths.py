"""Lengths: do the first steps freeze the first layers?

What is known: a convolution with BN behind it computes the same at any length of its weights (their norm),
and where they are a times as long their gradient is a times smaller (Ioffe and Szegedy 2015, section 3.3). So
a step turns them by a squared less; and as it stands at right angles to them, each step makes them longer
(van Laarhoven 2017). What follows where gradients explode on their way to the first layers of a deep plain
network: the first steps there are longer than the weights, which become random and very long, and from then
on hardly turn. That predicts that the first layers' weights are the longer, the deeper a plain network, and
longer than with shortcuts; that steps turn them less; and that the network learns once each convolution is
given back the length that it began with, though it computes the same as before.

Of the deepest network of each kind and seed two runs start from where it ended: one as it is, one shortened.
"""

import copy

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.models.signals import signals

LAYER = ("layer", "name", "length", "grown", "step")


def followed(network: nn.Module, images: Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """The convolutions whose output is what a BN is given, each with that BN.

    Args:
        images: (batch, channels, height, width), of any content.
    """
    outputs: list[tuple[nn.Conv2d, Tensor]] = []
    pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []

    def convolved(module: nn.Module, given: tuple[Tensor], output: Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        outputs.append((module, output))

    def normalised(module: nn.Module, given: tuple[Tensor], output: Tensor) -> None:
        assert isinstance(module, nn.BatchNorm2d)
        pairs.extend((conv, module) for conv, made in outputs if made is given[0])

    kinds = ((nn.Conv2d, convolved), (nn.BatchNorm2d, normalised))
    hooks = [
        module.register_forward_hook(hook)
        for module in network.modules()
        for kind, hook in kinds
        if isinstance(module, kind)
    ]
    try:
        with torch.no_grad():
            network(images)
    finally:
        for hook in hooks:
            hook.remove()
    return pairs


@torch.no_grad()
def shortened(network: nn.Module, initial: nn.Module, images: Tensor) -> nn.Module:
    """A copy that computes the same, with convolutions as long as they were at the start.

    BN's running statistics are scaled along. Only what BN adds to a variance (its eps) isn't, so logits move
    where a variance is near it. Convolutions without a BN right behind them stay as they are, and so does one
    that is zero.

    Args:
        initial: the network before its first step.
        images: a few, to see which BN follows which convolution.
    """
    twin = copy.deepcopy(network).eval()
    at_start = {name: module for name, module in initial.named_modules()}
    names = {module: name for name, module in twin.named_modules()}
    for conv, norm in followed(twin, images):
        own, other = conv.weight.norm(), at_start[names[conv]].weight.norm()
        if not own or not other:
            continue
        factor = other / own
        conv.weight.mul_(factor)
        norm.running_mean.mul_(factor)  # type: ignore[union-attr]
        norm.running_var.mul_(factor.square())  # type: ignore[union-attr]
    return twin


def lengths(
    network: nn.Module, initial: nn.Module, images: Tensor, labels: Tensor, *, lr: float
) -> pd.DataFrame:
    """How long each convolution's weights are, and how large a step of SGD is beside them.

    The step is that of the gradient alone, without momentum and without weight decay, which turns nothing.

    Args:
        network: now; initial: before its first step.
        images: (batch, channels, height, width); labels: (batch,).
        lr: of the step that is measured.

    Returns:
        A row a convolution, in the order of computing, shortcuts' left out: layer (from 1), name, length
        (norm of the weights), grown (length over that at the start), step (norm of a step over the length).
    """
    table = signals(network, images, labels, lr=lr, weight_decay=0.0)
    now, before = (dict(one.named_modules()) for one in (network, initial))
    length, at_start = (
        [float(of[name].weight.detach().norm()) for name in table["name"]] for of in (now, before)
    )
    found = table[["layer", "name"]].assign(length=length, step=table["update"])
    found["grown"] = found["length"] / at_start
    return found[list(LAYER)]
