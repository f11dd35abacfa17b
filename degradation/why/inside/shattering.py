"""Shattering: how alike are the gradients of nearby images? (Balduzzi et al. 2017, arXiv:1702.08591)

What is claimed: at initialisation the gradient of a deep plain network, seen as a function of its input,
looks like white noise; with shortcuts it keeps its correlations. Shattered gradients predict that the
correlation between nearby inputs falls fast with depth in plain networks (exponentially) and slowly in
residual ones. It is a statement about networks before training, so no checkpoint is read.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.why.networks.modes import AT_ONCE, frozen, settled

LAGS = (1, 2, 4, 8, 16, 32)  # in steps of the grid
POINTS = 64  # of the grid, from one image to the other
COLUMNS = ("distance", "correlation", "pairs")


def shattering(network: nn.Module, images: Tensor, lines: int = 4, points: int = POINTS) -> pd.DataFrame:
    """Correlation of input gradients along straight lines between images.

    On each line, from image 2i to image 2i+1, lies a grid of points. The gradient at a point is that of one
    fixed sum of the logits (with signs +1 and -1 in turns) in the image. BN is frozen at the statistics of
    all `images`, so that each point has a gradient of its own.

    Args:
        network: at initialisation.
        images: (batch, channels, height, width), at least 2 * `lines`.

    Returns:
        A row a lag. Columns: distance (of two points, as a share of the distance of the two images),
        correlation (see `correlation`; the mean over pairs of points and lines), pairs.
    """
    assert len(images) >= 2 * lines
    twin = settled(network, images)
    found: list[list[Tensor]] = [[] for _ in LAGS]
    for line in range(lines):
        start, end = images[2 * line], images[2 * line + 1]
        share = torch.linspace(0, 1, points)[:, None, None, None]
        gradients = input_gradients(twin, start + share * (end - start))
        for at, lag in enumerate(LAGS):
            found[at].append(correlation(gradients[:-lag], gradients[lag:]))
    rows = [
        (lag / (points - 1), torch.cat(own).mean().item(), sum(map(len, own)))
        for lag, own in zip(LAGS, found, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def input_gradients(network: nn.Module, images: Tensor) -> Tensor:
    """(batch, values of an image): each image's gradient of the logits' alternating sum."""
    parts = []
    with frozen(network):
        for part in images.split(AT_ONCE):
            inputs = part.detach().requires_grad_(True)
            logits = network(inputs)
            signs = 1.0 - 2.0 * (torch.arange(logits.shape[1]) % 2)
            (gradient,) = torch.autograd.grad((logits * signs).sum(), inputs)
            parts.append(gradient.flatten(1))
    return torch.cat(parts)


def correlation(ones: Tensor, others: Tensor) -> Tensor:
    """(rows, values), (rows, values) -> (rows,): the cosine between two rows.

    Over the draws of the last layer a gradient's mean is zero, so nothing is subtracted (Balduzzi et al.,
    section 2). NaN where a gradient is zero.
    """
    products = (ones.double() * others.double()).sum(dim=1)
    return products / (ones.double().norm(dim=1) * others.double().norm(dim=1))


def depths_of(values: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Of the depths that a family has, the nearest to each that is wanted."""
    return sorted({min(values, key=lambda value: abs(value - depth)) for depth in wanted})
