"""ResNeXt (Xie et al. 2017, arXiv:1611.05431): C paths of the same shape, added up, in three equal forms.

The forms of its Fig. 3 have the same parameters, by name and by shape, so each loads the others' weights:
(a) C paths of three layers each, (b) paths concatenated before the last 1x1 layer, (c) a grouped convolution.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import Bottleneck, MakeBlock, counts_of
from degradation.models.cifar import CifarNet


def make_block(option: str, cardinality: int, base_width: int, form: str = "c") -> MakeBlock:
    """Blocks with C = `cardinality` paths, each `base_width` wide where `planes` is 64 (section 3.3)."""

    def make(in_channels: int, planes: int, stride: int) -> nn.Module:
        inner = cardinality * max(planes * base_width // 64, 1)
        kind = Bottleneck if form == "c" else partial(Paths, early=form == "b")
        return kind(
            in_channels, planes, stride, option, stride_at="3x3", cardinality=cardinality, inner=inner
        )

    return make


class Paths(Bottleneck):
    """Forms (a) and (b): each path computed by itself, from its part of the weights.

    Args:
        early: (b), concatenate the paths before the last 1x1 layer; else (a), each has its own, and their
            outputs are added. BN comes after the sum.
    """

    def __init__(self, *sizes: int | str, early: bool, **more: int | str) -> None:
        super().__init__(*sizes, **more)  # type: ignore[arg-type]
        self.early = early

    def branch(self, x: Tensor) -> Tensor:
        paths, inner = self.conv2.groups, self.conv2.out_channels
        each = inner // paths
        rows = [slice(start, start + each) for start in range(0, inner, each)]
        ends = [
            self._layer(self._layer(x, self.conv1, self.bn1, own), self.conv2, self.bn2, own) for own in rows
        ]
        self._count()
        if self.early:
            return self.bn3(self.conv3(torch.cat(ends, dim=1)))
        last = [F.conv2d(end, self.conv3.weight[:, own]) for end, own in zip(ends, rows, strict=True)]
        return self.bn3(torch.stack(last).sum(dim=0))

    def _layer(self, x: Tensor, conv: nn.Conv2d, bn: nn.BatchNorm2d, own: slice) -> Tensor:
        """Convolution, BN and ReLU of one path: its rows of the weights, BN's running means included."""
        x = F.conv2d(x, conv.weight[own], stride=conv.stride, padding=conv.padding)
        assert bn.running_mean is not None and bn.running_var is not None and bn.momentum is not None
        x = F.batch_norm(
            x,
            bn.running_mean[own],
            bn.running_var[own],
            bn.weight[own],
            bn.bias[own],
            self.training,
            bn.momentum,
            bn.eps,
        )
        return F.relu(x)

    def _count(self) -> None:
        """What BN counts in training when it is called as a module."""
        if self.training:
            for bn in (self.bn1, self.bn2):
                assert bn.num_batches_tracked is not None
                bn.num_batches_tracked += 1


def resnext(
    *,
    depth: int,
    shortcut: str,
    cardinality: int,
    base_width: int,
    form: str,
    blocks_per_stage: Sequence[int] | None,
    **sizes: int,
) -> CifarNet:
    """ResNeXt-29 of 9n+2 layers on CIFAR: 8x64d is cardinality 8, base width 64, at the width of 64."""
    block = make_block(shortcut, cardinality, base_width, form)
    return CifarNet(block, blocks_per_stage or counts_of(depth, 3), **sizes)
