"""Curvature: the largest eigenvalues of the loss's Hessian in the weights.

What is claimed: shortcuts make the loss smoother (Li et al. 2018). It predicts a largest eigenvalue that
grows with depth in plain networks and is smaller in their residual twins. Descent with all images at once, a
learning rate lr and momentum m can't stay where it is above 2 (1 + m) / lr, so a large one also predicts slow
training; of descent by batches that is a guide, no limit.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.why.networks.modes import as_evaluated, settled

COLUMNS = ("place", "eigenvalue")
TOLERANCE = 1e-2  # relative: float32 products don't give much more
Loss = Callable[[], Tensor]


def curvature(
    network: nn.Module, images: Tensor, labels: Tensor, top: int = 3, settle: bool = False
) -> pd.DataFrame:
    """The largest eigenvalues (with their signs) of the Hessian of the mean loss on these images.

    Args:
        settle: freeze BN at the statistics of these images, as a network at initialisation needs; else at
            its running ones.

    Returns:
        Columns: place (from 1, the largest first), eigenvalue; NaN where the loss isn't finite.
    """
    twin = settled(network, images) if settle else as_evaluated(network)
    values = top_eigenvalues(
        lambda: F.cross_entropy(twin(images), labels), list(twin.parameters()), top, TOLERANCE
    )
    return pd.DataFrame({"place": range(1, len(values) + 1), "eigenvalue": values})


def top_eigenvalues(
    loss: Loss, parameters: Sequence[Tensor], top: int = 1, tolerance: float = 0.0
) -> list[float]:
    """The algebraically largest eigenvalues of a loss's Hessian, by Lanczos on Hessian-vector products.

    Args:
        loss: computes it anew, as a function of `parameters`.
        tolerance: relative; 0 is machine precision.

    Returns:
        As many as `top`, the largest first; NaN where the loss isn't finite, of which Lanczos makes nothing.
    """
    at_start = loss()
    if not at_start.isfinite():
        return [math.nan] * top
    gradients = torch.autograd.grad(at_start, list(parameters), create_graph=True)
    sizes = [value.numel() for value in parameters]

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = torch.from_numpy(np.ascontiguousarray(vector.ravel())).to(parameters[0].dtype)
        parts = [part.view_as(own) for part, own in zip(flat.split(sizes), parameters, strict=True)]
        products = torch.autograd.grad(gradients, list(parameters), parts, retain_graph=True)
        return torch.cat([one.reshape(-1) for one in products]).double().numpy()

    count = sum(sizes)
    operator = LinearOperator((count, count), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(count)  # the same each time
    values = eigsh(operator, top, which="LA", return_eigenvectors=False, tol=tolerance, v0=start)
    return sorted((float(value) for value in values), reverse=True)
