"""Signals: do responses and gradients vanish, explode or collapse on their way through the layers?

What is claimed: many reviews say that deep plain networks don't train because gradients vanish. The paper
says that with BN responses and gradients are healthy (section 4.1), and that residual responses are smaller
than plain ones (Fig. 7): shortcuts let each layer do little. Vanishing gradients predict norms that fall by
orders of magnitude towards the first layers of deep plain networks and not of residual ones; dead units and
a collapse of rank predict the same of their own columns.
"""

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

COLUMNS = ("layer", "name", "kernel", "channels", "std", "gradient", "update", "dead", "rank")


def signals(
    network: nn.Module, images: Tensor, labels: Tensor, *, lr: float, weight_decay: float
) -> pd.DataFrame:
    """One row a convolution, in the order of computing; those of shortcuts are left out.

    BN takes the statistics of the batch, as in a training step; the network itself stays as it is.

    Args:
        images: (batch, channels, height, width); labels: (batch,).
        lr, weight_decay: of the step whose size is asked for.

    Returns:
        Columns:
        - layer: from 1; name: of the module; kernel: its side in pixels; channels: what it puts out.
        - std: standard deviation of the response over images, positions and channels, after the BN that
          follows (of pre-activation blocks, where none does, of the convolution) and before the ReLU or the
          addition: Fig. 7.
        - gradient: norm of the mean loss's gradient in the layer's weights.
        - update: norm of the step lr * (gradient + weight_decay * weight), without momentum, over that of
          the weights.
        - dead: share of channels that the next ReLU leaves at zero for all images and positions; NaN where
          no ReLU follows before the next layer.
        - rank: effective rank of the centred responses (images by channels and positions): the exponential
          of the entropy of their normalised singular values (Roy and Vetterli 2007). At most images - 1.
    """
    twin = as_trained(network)
    with torch.enable_grad(), _watched(twin) as seen:
        loss = F.cross_entropy(twin(images), labels)
    layers = [one for one in seen.layers if ".shortcut" not in one.name]
    gradients = torch.autograd.grad(loss, [one.weight for one in layers])
    rows = []
    for number, (one, gradient) in enumerate(zip(layers, gradients, strict=True), 1):
        weight = one.weight.detach()
        step = lr * (gradient + weight_decay * weight)
        row: dict[str, Any] = {"layer": number, "name": one.name, "kernel": weight.shape[2]}
        row |= {"channels": weight.shape[0], "std": one.response.std().item()}
        row |= {"gradient": gradient.norm().item(), "update": (step.norm() / weight.norm()).item()}
        rows.append(row | {"dead": one.dead, "rank": effective_rank(one.response.flatten(1))})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def as_trained(network: nn.Module) -> nn.Module:
    """BN by the batch's own statistics, as in a training step; all else (dropped blocks) as in evaluation."""
    twin = copy.deepcopy(network).eval()
    for module in twin.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
    return twin


def effective_rank(responses: Tensor) -> float:
    """The exponential of the entropy of the normalised singular values of centred rows (rows, columns).

    It is n for n singular values that are equal and the others zero; 1 where all rows lie on a line.
    NaN where all rows are equal, or one isn't finite.
    """
    if not responses.isfinite().all():
        return math.nan
    rows = (responses - responses.mean(dim=0)).double()
    values = torch.linalg.eigvalsh(rows @ rows.T).clamp(min=0).sqrt()  # of the smaller side: rows are few
    values = values[values > 1e-7 * values.max()]  # the square root lifts rounding errors
    shares = values / values.sum()
    return math.exp(-(shares * shares.log()).sum().item()) if len(values) else math.nan


@dataclass
class _Layer:
    """A convolution, and what became of what it put out."""

    name: str
    weight: Tensor
    output: Tensor
    response: Tensor
    dead: float = math.nan


class _Seen(TorchFunctionMode):
    """What a network computes: its layers in order, and the first ReLU after each."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[_Layer] = []

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = function(*args, **(kwargs or {}))
        if function in (F.relu, torch.relu):
            last = next((one for one in reversed(self.layers) if ".shortcut" not in one.name), None)
            # A mean over the layers' inputs would not have the same channels.
            if last is not None and math.isnan(last.dead) and out.shape == last.output.shape:
                last.dead = (out.detach().amax(dim=(0, 2, 3)) <= 0).double().mean().item()
        return out

    def convolved(self, name: str, weight: Tensor, output: Tensor) -> None:
        self.layers.append(_Layer(name, weight, output, output.detach()))

    def normalised(self, given: Tensor, output: Tensor) -> None:
        """BN: the response of the layer that put out what it was given."""
        for one in self.layers:
            if one.output is given:
                one.response = output.detach()


@contextmanager
def _watched(network: nn.Module) -> Iterator[_Seen]:
    seen, hooks = _Seen(), []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):

            def convolved(module: nn.Module, given: Any, output: Tensor, name: str = name) -> None:
                assert isinstance(module.weight, Tensor)
                seen.convolved(name, module.weight, output)

            hooks.append(module.register_forward_hook(convolved))
        elif isinstance(module, nn.BatchNorm2d):
            hooks.append(
                module.register_forward_hook(lambda _, given, output: seen.normalised(given[0], output))
            )
    try:
        with seen:
            yield seen
    finally:
        for hook in hooks:
            hook.remove()
