"""The networks of section 4.2: 6n+2 layers for small images, with shortcuts or without."""

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.initial import initialise


class PaddedShortcut(nn.Module):
    """Option A where the shape changes: every second pixel, and channels of zeros. No parameters."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = out_channels - in_channels, stride

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


def make_shortcut(option: str, in_channels: int, out_channels: int, stride: int) -> nn.Module | None:
    """The path around two layers (section 3.3), or None: the one place where plain and residual differ."""
    if option == "none":
        return None
    same_shape = stride == 1 and in_channels == out_channels
    if option == "C" or (option == "B" and not same_shape):
        return nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
        )
    return nn.Identity() if same_shape else PaddedShortcut(in_channels, out_channels, stride)


class Block(nn.Module):
    """Two 3x3 layers, and the shortcut around them (Fig. 2) if there is one."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, option: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = make_shortcut(option, in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return F.relu(y)


class CifarNet(nn.Module):
    """A 3x3 stem, three stages of n blocks, global average pooling, one linear layer."""

    def __init__(
        self, *, depth: int, width: int, shortcut: str, num_classes: int = 10, in_channels: int = 3
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = nn.Sequential()
        channels = width
        for stage in range(3):
            blocks = nn.Sequential()
            for block in range((depth - 2) // 6):
                out_channels, stride = width * 2**stage, 2 if stage and not block else 1
                blocks.append(Block(channels, out_channels, stride, shortcut))
                channels = out_channels
            self.stages.append(blocks)
        self.fc = nn.Linear(channels, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.relu(self.bn1(self.conv1(images)))
        return self.fc(self.stages(x).mean(dim=(2, 3)))
