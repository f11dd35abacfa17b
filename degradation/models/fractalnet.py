"""FractalNet (Larsson et al. 2017, arXiv:1605.07648): depth without residuals.

f_1 is a convolution; f_{c+1} is the mean of f_c after f_c and of a convolution beside them. So a block has C
columns, the deepest of 2^(C-1) layers; the columns beside it are the ways around it. The plain twin is the
deepest column alone.

Drop-path drops layers in training: those whose outputs reach the last join of their block by no way of
weights above 0. They aren't computed, their gradients are 0 and their BN statistics stay; where each step has
to be the same work, they are computed, to the same bits (`dropped.py`).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models.draws import Draws
from degradation.models.dropped import Dropping, passed_over, statistics_stay
from degradation.models.initial import initialise

Kept = Sequence[Sequence[bool]]  # of a block: by row and column whether the layer that ends there is kept
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

    def layers(self) -> dict[tuple[int, int], nn.Module]:
        """The layers by the row after which they end and their column."""
        every = [*(self.shortcut or ()), self.deepest]
        return {
            ((number + 1) * span(c, self.columns) - 1, c): layer
            for c, column in enumerate(every, self.columns - len(every))
            for number, layer in enumerate(column)
        }

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, out_channels, height/2, width/2).

        Args:
            weights: (rows, columns): what each join takes of each column; of a join that is read they sum
                to 1.
        """
        return self._joined(x, weights, self.layers())

    def without(self, x: Tensor, weights: Tensor, kept: Kept) -> Tensor:
        """The same, but only the layers that are kept are computed."""
        layers = self.layers()
        dropped = [layers.pop((row, c)) for row, c in list(layers) if not kept[row][c]]
        return passed_over(self._joined(x, weights, layers), dropped)

    def _joined(self, x: Tensor, weights: Tensor, layers: dict[tuple[int, int], nn.Module]) -> Tensor:
        if self.shortcut is None:
            for layer in self.deepest:
                x = layer(x)
            return F.max_pool2d(x, 2)
        inputs = [x] * self.columns
        for row in range(len(self.deepest)):
            made = {c: layers[row, c](inputs[c]) for c in range(self.columns) if (row, c) in layers}
            if not made:
                continue  # this join isn't read
            if row == len(self.deepest) - 1:
                made = {c: F.max_pool2d(y, 2) for c, y in made.items()}
            parts = [weights[row, c].to(y.dtype) * y for c, y in made.items()]
            join = sum(parts[1:], parts[0])
            inputs = [join if ends_at(row, c, self.columns) else inputs[c] for c in range(self.columns)]
        return inputs[-1]


def span(c: int, columns: int) -> int:
    """How many layers of the deepest column one of column c stands beside."""
    return 2 ** (columns - 1 - c)


def ends_at(row: int, c: int, columns: int) -> bool:
    """Whether column c ends a layer after row `row` of the deepest column."""
    return (row + 1) % span(c, columns) == 0


def live(weights: Tensor, ends: Tensor) -> Tensor:
    """Which layers have a part in what their block puts out: bool (blocks, rows, columns).

    From the last join, which is read, backwards: a layer does if the join where it ends takes it with a
    weight above 0 and is read: by the next layer of one of the columns that end there, if that layer does.

    Args:
        weights: (blocks, rows, columns), see `FractalNet._weights`.
        ends: bool (rows, columns): whether a column ends a layer after a row.
    """
    found = torch.zeros_like(weights, dtype=torch.bool)
    reads = torch.ones_like(found[:, 0])  # of each column, whether its next layer does; at last, what follows
    for row in reversed(range(len(ends))):
        read = (reads & ends[row]).any(dim=-1, keepdim=True)
        found[:, row] = ends[row] & (weights[:, row] > 0) & read
        reads = torch.where(ends[row], found[:, row], reads)
    return found


class FractalNet(Dropping, nn.Module):
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
        self.columns, self.joined, self.drop_path = columns, joined, drop_path
        self.only: int | None = None if joined else columns - 1
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
        x, weights = images, self._weights()
        blocks = [block for stage in self.stages for block in stage.children()]
        for block, own, kept in zip(blocks, weights.unbind(), self._kept(weights), strict=True):
            assert isinstance(block, FractalBlock)
            if kept is None:
                x = block(x, own)
            elif isinstance(kept, Tensor):  # the others are computed, too
                with statistics_stay((layer, kept[at]) for at, layer in block.layers().items()):
                    x = block(x, own)
            else:
                x = block.without(x, own, kept)
        return self.fc(x.mean(dim=(2, 3)))

    def _kept(self, weights: Tensor) -> Sequence[Tensor | Kept | None]:
        """Of each block the layers that this pass needs: (rows, columns), a tensor if the others are computed
        all the same; None: it needs all."""
        blocks = len(self.stages)
        if self.joined and self.only is not None:
            own = [[c == self.only for c in range(self.columns)]] * self.rows
            return [own] * blocks
        if not (self.joined and self.training and self.drop_path):
            return [None] * blocks
        kept = live(weights, self.ends)
        return kept.tolist() if self.skips else kept.unbind()

    def _weights(self) -> Tensor:
        """What each join takes of each column: (blocks, rows, columns). A row's sum is 1, or 0 where no layer
        that has a part in the output reads the join.

        In evaluation all that end there, the same of each, or `only`. In training, drop-path (section 3): in
        half of the steps one column in the whole network, in the others each join drops each of its inputs
        with probability `drop_path`, but never all of them.
        """
        ends = self.ends.expand(len(self.stages), self.rows, self.columns)
        number = torch.arange(self.columns, device=ends.device)
        if self.only is not None:
            return (ends & (number == self.only)).float()
        if not self.training or not self.drop_path:
            return self._mean(ends)
        drawn = self.draws(2 + 2 * ends.numel())
        kind, column, rest = drawn[0], (drawn[1] * self.columns).long(), drawn[2:].view(2, *ends.shape)
        kept = ends & (rest[0] >= self.drop_path)
        saved = number == (rest[1] * ends).argmax(dim=-1, keepdim=True)  # one input drawn of each join
        local = self._mean(torch.where(kept.any(dim=-1, keepdim=True), kept, saved))
        return torch.where(kind < GLOBAL, (ends & (number == column)).float(), local)

    @staticmethod
    def _mean(kept: Tensor) -> Tensor:
        return kept.float() / kept.sum(dim=-1, keepdim=True).clamp(min=1)


def fractalnet(
    *, depth: int, width: int, shortcut: str, blocks: int, drop_path: float, **sizes: int
) -> FractalNet:
    """FractalNet-20, -40 with five blocks: C = log2(depth/B) + 1 columns, the deepest of `depth` layers."""
    columns = round(math.log2(depth / blocks)) + 1
    joined = shortcut == "columns"
    return FractalNet(blocks, columns, width=width, joined=joined, drop_path=drop_path, **sizes)
