"""The networks of section 4.1 and Table 1: a 7x7 stem, max pooling, four stages. ResNeXt and wide ones."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import Block, Bottleneck, MakeBlock, make_stages
from degradation.models.initial import initialise
from degradation.models.resnext import make_block

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
BASIC = (18, 34)  # depths of pairs of 3x3 layers; the others have bottlenecks


class ImagenetNet(nn.Module):
    """A 7x7 stem of stride 2, 3x3 max pooling, four stages, global average pooling, one linear layer."""

    def __init__(
        self, block: MakeBlock, counts: Sequence[int], *, width: int, num_classes: int, in_channels: int
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages, channels = make_stages(block, width, width, counts)
        self.fc = nn.Linear(channels, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 3, 2, padding=1)
        return self.fc(self.stages(x).mean(dim=(2, 3)))


def resnet(
    *,
    depth: int,
    shortcut: str,
    stride_at: str,
    widen: int,
    block: str | None,
    blocks_per_stage: Sequence[int] | None,
    **sizes: int,
) -> ImagenetNet:
    """ResNet-18 to -152; Wide ResNet-50-2 with `widen` 2 and `stride_at` 3x3; plain with `shortcut="none"`.

    `widen` multiplies the filters of bottlenecks' 3x3 layers; pairs of 3x3 layers widen all of theirs.

    Args:
        block, blocks_per_stage: None, None: as the depth has them in the paper's Table 1.
    """
    counts = blocks_per_stage or BLOCKS[depth]
    if block == "basic" or (block is None and (blocks_per_stage or depth in BASIC)):
        return ImagenetNet(lambda c, planes, s: Block(c, planes * widen, s, shortcut), counts, **sizes)

    def make_bottleneck(in_channels: int, planes: int, stride: int) -> nn.Module:
        return Bottleneck(in_channels, planes, stride, shortcut, stride_at, inner=planes * widen)

    return ImagenetNet(make_bottleneck, counts, **sizes)


def resnext(
    *,
    depth: int,
    shortcut: str,
    cardinality: int,
    base_width: int,
    blocks_per_stage: Sequence[int] | None,
    **sizes: int,
) -> ImagenetNet:
    """ResNeXt-50 32x4d: cardinality 32, base width 4."""
    block = make_block(shortcut, cardinality, base_width)
    return ImagenetNet(block, blocks_per_stage or BLOCKS[depth], **sizes)


def from_torchvision(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's state_dict of a ResNet, ResNeXt or Wide ResNet, under our names.

    `layer1` to `layer4` are `stages.0` to `stages.3`, `downsample` is `shortcut`; conv1, bn1 and fc are the
    same. torchvision's bottlenecks have the stride at the 3x3 layer: load them into `stride_at="3x3"`.
    """
    renamed = {}
    for name, value in weights.items():
        stage, dot, rest = name.partition(".")
        if stage.startswith("layer"):
            name = f"stages.{int(stage[5:]) - 1}{dot}{rest}".replace(".downsample.", ".shortcut.")
        renamed[name] = value
    return renamed
