"""Initial values: He normal for convolutions and the linear layer, biases 0, BN at identity."""

import hashlib

import torch
from torch import Tensor, nn

from degradation.models.draws import Draws


class XavierConv2d(nn.Conv2d):
    """A convolution whose weights begin uniform, of variance 1 / fan_in: half of He's. Caffe's `xavier`."""


class SmallConv2d(nn.Conv2d):
    """A convolution whose weights begin normal, with a standard deviation of 0.01."""


def initialise(network: nn.Module, seed: int | None = None) -> None:
    """Draw every parameter anew, in place.

    Args:
        seed: None draws from torch's global generator. A number keys each parameter's own generator by
            (seed, the parameter's name): a network with more parameters has the others' values bitwise
            equal, so twins start from the same point.
    """
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            generator = None if seed is None else keyed_generator(seed, f"{name}.weight")
            if not module.weight.is_meta:
                _draw(module, generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, Draws):
            generator = None if seed is None else keyed_generator(seed, f"{name}.key")
            if not module.key.is_meta:
                module.key.random_(generator=generator)
                module.calls.zero_()


def _draw(module: nn.Conv2d | nn.Linear, generator: torch.Generator | None) -> None:
    if isinstance(module, XavierConv2d):
        nn.init.kaiming_uniform_(module.weight, nonlinearity="linear", generator=generator)
    elif isinstance(module, SmallConv2d):
        nn.init.normal_(module.weight, std=0.01, generator=generator)
    else:
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)


def keyed_generator(seed: int, name: str) -> torch.Generator:
    """A CPU generator of its own for one parameter."""
    key = hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8]
    return torch.Generator().manual_seed(int.from_bytes(key, "little", signed=True))


def initial_sha256(network: nn.Module, shared_only: bool = False) -> str:
    """Digest of all parameters: names, shapes and bits.

    Args:
        shared_only: leave out the shortcuts' parameters, which a plain twin lacks.
    """
    digest = hashlib.sha256()
    for name, value in sorted(network.named_parameters()):
        if not (shared_only and ".shortcut." in name):
            digest.update(f"{name} {tuple(value.shape)};".encode())
            digest.update(bits(value))
    return digest.hexdigest()


def bits(value: Tensor) -> bytes:
    """The tensor's bytes, in the order of its indices."""
    return value.detach().cpu().contiguous().numpy().tobytes()
