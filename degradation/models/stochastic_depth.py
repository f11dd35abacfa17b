"""Stochastic depth (Huang et al. 2016, arXiv:1603.09382): residual networks that drop blocks in training.

Block l of L survives a step with probability p_l = 1 - l/L (1 - p_L). A dropped block is its shortcut alone,
its gradients are 0 and its BN statistics stay, as in the authors' code. It isn't computed; where each step
has to be the same work, as in a CUDA graph, it is computed and multiplied by 0, to the same bits. The
shortcut is the authors' too: where the shape changes, means of 2x2 pixels and maps of zeros (`pooled`).
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.blocks import Block
from degradation.models.cifar import CifarNet
from degradation.models.draws import Draws
from degradation.models.dropped import Dropping, passed_over, statistics_stay


class DroppedBlock(Block):
    """A residual block whose branch is weighted."""

    def forward(self, x: Tensor, weight: Tensor) -> Tensor:  # type: ignore[override]
        """(batch, in_channels, height, width), () -> (batch, out_channels, height/stride, width/stride)."""
        assert self.shortcut is not None
        return F.relu(self.shortcut(x) + weight.to(x.dtype) * self.branch(x))

    def dropped(self, x: Tensor) -> Tensor:
        """What a weight of 0 gives, without computing the branch: the same bits, gradients of 0 too."""
        assert self.shortcut is not None
        return F.relu(passed_over(self.shortcut(x), self.parts()))

    def parts(self) -> tuple[nn.Module, ...]:
        """The layers of the branch."""
        return self.conv1, self.bn1, self.conv2, self.bn2


class StochasticDepthNet(Dropping, CifarNet):
    """Weights the branches: in training 0 or 1, in evaluation the probability to survive.

    Attributes:
        survival: float32 (blocks,), p_1 to p_L.
        expected_depth: layers of a training step, on average.
    """

    def __init__(self, n: int, *, shortcut: str, survival: float, **sizes: int) -> None:
        super().__init__(partial(DroppedBlock, option=shortcut), (n, n, n), **sizes)
        self.draws = Draws()
        places = torch.arange(1, 3 * n + 1, device="cpu") / (3 * n)
        values = 1 - places * (1 - survival)
        self.expected_depth = 2 + 2 * float(values.double().sum())
        self.register_buffer("survival", values.to(self.conv1.weight.device), persistent=False)
        self.survival: Tensor

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        weights = self.survival
        if self.training:
            weights = (self.draws(len(weights)) < weights).to(torch.float32)
        kept = weights.tolist() if self.training and self.skips else [1.0] * len(weights)
        x = F.relu(self.bn1(self.conv1(images)))
        blocks = [block for stage in self.stages for block in stage.children()]
        for block, weight, computed in zip(blocks, weights.unbind(), kept, strict=True):
            assert isinstance(block, DroppedBlock)
            x = self._computed(block, x, weight) if computed else block.dropped(x)
        return self.fc(x.mean(dim=(2, 3)))

    def _computed(self, block: DroppedBlock, x: Tensor, weight: Tensor) -> Tensor:
        """A block that is computed; if it is dropped all the same, its BN statistics stay as they were."""
        if not self.training or self.skips:
            return block(x, weight)
        with statistics_stay((part, weight > 0) for part in block.parts()):
            return block(x, weight)


def stochastic_depth(*, depth: int, shortcut: str, survival: float, **sizes: int) -> StochasticDepthNet:
    """ResNet-110 that drops blocks; `survival` is p_L, that of the last block (the paper's 0.5)."""
    return StochasticDepthNet((depth - 2) // 6, shortcut=shortcut, survival=survival, **sizes)
