"""Paths: through how many residual branches does the gradient come? (Veit et al. 2016, arXiv:1605.06431)

What is claimed: a residual network of n blocks is 2^n paths, and nearly all of its gradient comes through
the short ones, so deep residual networks train because they are effectively shallow. It predicts an
effective depth far below n that grows slowly with n. In a plain network the one path passes all n branches.

Veit et al. sampled paths of each length and multiplied by how many there are, which ignores that paths
cancel. Here all paths of a length are added up exactly: the gradient is sent back as a polynomial in a
variable that each branch multiplies by once, and the coefficient of its k-th power is the sum over all paths
that pass k branches. ReLUs stay as the forward pass left them.
"""

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.why.networks.blocks import Parts, places
from degradation.why.networks.blocks import parts as parts_of
from degradation.why.networks.modes import as_evaluated, frozen, settled

COLUMNS = ("branches", "norm", "share")


def paths(network: nn.Module, images: Tensor, labels: Tensor, settle: bool = False) -> pd.DataFrame:
    """The loss's gradient at the first block's input, by the number of residual branches passed.

    Args:
        images: (batch, channels, height, width), few: a pass holds (blocks + 1) times as many; labels.
        settle: freeze BN at the statistics of these images, as a network at initialisation needs; else at
            its running ones.

    Returns:
        A row for each number of branches from 0 to the number of blocks. Columns:
        - branches.
        - norm: the norm of that part of the gradient, over the sum of all parts' norms: mean over images.
        - share: its component along the whole gradient, over the whole's norm: mean over images. The shares
          add up to 1; one below 0 works against the others.

    Raises:
        BadRequest: the network isn't a row of blocks.
    """
    by_branches = gradients(network, images, labels, settle).double()
    whole = by_branches.sum(dim=0)
    norms = by_branches.norm(dim=2)
    along = (by_branches * whole).sum(dim=2) / (whole * whole).sum(dim=1)
    rows = {
        "branches": range(len(by_branches)),
        "norm": (norms / norms.sum(dim=0)).mean(dim=1).tolist(),
        "share": along.mean(dim=1).tolist(),
    }
    return pd.DataFrame(rows, columns=list(COLUMNS))


def gradients(network: nn.Module, images: Tensor, labels: Tensor, settle: bool = False) -> Tensor:
    """(blocks + 1, batch, values of the first block's input): the sum over all paths of each length."""
    twin = settled(network, images) if settle else as_evaluated(network)
    row = places(twin, images)
    given: list[Tensor] = []
    last: list[Tensor] = []

    def outlet(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Cuts the graph behind the last block: what comes after it is sent back by autograd."""
        last.append(output.detach().requires_grad_(True))
        return last[0]

    blocks = [twin.get_submodule(place.name) for place in row]
    hooks = [one.register_forward_hook(lambda _, into, out: given.append(into[0].detach())) for one in blocks]
    hooks.append(blocks[-1].register_forward_hook(outlet))
    with frozen(twin):
        loss = F.cross_entropy(twin(images), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, last[0])
        for hook in hooks:
            hook.remove()
        stack = gradient[None]
        for place, x in zip(reversed(row), reversed(given), strict=True):
            stack = _back(parts_of(twin, place), x, stack)
    return stack.flatten(2)


def _back(block: Parts, x: Tensor, stack: Tensor) -> Tensor:
    """Polynomials behind a block -> polynomials before it: (k, batch, ...) -> (k + 1, batch, ...)."""
    powers = len(stack)
    # BN is frozen, so images don't meet: the powers lie side by side in one batch.
    x = x.repeat(powers, *[1] * (x.dim() - 1)).requires_grad_(True)
    branch = block.branch(x)
    skip = block.skip(x) if block.skip is not None else None
    with torch.enable_grad():
        total = (branch if skip is None else branch + skip).detach().requires_grad_(True)
        (behind,) = torch.autograd.grad(block.activation(total), total, stack.flatten(0, 1))
    (through,) = torch.autograd.grad(branch, x, behind, retain_graph=True)
    before = x.new_zeros(powers + 1, *stack.shape[1:2], *x.shape[1:])
    before[1:] += through.unflatten(0, (powers, -1))
    if skip is not None:
        around = behind if skip is x else torch.autograd.grad(skip, x, behind)[0]
        before[:-1] += around.unflatten(0, (powers, -1))
    return before
