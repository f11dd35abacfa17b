"""Weights that a network is to begin with: under our names, or torchvision's of the same network.

The last layer is left as it is where the weights are of another number of classes. What a network draws
(dropout, dropped blocks) belongs to its own seed and is never taken over.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models.blocks import Bottleneck
from degradation.models.imagenet import from_torchvision

DRAWN = (".draws.key", ".draws.calls")
OPTIONAL = ".num_batches_tracked"  # older versions of PyTorch don't keep it


def fitted(network: nn.Module, state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str | None]:
    """The values of `state` under the network's names; the network stays as it is.

    Returns:
        The values of all its parameters and statistics, and the name of the last layer if that stays new.

    Raises:
        BadRequest: it is no state dict of this network; names the first value that doesn't fit.
    """
    needed = {name: value for name, value in network.state_dict().items() if not _is_drawn(name)}
    given = _under_our_names(network, state, list(needed))
    last = last_layer(network)
    classes = f"{last}.weight"
    new = classes in given and given[classes].shape[1:] == needed[classes].shape[1:]
    new = new and given[classes].shape[0] != needed[classes].shape[0]
    values = {}
    for name, ours in needed.items():
        if new and name.rpartition(".")[0] == last:
            continue
        if name not in given:
            if name.endswith(OPTIONAL):
                continue
            raise BadRequest(f"{name} is missing: not the weights of this network")
        theirs = given.pop(name)
        if theirs.shape != ours.shape:
            raise BadRequest(
                f"{name} is {tuple(theirs.shape)} there, and {tuple(ours.shape)} in this network"
            )
        if not theirs.isfinite().all():
            raise BadRequest(f"{name} holds values that are not finite")
        values[name] = theirs.to(ours.dtype)
    left = [name for name in given if name.rpartition(".")[0] != last]
    if left:
        raise BadRequest(f"{left[0]} is nothing of this network")
    return values, last if new else None


def last_layer(network: nn.Module) -> str:
    """The name of the layer that puts out a number, or a map, a class."""
    return [name for name, one in network.named_modules() if isinstance(one, nn.Linear | nn.Conv2d)][-1]


def _is_drawn(name: str) -> bool:
    return f".{name}".endswith(DRAWN)


def _under_our_names(network: nn.Module, state: Mapping[str, Tensor], ours: list[str]) -> dict[str, Tensor]:
    theirs = {name: value for name, value in state.items() if not _is_drawn(name)}
    if any(name.startswith("layer1.") for name in theirs):  # torchvision's ResNets and their relatives
        if any(isinstance(one, Bottleneck) and max(one.conv1.stride) > 1 for one in network.modules()):
            raise BadRequest(
                "torchvision's bottlenecks have the stride at the 3x3 layer: model.stride_at=3x3"
            )
        return from_torchvision(theirs)
    if any(name.startswith("features.") for name in theirs):  # its others: the same layers in the same order
        if len(theirs) != len(ours):
            raise BadRequest(f"has {len(theirs)} values where this network has {len(ours)}")
        pairs = list(zip(ours, theirs.items(), strict=True))
        for name, (their_name, _) in pairs:
            if name.rpartition(".")[2] != their_name.rpartition(".")[2]:
                raise BadRequest(f"{their_name} is where this network has {name}")
        return {name: value for name, (_, value) in pairs}
    return theirs
