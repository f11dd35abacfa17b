"""AlexNet (Krizhevsky et al. 2012; in the form of Krizhevsky 2014, arXiv:1404.5997): five convolutions, three
linear layers, dropout; as torchvision builds it, that is without the local response normalisation of 2012.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Dropout
from degradation.models.initial import initialise

SIDE = 6  # pixels of the maps that the first linear layer reads


def convolution(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution with a bias, and ReLU."""
    padding = 2 if kernel > 3 else 1
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel, stride, padding), nn.ReLU())


class AlexNet(nn.Module):
    """Stages of 1, 1 and 3 convolutions, 3x3 max pooling at the end of each, and three linear layers."""

    def __init__(self, *, width: int, num_classes: int, in_channels: int) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            nn.Sequential(convolution(in_channels, width, 11, 4), nn.MaxPool2d(3, 2)),
            nn.Sequential(convolution(width, 3 * width, 5), nn.MaxPool2d(3, 2)),
            nn.Sequential(
                convolution(3 * width, 6 * width, 3),
                convolution(6 * width, 4 * width, 3),
                convolution(4 * width, 4 * width, 3),
                nn.MaxPool2d(3, 2),
            ),
        )
        hidden = 64 * width
        self.dropout1, self.fc1 = Dropout(0.5), nn.Linear(4 * width * SIDE**2, hidden)
        self.dropout2, self.fc2 = Dropout(0.5), nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.adaptive_avg_pool2d(self.stages(images), SIDE).flatten(1)
        x = F.relu(self.fc1(self.dropout1(x)))
        return self.fc3(F.relu(self.fc2(self.dropout2(x))))


def alexnet(*, depth: int, shortcut: str, **sizes: int) -> AlexNet:
    """Eight layers; `width` is the first one's 64 filters, of which all others are multiples."""
    return AlexNet(**sizes)
