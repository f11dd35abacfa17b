"""Sharpness along training: how curved is the loss where SGD is, from the first step to the last?

What is claimed: without shortcuts the loss is rugged (Li et al. 2018). "Curvature" has the largest eigenvalue
of its Hessian at the start and at the end; here it is in between, at the weights that training kept
(`train.keep_every`). A rugged landscape predicts that it stays larger in deep plain networks than in their
residual twins. If it falls to theirs while the error stays, steepness was trouble of the start alone.
"""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional as F

from degradation.errors import BadRequest
from degradation.training.kept import kept
from degradation.why.inside.curvature import top_eigenvalues
from degradation.why.networks.modes import settled

COLUMNS = ("step", "eigenvalue")
LOOKS = 4  # of the files that a run kept
TOLERANCE = 5e-2  # relative: over training the eigenvalue changes by powers of ten


def sharpness(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The largest eigenvalue of the Hessian of the mean loss on these images, BN frozen at their statistics:
    at any step the same function, also where running statistics lag behind the weights. NaN where the loss
    isn't finite.

    Args:
        images: (batch, channels, height, width); labels: (batch,).
    """
    twin = settled(network, images)
    parameters = list(twin.parameters())
    return top_eigenvalues(lambda: F.cross_entropy(twin(images), labels), parameters, 1, TOLERANCE)[0]


def looked_at(folder: Path, looks: int = LOOKS) -> dict[int, Path]:
    """By step, some of the files of weights that a run kept: the first, the last, and evenly between.

    Raises:
        BadRequest: it kept none.
    """
    found = list(kept(folder).items())
    if not found:
        raise BadRequest(f"{folder.name} kept no weights along the way: train with train.keep_every=<steps>")
    return dict(found[place] for place in evenly(len(found), looks))


def evenly(count: int, looks: int) -> Sequence[int]:
    """Places of `looks` among `count` in a row, ends included; all where there are no more."""
    if count <= looks:
        return range(count)
    return [round(look * (count - 1) / (looks - 1)) for look in range(looks)]
