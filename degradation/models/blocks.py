"""The blocks that families share: two 3x3 layers, one, the bottleneck; and stages of blocks."""

import typing
from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.shortcuts import ExclusiveGate, make_shortcut

MakeBlock = Callable[
    [int, int, int], nn.Module
]  # input channels, planes, stride -> block with `out_channels`


class ResidualBlock(nn.Module):
    """after(F(x) + shortcut(x)), or without a shortcut after(F(x)); after is ReLU.

    Attributes:
        skip_scale: ReLU(F(x) + skip_scale * shortcut(x)); None is 1.
    """

    out_channels: int
    shortcut: nn.Module | None
    skip_scale: float | None = None

    def branch(self, x: Tensor) -> Tensor:
        """F(x): what the shortcut goes around."""
        raise NotImplementedError

    def skip(self, x: Tensor) -> Tensor:
        """What is added to it, of a block that has a shortcut."""
        assert self.shortcut is not None
        around: Tensor = self.shortcut(x)
        return around if self.skip_scale is None else self.skip_scale * around

    def after(self, x: Tensor) -> Tensor:
        """What comes after the addition."""
        return F.relu(x)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        y = self.branch(x)
        if self.shortcut is not None:
            y = y + self.skip(x)
        return self.after(y)


class Block(ResidualBlock):
    """Two 3x3 layers, and the shortcut around them (Fig. 2) if there is one."""

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        super().__init__()
        self.out_channels = planes
        self.conv1 = nn.Conv2d(in_channels, planes, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = make_shortcut(option, in_channels, planes, stride)

    def branch(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return self.shortcut.opened(x) * y if isinstance(self.shortcut, ExclusiveGate) else y


class SingleBlock(ResidualBlock):
    """One 3x3 layer, and the shortcut around it: y = W1 x + x, of which the paper sees no advantage."""

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        super().__init__()
        self.out_channels = planes
        self.conv1 = nn.Conv2d(in_channels, planes, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.shortcut = make_shortcut(option, in_channels, planes, stride)

    def branch(self, x: Tensor) -> Tensor:
        return self.bn1(self.conv1(x))


class Bottleneck(ResidualBlock):
    """1x1, 3x3 and 1x1 layers (Fig. 5, right), four times `planes` channels out.

    Args:
        stride_at: the layer that has the stride: `1x1`, the first, as in the paper, or `3x3` (v1.5).
        cardinality: groups of the 3x3 layer.
        inner: channels of the first two layers; None: `planes`.
    """

    expansion = 4

    def __init__(
        self,
        in_channels: int,
        planes: int,
        stride: int,
        option: str,
        stride_at: str = "1x1",
        cardinality: int = 1,
        inner: int | None = None,
    ) -> None:
        super().__init__()
        self.out_channels = self.expansion * planes
        inner = inner or planes
        first, second = (stride, 1) if stride_at == "1x1" else (1, stride)
        self.conv1 = nn.Conv2d(in_channels, inner, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, second, padding=1, groups=cardinality, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, self.out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(self.out_channels)
        self.shortcut = make_shortcut(option, in_channels, self.out_channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return self.bn3(self.conv3(y))


def counts_of(depth: int, layers: int, rest: int = 2) -> tuple[int, int, int]:
    """As many blocks of so many layers in each of three stages as make up the depth.

    Args:
        rest: the layers outside of blocks.
    """
    n = (depth - rest) // (3 * layers)
    return n, n, n


def make_stages(
    make_block: MakeBlock, channels: int, planes: int, counts: Sequence[int]
) -> tuple[nn.Sequential, int]:
    """Stages of blocks: each later one has twice the planes, and its first block the stride 2.

    Args:
        channels: of the input.
        planes: of the first stage.
        counts: blocks in each stage.

    Returns:
        The stages, and the channels of their output.
    """
    stages = nn.Sequential()
    for stage, count in enumerate(counts):
        blocks = nn.Sequential()
        for number in range(count):
            block = make_block(channels, planes * 2**stage, 2 if stage and not number else 1)
            blocks.append(block)
            channels = typing.cast(int, block.out_channels)
        stages.append(blocks)
    return stages, channels
