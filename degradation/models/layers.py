"""A network layer by layer: what each puts out, its parameters, its operations, and how far it sees.

Read off by running the code on the meta device, where nothing is computed.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

POOLS = {"max_pool2d": "max", "avg_pool2d": "mean"}
ALL = math.inf  # a receptive field that is the whole image


@dataclass
class Layer:
    """A convolution, pooling or linear layer.

    Attributes:
        name: of its module; of poolings `max` or `mean`.
        what: `3×3, 64, /2`: kernel, channels, stride.
        shape: channels, height, width of what it puts out; of a linear layer its units.
        parameters: its own, and those of the BN that is computed next.
        multiply_adds: for one image.
        field: side of the square of input pixels that one of its outputs depends on, borders not considered;
            `ALL` behind an average over the whole image.
    """

    name: str
    what: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    field: float


def layers(network: nn.Module, in_channels: int, size: int) -> list[Layer]:
    """The layers in the order of computing, those of shortcuts included.

    The parameters add up to the network's, the multiply-adds to those that `count.multiply_adds` counts.

    Args:
        network: on the meta device.
        size: of the images, in pixels.
    """
    names = {id(value): name.rpartition(".")[0] for name, value in network.named_parameters()}
    images = torch.empty(1, in_channels, size, size, device="meta")
    seen = _Seen(names, images)
    training = network.training
    with torch.no_grad(), seen:
        network.eval()(images)
    network.train(training)
    return seen.layers


class _Seen(TorchFunctionMode):
    """Follows what every tensor sees of the images: (receptive field, pixels from one value to the next)."""

    def __init__(self, names: dict[int, str], images: Tensor) -> None:
        super().__init__()
        self.names, self.layers = names, list[Layer]()
        self.reach: dict[int, tuple[float, float]] = {id(images): (1, 1)}
        self.kept: list[Tensor] = []  # so that no id is used twice

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        more = kwargs or {}
        out = function(*args, **more)
        given = [one for one in _flat([args, list(more.values())]) if id(one) in self.reach]
        if isinstance(out, Tensor) and given:
            field, jump = (max(self.reach[id(one)][place] for one in given) for place in (0, 1))
            self.reach[id(out)] = self._see(function, args, more, given[0], out, field, jump)
            self.kept.append(out)
        return out

    def _see(
        self, function: Any, args: Any, more: Any, given: Tensor, out: Tensor, field: float, jump: float
    ) -> tuple[float, float]:
        name = getattr(function, "__name__", "").lstrip("_")
        if function in (F.conv2d, torch.conv2d):
            weight = args[1]
            stride = _first(more.get("stride", args[3] if len(args) > 3 else 1))
            field, jump = field + (weight.shape[-1] - 1) * jump, jump * stride
            self._add(args, weight, out, _words(weight, stride, given), field)
        elif function is F.linear:
            self._add(args, args[1], out, f"linear, {out.shape[-1]}", ALL)
        elif function in (F.batch_norm, torch.batch_norm):
            own = [
                more.get(key, args[at] if len(args) > at else None)
                for at, key in ((3, "weight"), (4, "bias"))
            ]
            self.layers[-1].parameters += sum(one.numel() for one in own if one is not None)
        elif name in POOLS or (name == "fn" and function is F.max_pool2d):
            kernel = _first(args[1])
            stride = _first((args[2] if len(args) > 2 else more.get("stride")) or kernel)
            field, jump = field + (kernel - 1) * jump, jump * stride
            what = f"{POOLS.get(name, 'max')} of {kernel}×{kernel}" + (f", /{stride}" if stride > 1 else "")
            self.layers.append(Layer(what.split()[0], what, tuple(out.shape[1:]), 0, 0, field))
        elif given.dim() == 4 and out.dim() == 4 and out.shape[-1] < given.shape[-1]:
            jump *= round(given.shape[-1] / out.shape[-1])  # every second pixel, or an adaptive average
            field = ALL if out.shape[-1] == 1 else field
        elif given.dim() == 4 and out.dim() == 2:
            field = ALL
        return field, jump

    def _add(self, args: Any, weight: Tensor, out: Tensor, what: str, field: float) -> None:
        whole = weight if id(weight) in self.names else weight._base
        bias = args[2] if len(args) > 2 and args[2] is not None else None
        pixels = out.shape[1:].numel() // weight.shape[0]
        self.layers.append(
            Layer(
                self.names.get(id(whole), ""),
                what,
                tuple(out.shape[1:]),
                weight.numel() + (0 if bias is None else bias.numel()),
                weight.numel() * pixels,
                field,
            )
        )


def _words(weight: Tensor, stride: int, given: Tensor) -> str:
    groups = given.shape[1] // weight.shape[1]
    return (
        f"{weight.shape[-1]}×{weight.shape[-1]}, {weight.shape[0]}"
        f"{f', /{stride}' if stride > 1 else ''}{f', {groups} groups' if groups > 1 else ''}"
    )


def _flat(values: Any) -> list[Tensor]:
    if isinstance(values, Tensor):
        return [values]
    return [one for value in values for one in _flat(value)] if isinstance(values, list | tuple) else []


def _first(value: Any) -> int:
    return int(value[0] if isinstance(value, list | tuple) else value)
