"""VGG (Simonyan and Zisserman 2015, arXiv:1409.1556): 3x3 convolutions in a row, and no way around them.

Published without BN; with it as torchvision's `vgg16_bn`. `imagenet` is the paper's network with its two
hidden layers of 4096; `cifar`, for small images, has hidden layers of 512 behind a global average.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Dropout
from degradation.models.initial import initialise

LAYERS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}  # Table 1
FILTERS = (1, 2, 4, 8, 8)  # of the five stages, in units of `width`
SIDES = {"imagenet": 7, "cifar": 1}  # pixels of the maps that the first linear layer reads
HIDDEN = {"imagenet": 64, "cifar": 8}  # units of the hidden layers, in units of `width`


def convolution(in_channels: int, out_channels: int, batch_norm: bool) -> nn.Sequential:
    """3x3 with a bias, BN where asked for, ReLU."""
    layer = nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=1))
    if batch_norm:
        layer.append(nn.BatchNorm2d(out_channels))
    return layer.append(nn.ReLU())


class VGG(nn.Module):
    """Five stages of convolutions with max pooling at the end of each, and three linear layers."""

    def __init__(
        self, *, depth: int, width: int, version: str, batch_norm: bool, num_classes: int, in_channels: int
    ) -> None:
        super().__init__()
        self.side = SIDES[version]
        self.stages = nn.Sequential()
        channels = in_channels
        for count, times in zip(LAYERS[depth], FILTERS, strict=True):
            stage = nn.Sequential()
            for _ in range(count):
                stage.append(convolution(channels, times * width, batch_norm))
                channels = times * width
            # Small images end as one pixel, however small: its pooling is the pixel itself.
            self.stages.append(stage.append(nn.MaxPool2d(2, ceil_mode=version == "cifar")))
        hidden = HIDDEN[version] * width
        self.fc1, self.dropout1 = nn.Linear(channels * self.side**2, hidden), Dropout(0.5)
        self.fc2, self.dropout2 = nn.Linear(hidden, hidden), Dropout(0.5)
        self.fc3 = nn.Linear(hidden, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.adaptive_avg_pool2d(self.stages(images), self.side).flatten(1)
        x = self.dropout1(F.relu(self.fc1(x)))
        return self.fc3(self.dropout2(F.relu(self.fc2(x))))


def vgg(*, depth: int, shortcut: str, version: str, batch_norm: bool, **sizes: int) -> VGG:
    """VGG-11, -13, -16, -19: the paper's A, B, D and E."""
    return VGG(depth=depth, version=version, batch_norm=batch_norm, **sizes)
