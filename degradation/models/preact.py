"""Pre-activation networks (He et al. 2016, Identity Mappings, arXiv:1603.05027) and wide ones.

BN and ReLU come before each convolution, so nothing lies on the shortcut: x_{l+1} = x_l + F(x_l). Where the
shape changes, the projection takes the block's activated input, as in the authors' code; it has no BN. The
very first block activates before its paths split, as the paper's appendix has it.
Wide networks (Zagoruyko & Komodakis 2016, arXiv:1605.07146) are these with more filters.
"""

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import MakeBlock, counts_of, make_stages
from degradation.models.forms import FormNet
from degradation.models.initial import initialise
from degradation.models.shortcuts import make_shortcut


class PreBlock(nn.Module):
    """BN, ReLU, 3x3, BN, ReLU, 3x3 (Fig. 4e), and the shortcut around them if there is one.

    Attributes:
        splits_activated: the shortcut reads the input after BN and ReLU, even where it is no projection.
    """

    splits_activated = False

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        super().__init__()
        self.out_channels = planes
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, planes, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.shortcut = make_shortcut(option, in_channels, planes, stride, norm=False)

    def branch(self, activated: Tensor) -> Tensor:
        """The rest of F, of the input after BN and ReLU."""
        return self.conv2(F.relu(self.bn2(self.conv1(activated))))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/stride, width/stride)."""
        activated = F.relu(self.bn1(x))
        y = self.branch(activated)
        if self.shortcut is None:
            return y
        after = self.splits_activated or isinstance(self.shortcut, nn.Conv2d)
        return y + self.shortcut(activated if after else x)


class PreBottleneck(PreBlock):
    """The same with 1x1, 3x3 and 1x1 layers, four times `planes` channels out; the 3x3 has the stride."""

    expansion = 4

    def __init__(self, in_channels: int, planes: int, stride: int, option: str) -> None:
        nn.Module.__init__(self)
        self.out_channels = self.expansion * planes
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, self.out_channels, 1, bias=False)
        self.shortcut = make_shortcut(option, in_channels, self.out_channels, stride, norm=False)

    def branch(self, activated: Tensor) -> Tensor:
        """The rest of F, of the input after BN and ReLU."""
        y = self.conv2(F.relu(self.bn2(self.conv1(activated))))
        return self.conv3(F.relu(self.bn3(y)))


class PreactNet(nn.Module):
    """A 3x3 stem without BN, stages of blocks, BN and ReLU, global average pooling, a linear layer.

    Args:
        counts: blocks of each stage.
        width: filters of the stem.
        planes: those of the first stage.
    """

    def __init__(
        self,
        make_block: MakeBlock,
        counts: Sequence[int],
        *,
        width: int,
        planes: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.stages, channels = make_stages(make_block, width, planes, counts)
        self.bn = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, num_classes)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = F.relu(self.bn(self.stages(self.conv1(images))))
        return self.fc(x.mean(dim=(2, 3)))


def preact(
    *,
    depth: int,
    width: int,
    shortcut: str,
    block: str,
    form: str | None,
    blocks_per_stage: Sequence[int] | None,
    **sizes: int,
) -> nn.Module:
    """Pre-activation ResNet-110 (`basic`), -164 (`bottleneck`); plain with `shortcut="none"`.

    Args:
        form: other places of BN and ReLU, see `forms.py`.
    """
    kind, layers = (PreBottleneck, 3) if block == "bottleneck" else (PreBlock, 2)
    counts = blocks_per_stage or counts_of(depth, layers)
    if form is not None:
        return FormNet(form, block, counts, width=width, shortcut=shortcut, **sizes)
    network = PreactNet(partial(kind, option=shortcut), counts, width=width, planes=width, **sizes)
    first = network.get_submodule("stages.0.0")
    assert isinstance(first, PreBlock)
    first.splits_activated = True
    return network


def wide(
    *,
    depth: int,
    width: int,
    shortcut: str,
    widen: int,
    blocks_per_stage: Sequence[int] | None,
    **sizes: int,
) -> PreactNet:
    """WRN-depth-widen: the three projections count as layers, so depth = 6n + 4."""
    counts = blocks_per_stage or counts_of(depth, 2, rest=4)
    block = partial(PreBlock, option=shortcut)
    return PreactNet(block, counts, width=width, planes=width * widen, **sizes)
