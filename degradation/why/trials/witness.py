"""The witness: is there a solution for the deep plain network at all? (He et al., sections 1 and 4.1)

What is claimed: a deeper network made of a trained shallower one and of added layers that compute the
identity is as good, so a good solution exists, and a deep network that trains to a higher error is a failure
of the search, not of the network. It predicts that such a network can be written down, and asks what SGD does
there: keep it, leave it, or find it from elsewhere.

In evaluation mode an added block is the identity: Dirac convolutions, and BNs whose scale and shift undo
their running statistics. In training mode BN takes the batch's statistics instead. Scale and shift are those
of the responses that go in (their standard deviation and mean over images), so the first added BN brings each
channel of a batch to that mean and deviation, and those behind it find it there already: the added blocks of
a stage shift and scale the channels by the batch's own noise, once, and cut off what falls below zero.

With shortcuts the added blocks need not compute anything: those of a fresh deep network, scale and shift of
their last BN set to 0, add nothing to what the shortcut hands on, in training mode either.
"""

import copy
import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models.blocks import Block
from degradation.models.cifar import CifarNet
from degradation.why.inside.landscape import direction
from degradation.why.networks.modes import as_evaluated, evaluate, settled

LINE = ("at", "loss", "error")
AT_ONCE = 250  # images
TRIES = 50


def witness(network: nn.Module, depth: int, images: Tensor, fresh: nn.Module | None = None) -> CifarNet:
    """A deeper network that computes the same in evaluation mode, on a CPU with equal bits.

    Each stage gets as many blocks more, behind its own; names and shapes are those of the family's network of
    that depth.

    Args:
        network: a plain or residual network of 6n+2 layers, trained.
        depth: of the witness, 6m+2.
        images: (batch, channels, height, width), as they are: of their responses a plain network's BN gets
            mean and deviation.
        fresh: of a residual network the one of that depth before training, whose blocks are added.

    Returns:
        A copy with added blocks, in evaluation mode.

    Raises:
        BadRequest: they aren't such networks, or the first isn't shallower.
    """
    if not can_be_made(network):
        raise BadRequest(
            "a witness is made of a network of pairs of 3x3 layers whose shortcuts, if any, are the "
            "identity: model=plain or residual"
        )
    deep = as_evaluated(network)
    assert isinstance(deep, CifarNet)
    if not plain(deep) and fresh is None:
        raise BadRequest("a witness with shortcuts takes the deeper network before training, too")
    old, rest = blocks_a_stage(deep), (depth - 2) % 6
    new = (depth - 2) // 6
    if rest or new <= old:
        raise BadRequest(f"depth {depth}: a witness has 6m+2 layers, and more than {6 * old + 2}")
    for number, response in enumerate(_responses(deep, images)):
        stage = deep.get_submodule(f"stages.{number}")
        assert isinstance(stage, nn.Sequential)
        for name in range(old, new):
            if fresh is None or plain(deep):
                stage.append(identity(*response))
            else:
                stage.append(shut(fresh.get_submodule(f"stages.{number}.{name}")))
    return deep.eval()


def can_be_made(network: nn.Module) -> bool:
    """Whether it is a network of pairs of layers whose shortcuts, if it has some, hand on their input as it
    is where the shape stays."""
    return isinstance(network, CifarNet) and all(
        isinstance(block, Block)
        and (block.shortcut is None or not number or isinstance(block.shortcut, nn.Identity))
        and block.skip_scale is None
        for blocks in network.stages.children()
        for number, block in enumerate(blocks.children())
    )


def plain(network: CifarNet) -> bool:
    """Whether its blocks have no shortcuts."""
    return all(block.shortcut is None for block in network.modules() if isinstance(block, Block))


def shut(block: nn.Module) -> Block:
    """A copy of a block with a shortcut whose branch adds nothing, until SGD opens it."""
    own = copy.deepcopy(block)
    assert isinstance(own, Block)
    nn.init.zeros_(own.bn2.weight)
    nn.init.zeros_(own.bn2.bias)
    return own


def identity(mean: Tensor, variance: Tensor) -> Block:
    """A plain block that gives back what isn't negative, in evaluation mode.

    Args:
        mean, variance: of each channel that goes in, (channels,).
    """
    block = Block(len(mean), len(mean), 1, "none")
    scale, variance = undone(variance, block.bn1.eps)
    for conv, norm in ((block.conv1, block.bn1), (block.conv2, block.bn2)):
        nn.init.dirac_(conv.weight)
        with torch.no_grad():
            norm.running_mean.copy_(mean)  # type: ignore[union-attr]
            norm.running_var.copy_(variance)  # type: ignore[union-attr]
            norm.weight.copy_(scale)
            norm.bias.copy_(mean)
    return block.eval()


def undone(variance: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """A scale that undoes BN's division by sqrt(variance + eps) to the last bit, and the variance for it.

    Rounded, the product of the two can be a bit less than 1, and a bit a layer adds up; there the variance is
    made larger by a millionth until it is 1.
    """
    for _ in range(TRIES):
        inverse = (variance + eps).rsqrt()
        scale = 1 / inverse
        scale = torch.where(scale * inverse == 1, scale, scale.nextafter(torch.full_like(scale, math.inf)))
        exact = scale * inverse == 1
        if exact.all():
            break
        variance = torch.where(exact, variance, variance * (1 + 1e-6) + 1e-9)
    return scale, variance


def blocks_a_stage(network: CifarNet) -> int:
    return len(list(network.stages[0].children()))


def added(network: CifarNet, old: int) -> list[str]:
    """Names of the blocks behind the first `old` of each stage."""
    return [
        f"stages.{stage}.{number}"
        for stage, blocks in enumerate(network.stages.children())
        for number, _ in enumerate(blocks.children())
        if number >= old
    ]


@torch.no_grad()
def _responses(network: CifarNet, images: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Mean and variance of each channel that leaves a stage, in evaluation mode."""
    twin = as_evaluated(network)
    sums: list[list[Tensor]] = [[] for _ in twin.stages.children()]  # type: ignore[union-attr]
    hooks = [
        stage.register_forward_hook(
            lambda _, given, out, own=own: own.append(
                torch.stack([out.double().mean((0, 2, 3)), out.double().square().mean((0, 2, 3))]) * len(out)
            )
        )
        for stage, own in zip(twin.stages.children(), sums, strict=True)  # type: ignore[union-attr]
    ]
    for start in range(0, len(images), AT_ONCE):
        twin(images[start : start + AT_ONCE])
    for hook in hooks:
        hook.remove()
    found = []
    for own in sums:
        mean, square = torch.stack(own).sum(0) / len(images)
        found.append((mean.float(), (square - mean.square()).clamp(min=0).float()))
    return found


def noisy(network: nn.Module, size: float, seed: int = 0) -> nn.Module:
    """A copy whose filters have moved in a random direction, each by `size` times its own norm."""
    twin = copy.deepcopy(network)
    along = direction(twin, seed, 0)
    with torch.no_grad():
        for name, value in twin.named_parameters():
            if name in along:
                value.add_(along[name], alpha=size)
    return twin


@torch.no_grad()
def departure(network: nn.Module, names: Sequence[str], images: Tensor) -> float:
    """How far blocks are from the identity: mean over them of ||block(x) - x|| / ||x||, in evaluation mode;
    0 for a witness's. NaN without blocks, or where nothing goes into one."""
    twin = as_evaluated(network)
    found: list[float] = []
    hooks = [
        twin.get_submodule(name).register_forward_hook(
            lambda _, given, out: found.append(((out - given[0]).norm() / given[0].norm()).item())
        )
        for name in names
    ]
    twin(images)
    for hook in hooks:
        hook.remove()
    return sum(found) / len(found) if found else math.nan


def straight(
    one: nn.Module, other: nn.Module, images: Tensor, labels: Tensor, points: int = 11
) -> pd.DataFrame:
    """Loss and error along the straight line between the parameters of two networks of the same shapes.

    BN takes the statistics of these images at each point: in between, running statistics are of nothing. Two
    networks that were trained apart also differ in the order of their channels, so a hill on the line doesn't
    say that no valley leads from one to the other.

    Args:
        images: (batch, channels, height, width); labels: (batch,).
        points: from 2: the ends are among them.

    Returns:
        A row a point. Columns: at (0 is `one`, 1 `other`), loss (may be infinite), error (percent).
    """
    start, end = dict(one.named_parameters()), dict(other.named_parameters())
    rows = []
    for number in range(points):
        at, between = number / (points - 1), copy.deepcopy(one)
        with torch.no_grad():
            for name, value in between.named_parameters():
                value.copy_(torch.lerp(start[name], end[name], at))
        loss, error = evaluate(settled(between, images), images, labels)
        rows.append((at, loss if math.isfinite(loss) else math.inf, error))
    return pd.DataFrame(rows, columns=list(LINE))
