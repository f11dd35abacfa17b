"""SqueezeNet (Iandola et al. 2016, arXiv:1602.07360): fire modules, 1x1 to squeeze, 1x1 and 3x3 to expand.

As published: biases, no BN, a 1x1 convolution in place of the linear layer. Versions 1.0 and 1.1 are those of
the authors' Caffe models; `torchvision` is 1.0 as torchvision builds it, without the padding of the last
convolution; `cifar` is 1.1 with a 3x3 stem of stride 1 and one pooling fewer, for images of 32 pixels. All
begin with the values of the Caffe models: without BN, He's are too large where a bypass adds (LOG.md).

With a bypass (section 6, Fig. 2) a module adds its input to its output. `simple`: the identity, where both
have the same number of maps, in every second module; `complex`: 1x1 convolutions in the others, too.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Dropout
from degradation.models.initial import SmallConv2d, XavierConv2d, initialise

SQUEEZE = (1, 1, 2, 2, 3, 3, 4, 4)  # filters of the eight squeeze layers, in units of `width`
POOLED_BEFORE = {  # numbers of fire modules
    "v1.0": (0, 3, 7),
    "torchvision": (0, 3, 7),
    "v1.1": (0, 2, 4),
    "cifar": (2, 4),
}
# The authors' 1.0 pads the 1x1 classifier: a frame of pixels that see its bias alone enters the average.
FRAME = {"v1.0": 1}


def make_bypass(option: str, in_channels: int, out_channels: int) -> nn.Module | None:
    """The way around a fire module, or None.

    Args:
        option: `none`, `simple` (the identity where the channels stay), `complex` (1x1 where they don't).
    """
    if option == "none" or (option == "simple" and in_channels != out_channels):
        return None
    return nn.Identity() if in_channels == out_channels else XavierConv2d(in_channels, out_channels, 1)


class Fire(nn.Module):
    """1x1 to `squeeze` channels, then 1x1 and 3x3 side by side, four times as many channels each.

    A bypass is added behind the last ReLU: what comes out is never below zero, so none has to follow.
    """

    def __init__(self, in_channels: int, squeeze: int, bypass: str = "none") -> None:
        super().__init__()
        self.out_channels = 8 * squeeze
        self.squeeze = XavierConv2d(in_channels, squeeze, 1)
        self.expand1 = XavierConv2d(squeeze, 4 * squeeze, 1)
        self.expand3 = XavierConv2d(squeeze, 4 * squeeze, 3, padding=1)
        self.shortcut = make_bypass(bypass, in_channels, self.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, 8 * squeeze, height, width)."""
        z = F.relu(self.squeeze(x))
        y = F.relu(torch.cat([self.expand1(z), self.expand3(z)], dim=1))
        return y if self.shortcut is None else y + self.shortcut(x)


class SqueezeNet(nn.Module):
    """A stem, eight fire modules with pooling between, dropout, a 1x1 classifier, average pooling."""

    def __init__(
        self, *, width: int, shortcut: str, version: str, num_classes: int, in_channels: int
    ) -> None:
        super().__init__()
        older = version in ("v1.0", "torchvision")
        channels = 6 * width if older else 4 * width
        self.conv1 = (
            XavierConv2d(in_channels, channels, 3, padding=1)
            if version == "cifar"
            else XavierConv2d(in_channels, channels, 7 if older else 3, stride=2)
        )
        self.stages = nn.Sequential()
        stage = nn.Sequential()
        for number, times in enumerate(SQUEEZE):
            if number in POOLED_BEFORE[version]:
                if number:
                    self.stages.append(stage)
                stage = nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True))
            fire = Fire(channels, times * width, shortcut)
            stage.append(fire)
            channels = fire.out_channels
        self.stages.append(stage)
        self.dropout = Dropout(0.5)
        self.conv10 = SmallConv2d(channels, num_classes, 1, padding=FRAME.get(version, 0))
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = self.dropout(self.stages(F.relu(self.conv1(images))))
        return F.relu(self.conv10(x)).mean(dim=(2, 3))


def squeezenet(*, depth: int, width: int, shortcut: str, version: str, **sizes: int) -> SqueezeNet:
    """18 layers; `width` is the first squeeze layer's 16 filters, of which all others are multiples."""
    return SqueezeNet(width=width, shortcut=shortcut, version=version, **sizes)
