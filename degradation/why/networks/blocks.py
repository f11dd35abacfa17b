"""A network as a row of blocks: what branch and shortcut of each compute, and the network without some."""

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.errors import BadRequest
from degradation.models.blocks import ResidualBlock
from degradation.models.preact import PreBlock
from degradation.models.shortcuts import make_shortcut
from degradation.models.stochastic_depth import DroppedBlock, StochasticDepthNet


@dataclass(frozen=True)
class Place:
    """Where a block stands.

    Attributes:
        name: of the submodule, such as `stages.0.1`.
        position: from 1, over all stages.
        stage: from 1.
        keeps_shape: what goes in and what comes out have the same shape.
    """

    name: str
    position: int
    stage: int
    in_channels: int
    out_channels: int
    stride: int

    @property
    def keeps_shape(self) -> bool:
        return self.in_channels == self.out_channels and self.stride == 1


def places(network: nn.Module, images: Tensor) -> list[Place]:
    """The blocks of a network in order.

    Args:
        images: (batch, channels, height, width); one is enough: shapes are read from it.

    Raises:
        BadRequest: the network isn't a row of blocks (`stages`) that this module knows.
    """
    stages = getattr(network, "stages", None)
    names = [
        f"stages.{stage}.{name}"
        for stage, blocks in enumerate(stages.children() if isinstance(stages, nn.Sequential) else ())
        for name, _ in blocks.named_children()
    ]
    blocks = [network.get_submodule(name) for name in names]
    if not blocks or not all(isinstance(block, ResidualBlock | PreBlock) for block in blocks):
        raise BadRequest(
            f"{type(network).__name__} is not a row of blocks with one branch each: lesions and paths are of "
            "plain, residual, bottleneck, preact, wide, resnext and inception_resnet networks"
        )
    shapes: list[tuple[torch.Size, torch.Size]] = []
    hooks = [
        block.register_forward_hook(lambda _, given, out: shapes.append((given[0].shape, out.shape)))
        for block in blocks
    ]
    with torch.no_grad():
        network(images[:1])
    for hook in hooks:
        hook.remove()
    return [
        Place(name, number, int(name.split(".")[1]) + 1, into[1], out[1], -(-into[2] // out[2]))
        for number, (name, (into, out)) in enumerate(zip(names, shapes, strict=True), 1)
    ]


def without(network: nn.Module, lost: Collection[Place]) -> nn.Module:
    """A copy of the network whose blocks at these places are deleted (Veit et al. 2016).

    Of a block with a shortcut the branch is gone and the shortcut stays, with its trained projection where
    it has one. A plain block is replaced by what the shortcut of option A would be there: the identity, or
    where the shape changes every second pixel and channels of zeros. So both lose the same layers.
    """
    twin = copy.deepcopy(network)
    for place in lost:
        block = twin.get_submodule(place.name)
        if block.shortcut is not None:
            block.branch = _nothing  # type: ignore[assignment]
        else:
            path = make_shortcut("A", place.in_channels, place.out_channels, place.stride)
            assert path is not None
            twin.set_submodule(place.name, path)
    return twin


def _nothing(x: Tensor) -> float:
    return 0.0


def swapped(network: nn.Module, one: Place, other: Place) -> nn.Module:
    """A copy of the network in which two blocks have changed places.

    Raises:
        ValueError: they don't take and give the same shape.
    """
    if not (one.keeps_shape and other.keeps_shape and one.in_channels == other.in_channels):
        raise ValueError(f"{one.name} and {other.name} can't be swapped: their shapes differ")
    twin = copy.deepcopy(network)
    first, second = twin.get_submodule(one.name), twin.get_submodule(other.name)
    twin.set_submodule(one.name, second)
    twin.set_submodule(other.name, first)
    return twin


@dataclass(frozen=True)
class Parts:
    """What a block adds up: activation(branch(x) + skip(x)).

    Attributes:
        skip: None of a plain block.
        activation: ReLU, or the identity of pre-activation blocks.
    """

    branch: Callable[[Tensor], Tensor]
    skip: Callable[[Tensor], Tensor] | None
    activation: Callable[[Tensor], Tensor]


def parts(network: nn.Module, place: Place) -> Parts:
    """The parts of the block at a place, in evaluation mode."""
    block = network.get_submodule(place.name)
    if isinstance(block, PreBlock):
        return _of_preact(block)
    assert isinstance(block, ResidualBlock)
    if isinstance(block, DroppedBlock):
        assert isinstance(network, StochasticDepthNet)
        weight = network.survival[place.position - 1]
        return Parts(lambda x: weight * block.branch(x), block.shortcut, F.relu)
    return Parts(block.branch, None if block.shortcut is None else block.skip, block.after)


def _of_preact(block: PreBlock) -> Parts:
    def activated(x: Tensor) -> Tensor:
        return F.relu(block.bn1(x))

    shortcut, skip = block.shortcut, None
    if shortcut is not None:
        after = block.splits_activated or isinstance(shortcut, nn.Conv2d)
        skip = (lambda x: shortcut(activated(x))) if after else shortcut
    return Parts(lambda x: block.branch(activated(x)), skip, lambda x: x)
