"""FractalNet (Larsson et al. 2017, arXiv:1605.07648): depth without residuals.

f_1 is a convolution; f_{c+1} is the mean of f_c after f_c and of a convolution beside them. So a block has C
columns, the deepest of 2^(C-1) layers; the columns beside it are the ways around it. The plain twin is the
deepest column alone.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Draws
from degradation.models.initial import initialise

GLOBAL = 0.5  # of the training steps keep a single column everywhere; the others drop at each join
DOUBLINGS = (0, 1, 2, 3, 3)  # filters of the paper's five blocks: 64, 128, 256, 512, 512


class Layer(nn.Module):
    """3x3 convolution, BN, ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height, width)."""
        return F.relu(self.bn(self.conv(x)))


class FractalBlock(nn.Module):
    """C columns side by side, joined by means; each is max pooled (2x2) before the last join.

    Column c (0 the shallowest) has 2^c layers, each as long as 2^(C-1-c) of the deepest column's. After row r
    of the deepest column all columns that end a layer there are joined. `deepest` is the last column; the
    others are `shortcut`, which a plain block lacks. Pooling before the last join is the authors' order.
    """

    def __init__(self, in_channels: int, out_channels: int, columns: int, joined: bool) -> None:
        super().__init__()
        self.columns = columns
        self.deepest = self._column(in_channels, out_channels, columns - 1)
        self.shortcut = (
            nn.ModuleList(self._column(in_channels, out_channels, c) for c in range(columns - 1))
            if joined
            else None
        )

    @staticmethod
    def _column(in_channels: int, out_channels: int, c: int) -> nn.ModuleList:
        return nn.ModuleList(Layer(out_channels if row else in_channels, out_channels) for row in range(2**c))

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/2, width/2).

        Args:
            weights: (rows, columns): what each join takes of each column; rows sum to 1.
        """
        if self.shortcut is None:
            for layer in self.deepest:
                x = layer(x)
            return F.max_pool2d(x, 2)
        every = [*self.shortcut, self.deepest]
        inputs = [x] * self.columns
        for row in range(len(self.deepest)):
            ends = [c for c in range(self.columns) if ends_at(row, c, self.columns)]
            made = [every[c][(row + 1) // span(c, self.columns) - 1](inputs[c]) for c in ends]
            if row == len(self.deepest) - 1:
                made = [F.max_pool2d(y, 2) for y in made]
            own = weights[row].to(made[0].dtype)
            join = sum((own[c] * y for c, y in zip(ends[1:], made[1:], strict=True)), own[ends[0]] * made[0])
            for c in ends:
                inputs[c] = join
        return inputs[-1]


def span(c: int, columns: int) -> int:
    """How many layers of the deepest column one of column c stands beside."""
    return 2 ** (columns - 1 - c)


def ends_at(row: int, c: int, columns: int) -> bool:
    """Whether column c ends a layer after row `row` of the deepest column."""
    return (row + 1) % span(c, columns) == 0


class FractalNet(nn.Module):
    """Blocks of columns, the mean over what pixels are left, and a linear layer.

    Attributes:
        only: a column (0 the shallowest) that alone is evaluated; None: all.
    """

    def __init__(
        self,
        blocks: int,
        columns: int,
        *,
        width: int,
        joined: bool,
        drop_path: float,
        num_classes: int,
        in_channels: int,
    ) -> None:
        super().__init__()
        self.columns, self.drop_path, self.only = columns, drop_path, None if joined else columns - 1
        self.rows = 2 ** (columns - 1)
        doublings = [*DOUBLINGS, *[DOUBLINGS[-1]] * blocks][:blocks]
        filters = [width * 2**times for times in doublings]
        self.stages = nn.Sequential()
        for before, after in zip([in_channels, *filters], filters, strict=False):
            self.stages.append(nn.Sequential(FractalBlock(before, after, columns, joined)))
        self.fc = nn.Linear(filters[-1], num_classes)
        self.draws = Draws()
        ends = [[ends_at(row, c, columns) for c in range(columns)] for row in range(self.rows)]
        device = self.fc.weight.device
        self.register_buffer("ends", torch.tensor(ends, device=device), persistent=False)
        self.ends: Tensor
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes) logits."""
        weights = self._weights()
        x = images
        for number, stage in enumerate(self.stages):
            for block in stage.children():
                x = block(x, weights[number])
        return self.fc(x.mean(dim=(2, 3)))

    def _weights(self) -> Tensor:
        """What each join takes of each column: (blocks, rows, columns), each row summing to 1.

        In evaluation all that end there, the same of each, or `only`. In training, drop-path (section 3): in
        half of the steps one column in the whole network, in the others each join drops each of its inputs
        with probability `drop_path`, but never all of them.
        """
        ends = self.ends.expand(len(self.stages), self.rows, self.columns)
        number = torch.arange(self.columns, device=ends.device)
        if self.only is not None:
            return self._alone(ends, number == self.only)
        if not self.training or not self.drop_path:
            return self._mean(ends)
        drawn = self.draws(2 + 2 * ends.numel())
        kind, column, rest = drawn[0], (drawn[1] * self.columns).long(), drawn[2:].view(2, *ends.shape)
        kept = ends & (rest[0] >= self.drop_path)
        saved = F.one_hot(
            (rest[1] * ends).argmax(dim=-1), self.columns
        ).bool()  # one input drawn of each join
        local = self._mean(torch.where(kept.any(dim=-1, keepdim=True), kept, saved))
        return torch.where(kind < GLOBAL, self._alone(ends, number == column), local)

    @staticmethod
    def _mean(kept: Tensor) -> Tensor:
        return kept.float() / kept.sum(dim=-1, keepdim=True).clamp(min=1)

    def _alone(self, ends: Tensor, chosen: Tensor) -> Tensor:
        """One column alone. What the other joins make it doesn't read; they are means, as ever, so that BN's
        running statistics there stay those of real inputs."""
        own = ends & chosen
        return torch.where(own.any(dim=-1, keepdim=True), own.float(), self._mean(ends))


def fractalnet(
    *, depth: int, width: int, shortcut: str, blocks: int, drop_path: float, **sizes: int
) -> FractalNet:
    """FractalNet-20, -40 with five blocks: C = log2(depth/B) + 1 columns, the deepest of `depth` layers."""
    columns = round(math.log2(depth / blocks)) + 1
    joined = shortcut == "columns"
    return FractalNet(blocks, columns, width=width, joined=joined, drop_path=drop_path, **sizes)
