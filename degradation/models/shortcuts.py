"""The paths around a block: identity, padding, projections; gates and dropout, which lie in its way."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Dropout

DROPPED = 0.5  # of a shortcut's values (He et al. 2016, section 3.1)


class PaddedShortcut(nn.Module):
    """Option A where the shape changes: every second pixel, and channels of zeros. No parameters."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = out_channels - in_channels, stride

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


class PooledShortcut(PaddedShortcut):
    """The same with the mean of each 2x2 pixels in place of every second one (Huang et al. 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        means = F.avg_pool2d(x, self.stride, ceil_mode=True)
        return F.pad(means, (0, 0, 0, 0, 0, self.extra))


class Gate(nn.Module):
    """Shortcut-only gating (He et al. 2016, section 3.1): (1 - g(x)) * x, g = sigmoid(1x1 convolution).

    `gate`'s bias decides how far the shortcut is open at first: 0 is a half, -6 nearly all.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Conv2d(channels, channels, 1)

    def opened(self, x: Tensor) -> Tensor:
        """g(x), from 0 to 1: (batch, channels, height, width) -> the same."""
        return torch.sigmoid(self.gate(x))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same."""
        return (1 - self.opened(x)) * x


class ExclusiveGate(Gate):
    """Exclusive gating: the same, and the block multiplies its branch by g(x), as Highway Networks do."""


def make_shortcut(
    option: str, in_channels: int, out_channels: int, stride: int, norm: bool = True
) -> nn.Module | None:
    """The path around a block (section 3.3), or None: the one place where plain and residual differ.

    Args:
        option: `none`, `A` (identity, padded), `pooled` (the same, but means of pixels), `B` (1x1 projection
            where the shape changes), `C` (always); `gated`, `exclusive` and `dropout` (He et al. 2016, Table
            1) are A where the shape changes.
        norm: BN after the projection.
    """
    if option == "none":
        return None
    same_shape = stride == 1 and in_channels == out_channels
    if option == "C" or (option == "B" and not same_shape):
        projection = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
        return nn.Sequential(projection, nn.BatchNorm2d(out_channels)) if norm else projection
    if same_shape:
        if option == "dropout":
            return Dropout(DROPPED)
        gates = {"gated": Gate, "exclusive": ExclusiveGate}
        return gates[option](in_channels) if option in gates else nn.Identity()
    padded = PooledShortcut if option == "pooled" else PaddedShortcut
    return padded(in_channels, out_channels, stride)
