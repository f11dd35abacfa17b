"""Landscape: what does the loss look like around the minimiser? (Li et al. 2018, arXiv:1712.09913)

What is claimed: without shortcuts the loss around the weights that SGD finds turns chaotic with depth; with
them it stays convex-looking. It predicts plain-56 to rise steeply and unevenly along random lines where
plain-20 and the residual networks rise gently.
"""

import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.why.networks.modes import as_evaluated, evaluate

COLUMNS = ("kind", "draw", "x", "y", "loss", "error")
LINE, PLANE = "line", "plane"
SPAN = 1.0  # to each side: there the weights have moved by their own norm
Direction = dict[str, Tensor]


def landscape(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    lines: int = 3,
    on_line: int = 21,
    on_plane: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Loss and error along random lines through the weights, and on a plane of two directions.

    BN keeps the running statistics of the minimiser, and its scales and biases stay as they are, as in Li
    et al. The middle of each line and plane is the network itself: equal bits to its loss on these images.

    Args:
        images: (batch, channels, height, width); labels: (batch,).
        lines: how many; on_line: points on each, odd.
        on_plane: points on each side of the plane, odd; 0: no plane. Its directions are those of the first
            two lines.
        seed: of the directions.

    Returns:
        A row a point. Columns: kind (`line`, `plane`), draw (which line), x, y (in filter norms; y is 0 on a
        line), loss (infinite if it isn't a finite number), error (percent).
    """
    twin = as_evaluated(network)
    rows: list[tuple[object, ...]] = []
    for draw in range(lines):
        along = direction(twin, seed, draw)
        for x in ticks(on_line):
            rows.append((LINE, draw, x, 0.0, *_at(twin, [along], [x], images, labels)))
    if on_plane:
        both = [direction(twin, seed, draw) for draw in (0, 1)]
        for y in ticks(on_plane):
            for x in ticks(on_plane):
                rows.append((PLANE, 0, x, y, *_at(twin, both, [x, y], images, labels)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def ticks(points: int) -> list[float]:
    """From -SPAN to SPAN, with 0 exactly in the middle.

    Raises:
        ValueError: they are even, so none would be the middle.
    """
    if points % 2 == 0:
        raise ValueError(f"{points} points: an odd number has a middle")
    half = points // 2
    return [SPAN * at / half if half else 0.0 for at in range(-half, half + 1)]


def direction(network: nn.Module, seed: int, draw: int) -> Direction:
    """A random direction whose filters have the norms of the network's own (Li et al., section 4).

    Of a weight each slice along the first axis is a filter; biases and BN's parameters don't move.
    """
    generator = torch.Generator().manual_seed(1000 * seed + draw)
    found = {}
    for name, value in network.named_parameters():
        noise = torch.randn(value.shape, generator=generator)
        if value.dim() > 1:
            own = value.detach()
            found[name] = noise * _norms(own) / _norms(noise).clamp(min=1e-10)
    return found


def _norms(weight: Tensor) -> Tensor:
    """The norm of each filter, in the shape that multiplies the weight."""
    return torch.linalg.vector_norm(weight, dim=list(range(1, weight.dim())), keepdim=True)


@torch.no_grad()
def _at(
    network: nn.Module, along: Sequence[Direction], far: Sequence[float], images: Tensor, labels: Tensor
) -> tuple[float, float]:
    """Loss and error after so many steps along each direction; the network comes back to the same bits."""
    own = {name: value for name, value in network.named_parameters()}
    before = {name: own[name].clone() for name in along[0]}
    try:
        for ahead, distance in zip(along, far, strict=True):
            for name, step in ahead.items():
                own[name].add_(step, alpha=distance)
        loss, error = evaluate(network, images, labels)
    finally:
        for name, value in before.items():
            own[name].copy_(value)
    return (loss if math.isfinite(loss) else math.inf), error
