"""Network in Network (Lin et al. 2014, arXiv:1312.4400) for CIFAR-10: convolutions that are small networks.

As in the authors' Caffe model: biases, no BN, dropout after pooling, and a global average of the last maps in
place of a linear layer.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Dropout
from degradation.models.initial import initialise


def mlpconv(in_channels: int, kernel: int, *filters: int) -> nn.Sequential:
    """A convolution, and after it 1x1 convolutions: a small perceptron that slides over the image."""
    layers = nn.Sequential()
    for number, out_channels in enumerate(filters):
        size = 1 if number else kernel
        layers.append(nn.Conv2d(in_channels, out_channels, size, padding=size // 2))
        layers.append(nn.ReLU())
        in_channels = out_channels
    return layers


class NiN(nn.Module):
    """Three mlpconv layers of three convolutions each."""

    def __init__(self, *, width: int, num_classes: int, in_channels: int) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            nn.Sequential(mlpconv(in_channels, 5, 6 * width, 5 * width, 3 * width)),
            nn.Sequential(mlpconv(3 * width, 5, 6 * width, 6 * width, 6 * width)),
            nn.Sequential(mlpconv(6 * width, 3, 6 * width, 6 * width, num_classes)),
        )
        self.dropouts = nn.ModuleList([Dropout(0.5), Dropout(0.5)])
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = self.dropouts[0](F.max_pool2d(self.stages[0](images), 3, 2, ceil_mode=True))
        x = self.dropouts[1](F.avg_pool2d(self.stages[1](x), 3, 2, ceil_mode=True))
        return self.stages[2](x).mean(dim=(2, 3))


def nin(*, depth: int, width: int, shortcut: str, **sizes: int) -> NiN:
    """Nine convolutions; at `width` 32 the paper's 192, 160 and 96 filters."""
    return NiN(width=width, **sizes)
