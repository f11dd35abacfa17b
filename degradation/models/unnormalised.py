"""Residual and plain networks without BN (`model.norm`): as they are, with SkipInit, with Fixup."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import ResidualBlock
from degradation.models.cifar import CifarNet
from degradation.models.shortcuts import make_shortcut


class UnnormalisedBlock(ResidualBlock):
    """Two 3x3 layers with biases; with `skipinit` times a learned number, at first 0 (De & Smith 2020)."""

    def __init__(self, in_channels: int, planes: int, stride: int, option: str, norm: str) -> None:
        super().__init__()
        self.out_channels = planes
        self.conv1 = nn.Conv2d(in_channels, planes, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1)
        self.scale = nn.Parameter(torch.zeros(())) if norm == "skipinit" else None
        self.shortcut = make_shortcut(option, in_channels, planes, stride, norm=False)

    def branch(self, x: Tensor) -> Tensor:
        y = self.conv2(F.relu(self.conv1(x)))
        return y if self.scale is None else self.scale * y


class FixupBlock(ResidualBlock):
    """Two 3x3 layers with a learned number added before and after each, and one that multiplies (Zhang et al.
    2019); the second layer begins as 0."""

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        super().__init__()
        self.out_channels = planes
        self.conv1 = nn.Conv2d(in_channels, planes, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.biases = nn.Parameter(torch.zeros(4))
        self.scale = nn.Parameter(torch.ones(()))
        self.shortcut = make_shortcut(option, in_channels, planes, stride, norm=False)

    def branch(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv1(x + self.biases[0]) + self.biases[1])
        return self.scale * self.conv2(y + self.biases[2]) + self.biases[3]


class UnnormalisedNet(CifarNet):
    """CifarNet without BN: its stem has biases, with `fixup` one number as the linear layer's input has."""

    def __init__(self, norm: str, n: int, *, shortcut: str, **sizes: int) -> None:
        fixup = norm == "fixup"
        block = FixupBlock if fixup else partial(UnnormalisedBlock, norm=norm)
        super().__init__(partial(block, option=shortcut), (n, n, n), **sizes)
        old = self.conv1
        self.conv1 = nn.Conv2d(old.in_channels, old.out_channels, 3, padding=1, bias=not fixup)
        self.bn1 = nn.Identity()  # type: ignore[assignment]
        self.biases = nn.Parameter(torch.zeros(2)) if fixup else None

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        if self.biases is None:
            return super().forward(images)
        x = self.stages(F.relu(self.conv1(images) + self.biases[0]))
        return self.fc(x.mean(dim=(2, 3)) + self.biases[1])

    def begin(self) -> None:
        """Once `initialise` has drawn the weights: what Fixup begins with, in place.

        First layers of branches are smaller by the root of how many branches there are (L^(-1/(2m-2)), of
        m = 2 layers each); second layers and the linear one are 0.
        """
        blocks = [block for block in self.modules() if isinstance(block, FixupBlock)]
        with torch.no_grad():
            for block in blocks:
                block.conv1.weight *= len(blocks) ** -0.5
                nn.init.zeros_(block.conv2.weight)
            if blocks:
                nn.init.zeros_(self.fc.weight)


def unnormalised(norm: str, *, depth: int, shortcut: str, **sizes: int) -> UnnormalisedNet:
    """ResNet-20 to -1202 without BN, and with `shortcut="none"` the plain networks.

    Args:
        norm: `none`, `skipinit` or `fixup`.
        sizes: `width`, `num_classes`, `in_channels`.
    """
    return UnnormalisedNet(norm, (depth - 2) // 6, shortcut=shortcut, **sizes)
