"""The places of BN and ReLU around a block's convolutions and its addition (He et al. 2016, Fig. 4).

    original              conv BN ReLU conv BN, add, ReLU       (a), the blocks of He et al. 2015
    bn_after_addition     conv BN ReLU conv, add, BN ReLU       (b)
    relu_before_addition  conv BN ReLU conv BN ReLU, add        (c)
    relu_only             ReLU conv BN ReLU conv BN, add        (d)

(e), full pre-activation, is `preact.py`. The parameters are the same in all, by name and by shape.
"""

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import ResidualBlock
from degradation.models.cifar import CifarNet
from degradation.models.shortcuts import make_shortcut


class Unit(ResidualBlock):
    """Two 3x3 layers, or as a bottleneck 1x1, 3x3 (with the stride) and 1x1, in one of the forms."""

    def __init__(
        self, in_channels: int, planes: int, stride: int, option: str, form: str, bottleneck: bool
    ) -> None:
        super().__init__()
        self.form, self.out_channels = form, 4 * planes if bottleneck else planes
        layers = [(3, stride, planes), (3, 1, planes)]  # kernel, stride, channels
        if bottleneck:
            layers = [(1, 1, planes), (3, stride, planes), (1, 1, self.out_channels)]
        self.layers, channels = len(layers), in_channels
        for place, (kernel, step, out) in enumerate(layers, 1):
            layer = nn.Conv2d(channels, out, kernel, step, padding=kernel // 2, bias=False)
            self.add_module(f"conv{place}", layer)
            self.add_module(f"bn{place}", nn.BatchNorm2d(out))
            channels = out
        self.shortcut = make_shortcut(option, in_channels, self.out_channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        for place in range(1, self.layers + 1):
            last = place == self.layers
            if self.form == "relu_only":
                x = F.relu(x)
            x = self.get_submodule(f"conv{place}")(x)
            if not (last and self.form == "bn_after_addition"):
                x = self.get_submodule(f"bn{place}")(x)
            if self.form == "relu_before_addition" or (self.form != "relu_only" and not last):
                x = F.relu(x)
        return x

    def after(self, x: Tensor) -> Tensor:
        if self.form == "bn_after_addition":
            x = self.get_submodule(f"bn{self.layers}")(x)
        return x if self.form in ("relu_before_addition", "relu_only") else F.relu(x)


class FormNet(CifarNet):
    """A network of such blocks; with `relu_only` one more ReLU comes after the last addition."""

    def __init__(self, form: str, block: str, counts: Sequence[int], *, shortcut: str, **sizes: int) -> None:
        make_block = partial(Unit, option=shortcut, form=form, bottleneck=block == "bottleneck")
        super().__init__(make_block, counts, **sizes)
        self.form = form

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        x = self.stages(F.relu(self.bn1(self.conv1(images))))
        if self.form == "relu_only":
            x = F.relu(x)
        return self.fc(x.mean(dim=(2, 3)))
