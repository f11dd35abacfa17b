"""DenseNet (Huang et al. 2017, arXiv:1608.06993): each layer reads all layers before it in its block.

In the plain twin each layer reads only the layer before it: k channels in, k out.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.initial import initialise

IMAGENET = {121: (6, 12, 24, 16), 161: (6, 12, 36, 24), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}


class DenseLayer(nn.Module):
    """BN, ReLU, 3x3 to k channels; as a bottleneck first BN, ReLU, 1x1 to 4k.

    Args:
        dense: give the input on beside the new channels.
    """

    def __init__(self, in_channels: int, k: int, bottleneck: bool, dense: bool) -> None:
        super().__init__()
        self.dense = dense
        self.out_channels = in_channels + k if dense else k
        inner = 4 * k if bottleneck else in_channels
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, inner, 1, bias=False) if bottleneck else nn.Identity()
        self.bn2 = nn.BatchNorm2d(inner) if bottleneck else nn.Identity()
        self.conv2 = nn.Conv2d(inner, k, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height, width)."""
        y = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        return torch.cat([x, y], dim=1) if self.dense else y


class Transition(nn.Module):
    """BN, ReLU, 1x1, and the mean of each 2x2 pixels."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(in_channels)
        self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/2, width/2)."""
        return F.avg_pool2d(self.conv(F.relu(self.bn(x))), 2)


class DenseNet(nn.Module):
    """A stem, blocks of layers with transitions between them, BN, ReLU, average pooling, a linear layer.

    Args:
        layers: of each block.
        k: channels that each layer adds (the growth rate).
        compress: transitions halve the channels (DenseNet-C).
    """

    def __init__(
        self,
        stem: nn.Module,
        channels: int,
        layers: tuple[int, ...],
        k: int,
        *,
        dense: bool,
        bottleneck: bool,
        compress: bool,
        num_classes: int,
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.Sequential()
        for number, count in enumerate(layers):
            stage = nn.Sequential()
            if number:
                # The plain twin has nothing to compress: what a layer makes, the next one reads.
                out_channels = channels // 2 if compress and dense else channels
                stage.append(Transition(channels, out_channels))
                channels = out_channels
            for _ in range(count):
                layer = DenseLayer(channels, k, bottleneck, dense)
                stage.append(layer)
                channels = layer.out_channels
            self.stages.append(stage)
        self.bn = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.relu(self.bn(self.stages(self.stem(images))))
        return self.fc(x.mean(dim=(2, 3)))


def densenet(
    *, depth: int, width: int, shortcut: str, block: str, num_classes: int, in_channels: int
) -> DenseNet:
    """DenseNet (3n+4 layers) or, with block `bottleneck`, DenseNet-BC (6n+4); `width` is k."""
    bottleneck = block == "bottleneck"
    channels = 2 * width if bottleneck else 16
    stem = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
    count = (depth - 4) // (6 if bottleneck else 3)
    return DenseNet(
        stem,
        channels,
        (count,) * 3,
        width,
        dense=shortcut == "dense",
        bottleneck=bottleneck,
        compress=bottleneck,
        num_classes=num_classes,
    )


def densenet_imagenet(
    *, depth: int, width: int, shortcut: str, num_classes: int, in_channels: int
) -> DenseNet:
    """DenseNet-121, -169 and -201 with k = `width` = 32, -161 with 48: DenseNet-BC behind a 7x7 stem."""
    channels = 2 * width
    stem = nn.Sequential(
        nn.Conv2d(in_channels, channels, 7, 2, padding=3, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, padding=1),
    )
    return DenseNet(
        stem,
        channels,
        IMAGENET[depth],
        width,
        dense=shortcut == "dense",
        bottleneck=True,
        compress=True,
        num_classes=num_classes,
    )
