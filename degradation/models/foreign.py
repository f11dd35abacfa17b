"""Weights of somebody else's implementation -> values of one of the networks of section 4.2.

Names don't matter. Convolutions, batch normalisations and linear layers are matched by their order, each kind
for itself, and by their shapes. Two habits that change the numbers but not the network are undone: biases of
convolutions that a BN follows, and zero channels that option A puts on both sides instead of at the end.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models.blocks import Block, Bottleneck
from degradation.models.cifar import CifarNet
from degradation.models.shortcuts import PaddedShortcut

PADDINGS = ("trailing", "centred")  # where option A has its zero channels
NESTED = ("state_dict", "model_state_dict", "model", "net", "network")  # where checkpoints keep weights
OURS = "classifier"  # under which a run's own checkpoint has its network
KINDS = {nn.Conv2d: "convolution", nn.BatchNorm2d: "batch normalisation", nn.Linear: "linear layer"}
LEAVES = {
    "convolution": {"weight", "bias"},
    "linear layer": {"weight", "bias"},
    "batch normalisation": {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"},
}
Layer = dict[str, Tensor]


def weights(checkpoint: Any) -> dict[str, Tensor]:
    """The state dict in what a file holds: the file's own tables, or one under a usual name.

    Raises:
        BadRequest: there is none.
    """
    found = checkpoint
    if isinstance(found, Mapping) and isinstance(found.get(OURS), Mapping):
        found = found[OURS]
    for name in NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
            break
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise BadRequest("holds no state dict: a table of tensors, by itself or under " + ", ".join(NESTED))
    return {str(name): value for name, value in found.items()}


def has_padding(network: nn.Module) -> bool:
    """Whether it makes a difference where the zero channels are."""
    return any(isinstance(module, PaddedShortcut) for module in network.modules())


def translate(
    network: nn.Module, state: Mapping[str, Tensor], padding: str = "trailing"
) -> dict[str, Tensor]:
    """Another implementation's values as a state dict of `network`, which stays as it is.

    Args:
        network: plain, residual or with bottlenecks: a BN follows each of its convolutions.
        state: its state dict, in the order of its layers.
        padding: where its option A has the zero channels: `trailing` as here, or `centred`, half of them
            before. Channels are permuted then, which changes no logit.

    Raises:
        BadRequest: it is no state dict of this network; names the first layer that doesn't fit.
    """
    theirs = _layers(state)
    ours: dict[str, list[str]] = {kind: [] for kind in LEAVES}
    for name, module in network.named_modules():
        if type(module) in KINDS:
            ours[KINDS[type(module)]].append(name)
    for kind, names in ours.items():
        if len(theirs[kind]) != len(names):
            raise BadRequest(f"has {_many(len(theirs[kind]), kind)} where this network has {len(names)}")
    outs, ins = _permutations(network, padding)
    needed, values = network.state_dict(), {}
    biases = [layer.pop("bias", None) for _, layer in theirs["convolution"]]
    for kind, names in ours.items():
        for place, (name, (their_name, layer)) in enumerate(zip(names, theirs[kind], strict=True)):
            if kind == "batch normalisation" and "running_mean" in layer:
                layer["running_mean"] = _folded(layer["running_mean"], biases[place], their_name)
            for leaf in LEAVES[kind]:
                key = f"{name}.{leaf}"
                if key in needed:
                    value = _fitting(layer.get(leaf), needed[key], f"{their_name}.{leaf}", key)
                    values[key] = _permuted(value, outs.get(name), ins.get(name))
    return {key: values[key] for key in needed}


def _layers(state: Mapping[str, Tensor]) -> dict[str, list[tuple[str, Layer]]]:
    """The layers of each kind with their names, in order."""
    grouped: dict[str, Layer] = {}
    for key, value in state.items():
        name, _, leaf = key.rpartition(".")
        grouped.setdefault(name, {})[leaf] = value
    layers: dict[str, list[tuple[str, Layer]]] = {kind: [] for kind in LEAVES}
    for name, layer in grouped.items():
        dims = layer["weight"].dim() if "weight" in layer else 0
        kind = {4: "convolution", 2: "linear layer", 1: "batch normalisation"}.get(dims)
        if kind is None or not set(layer) <= LEAVES[kind]:
            leaves = ", ".join(layer)
            raise BadRequest(
                f"{name or 'it'} ({leaves}) is no convolution, batch normalisation or linear layer"
            )
        layers[kind].append((name, layer))
    return layers


def _many(count: int, kind: str) -> str:
    return f"{count} {kind}" + ("" if count == 1 else "s")


def _folded(mean: Tensor, bias: Tensor | None, name: str) -> Tensor:
    """The running mean of the responses without the convolution's bias: BN subtracts it either way."""
    if bias is None:
        return mean
    if mean.shape != bias.shape:
        raise BadRequest(
            f"{name} does not follow the convolution of the same place, whose bias it would take"
        )
    return mean - bias


def _fitting(value: Tensor | None, needed: Tensor, theirs: str, ours: str) -> Tensor:
    if value is None:
        if ours.endswith("num_batches_tracked"):  # older versions of PyTorch don't keep it
            return torch.zeros_like(needed)
        raise BadRequest(f"{theirs} is missing, which belongs to {ours}")
    if value.shape != needed.shape:
        raise BadRequest(f"{theirs} is {tuple(value.shape)}, and {ours} is {tuple(needed.shape)}")
    if not value.isfinite().all():
        raise BadRequest(f"{theirs} holds values that are not finite")
    return value.to(needed.dtype)


def _permuted(value: Tensor, out: Tensor | None, into: Tensor | None) -> Tensor:
    if value.dim() and out is not None:
        value = value[out]
    return value[:, into] if value.dim() > 1 and into is not None else value


def _permutations(network: nn.Module, padding: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Of layers by name, which of their output and of their input channels each of ours is."""
    outs: dict[str, Tensor] = {}
    ins: dict[str, Tensor] = {}
    if not isinstance(network, CifarNet):
        raise BadRequest("only plain, residual and bottleneck networks can be adopted")
    path = torch.arange(network.conv1.out_channels)  # which of their channels each of ours is, on the path
    for name, block in network.stages.named_modules(prefix="stages"):
        if not isinstance(block, Block | Bottleneck):
            continue
        last = "3" if isinstance(block, Bottleneck) else "2"
        ins[f"{name}.conv1"] = path
        if isinstance(block.shortcut, PaddedShortcut):
            before = block.shortcut.extra // 2 if padding == "centred" else 0
            passed, every = path + before, torch.arange(block.out_channels)
            path = torch.cat([passed, every[~torch.isin(every, passed)]])
        elif block.out_channels != len(path):
            path = torch.arange(block.out_channels)
        outs[f"{name}.conv{last}"] = outs[f"{name}.bn{last}"] = path
    ins["fc"] = path
    return outs, ins
