"""The Inception-ResNet block that ResNeXt is compared with (Szegedy et al. 2016, arXiv:1602.07261).

Unlike ResNeXt's, its paths differ: 1x1; 1x1 and 3x3; 1x1, 3x3 and 3x3 (Inception-ResNet-A). They are
concatenated, and a 1x1 layer brings them to the shortcut's width.
"""

from functools import partial

import torch
from torch import Tensor, nn

from degradation.models.blocks import ResidualBlock, counts_of
from degradation.models.cifar import CifarNet
from degradation.models.shortcuts import make_shortcut


def layer(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution, BN, ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class InceptionBlock(ResidualBlock):
    """Three paths of `planes` channels each, concatenated, then 1x1 to 4 * `planes`; four layers deep."""

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        super().__init__()
        self.out_channels = 4 * planes
        self.path1 = layer(in_channels, planes, 1, stride)
        self.path2 = nn.Sequential(layer(in_channels, planes, 1), layer(planes, planes, 3, stride))
        self.path3 = nn.Sequential(
            layer(in_channels, planes, 1), layer(planes, planes, 3, stride), layer(planes, planes, 3)
        )
        self.conv = nn.Conv2d(3 * planes, self.out_channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(self.out_channels)
        self.shortcut = make_shortcut(option, in_channels, self.out_channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(torch.cat([self.path1(x), self.path2(x), self.path3(x)], dim=1)))


def inception_resnet(*, depth: int, shortcut: str, **sizes: int) -> CifarNet:
    """Of 12n+2 layers, counted along the longest path."""
    return CifarNet(partial(InceptionBlock, option=shortcut), counts_of(depth, 4), **sizes)
