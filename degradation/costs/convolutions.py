"""What the convolutions of a network take alone: what only another kernel makes shorter."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from degradation.costs.benchmark_table import PASSES
from degradation.training.device import synchronize


@dataclass(frozen=True)
class Convolution:
    """A convolution as it is called.

    Attributes:
        images: shape of its input, (batch, channels, height, width).
        weight: shape of its weight.
        stride, padding, groups: of both axes alike.
        first: its input is the image, which needs no gradient.
    """

    images: tuple[int, ...]
    weight: tuple[int, ...]
    stride: int
    padding: int
    groups: int
    first: bool

    def multiply_adds(self) -> int:
        """Of a forward pass of the batch."""
        batch, _, height, width = self.images
        over, inputs, *kernel = self.weight
        sides = zip((height, width), kernel, strict=True)
        out = [(side + 2 * self.padding - own) // self.stride + 1 for side, own in sides]
        return batch * over * inputs * kernel[0] * kernel[1] * out[0] * out[1]


def convolutions(network: nn.Module, batch: int, channels: int, size: int) -> Counter[Convolution]:
    """The convolutions of a pass over a batch, alike ones counted. The network is on the meta device.

    Args:
        channels, size: of the images.
    """
    found: Counter[Convolution] = Counter()

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        shape, weight = tuple(inputs[0].shape), tuple(module.weight.shape)
        padding = module.padding[0]
        assert isinstance(padding, int) and module.dilation == (1, 1)
        first = not found
        found[Convolution(shape, weight, module.stride[0], padding, module.groups, first)] += 1

    hooks = [m.register_forward_pre_hook(note) for m in network.modules() if isinstance(m, nn.Conv2d)]
    network(torch.empty(batch, channels, size, size, device="meta"))
    for hook in hooks:
        hook.remove()
    return found


def seconds(
    found: Counter[Convolution], kind: torch.dtype, device: torch.device, fastest: Callable[..., float]
) -> dict[str, float]:
    """Seconds of all convolutions of a step, by pass (`PASSES`), each kernel called alone, channels last.

    Args:
        fastest: seconds of the fastest of some calls of a function on a device.
    """
    total = dict.fromkeys(PASSES, 0.0)
    for one, count in found.items():
        for name, call in calls(one, kind, device):
            total[name] += count * fastest(call, device)
    synchronize(device)
    return total


def calls(
    one: Convolution, kind: torch.dtype, device: torch.device
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each pass of a convolution, as a function."""
    images, weight = (
        torch.empty(shape, device=device).normal_().to(kind, memory_format=torch.channels_last)
        for shape in (one.images, one.weight)
    )
    how = ([one.stride] * 2, [one.padding] * 2, [1, 1])

    def forward() -> Tensor:
        return torch.ops.aten.convolution(images, weight, None, *how, False, [0, 0], one.groups)

    gradient = torch.ones_like(forward())

    def backward(data: bool) -> Callable[[], object]:
        mask = [data, not data, False]
        return lambda: torch.ops.aten.convolution_backward(
            gradient, images, weight, None, *how, False, [0, 0], one.groups, mask
        )

    yield "forward", forward
    if not one.first:
        yield "data", backward(True)
    yield "weight", backward(False)
