"""The networks of section 4.2, for small images: 6n+2 layers, or 9n+2 with bottlenecks."""

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import Block, Bottleneck, MakeBlock, SingleBlock, counts_of, make_stages
from degradation.models.initial import initialise


class CifarNet(nn.Module):
    """A 3x3 stem, stages of blocks, global average pooling, one linear layer.

    Args:
        counts: blocks of each stage; the paper has three stages of n each.
    """

    def __init__(
        self,
        make_block: MakeBlock,
        counts: Sequence[int],
        *,
        width: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages, channels = make_stages(make_block, width, width, counts)
        self.fc = nn.Linear(channels, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.relu(self.bn1(self.conv1(images)))
        return self.fc(self.stages(x).mean(dim=(2, 3)))


def residual(
    *, depth: int, shortcut: str, block: str | None, blocks_per_stage: Sequence[int] | None, **sizes: int
) -> CifarNet:
    """ResNet-20 to -1202, and with `shortcut="none"` the plain networks.

    Args:
        block: `single`: blocks of one layer; None: of two.
        blocks_per_stage: None: as many in each of three stages.
        sizes: `width`, `num_classes`, `in_channels`.
    """
    kind, layers = (SingleBlock, 1) if block == "single" else (Block, 2)
    return CifarNet(partial(kind, option=shortcut), blocks_per_stage or counts_of(depth, layers), **sizes)


def bottleneck(
    *, depth: int, shortcut: str, stride_at: str, blocks_per_stage: Sequence[int] | None, **sizes: int
) -> CifarNet:
    """The same with bottlenecks in place of pairs of 3x3 layers: 4 * `width` channels out of stage 1."""
    make_block = partial(Bottleneck, option=shortcut, stride_at=stride_at)
    return CifarNet(make_block, blocks_per_stage or counts_of(depth, 3), **sizes)
