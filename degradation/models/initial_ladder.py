"""Other initial values than He normal (`model.init`), of the same parameters."""

import torch
from torch import Tensor, nn

from degradation.models.blocks import Block, ResidualBlock, SingleBlock
from degradation.models.initial import keyed_generator
from degradation.models.shortcuts import Gate

DIRACNET = 0.1  # how much of the noise a DiracNet has beside the identity
Weighted = nn.Conv2d | nn.Linear


def initialise_as(init: str, network: nn.Module, seed: int, images: Tensor | None = None) -> None:
    """Draw the weights anew, in place, after `initialise`; each is keyed by (seed, its name) as there.

    Args:
        init: `orthogonal` (rows orthonormal, times sqrt(2)); `looks_linear` (Balduzzi et al. 2017: mirrored
            halves, so that a plain network starts as a linear one); `dirac` (DiracNets, Zagoruyko & Komodakis
            2017: where channels are as many on both sides, the identity and a tenth of normalised noise);
            `lsuv` (Mishkin & Matas 2016: orthogonal, then each layer scaled to responses of variance 1);
            `small_linear` (the linear layer begins as PyTorch's own does, root 6 times smaller than He's);
            `zero_last_bn` (Goyal et al. 2017: each branch begins as 0).
        images: those that `lsuv` looks at, (batch, channels, height, width).
    """
    if init == "zero_last_bn":
        for block in network.modules():
            if isinstance(block, Block | SingleBlock) and block.shortcut is not None:
                nn.init.zeros_((block.bn2 if isinstance(block, Block) else block.bn1).weight)
        return
    for name, layer in _layers(network):
        generator = keyed_generator(seed, f"{name}.weight")
        with torch.no_grad():
            if init in ("orthogonal", "lsuv"):
                nn.init.orthogonal_(layer.weight, gain=2**0.5, generator=generator)
            elif init == "looks_linear":
                layer.weight.copy_(_mirrored(layer, generator))
            elif init == "small_linear" and isinstance(layer, nn.Linear):
                bound = layer.in_features**-0.5
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            elif init == "dirac" and isinstance(layer, nn.Conv2d) and layer.in_channels == layer.out_channels:
                noise = torch.randn(layer.weight.shape, generator=generator).flatten(1)
                nn.init.dirac_(layer.weight)
                layer.weight += DIRACNET * (noise / noise.norm(dim=1, keepdim=True)).view_as(layer.weight)
    if init == "lsuv":
        assert images is not None
        _scale(network, images)


def scale_skips(network: nn.Module, alpha: float) -> None:
    """Make the blocks add alpha * x, not x (`model.skip_scale`)."""
    for block in network.modules():
        if isinstance(block, ResidualBlock):
            block.skip_scale = alpha


def set_gates(network: nn.Module, bias: float) -> None:
    """How open the gates of shortcuts are at first (`model.gate_bias`): sigmoid(bias) of each is shut."""
    for module in network.modules():
        if isinstance(module, Gate):
            nn.init.constant_(module.gate.bias, bias)  # type: ignore[arg-type]


def _layers(network: nn.Module) -> list[tuple[str, Weighted]]:
    return [(name, one) for name, one in network.named_modules() if isinstance(one, nn.Conv2d | nn.Linear)]


def _mirrored(layer: Weighted, generator: torch.Generator) -> Tensor:
    """An orthogonal half W as [[W, -W], [-W, W]]: of channels that come as relu(z) and relu(-z) it makes Wz
    and -Wz. The first layer has one column of these, the last one row."""
    out, into = layer.weight.shape[:2]
    first, last = into % 2 == 1, isinstance(layer, nn.Linear)
    rows, columns = out if last else out // 2, into if first else into // 2
    half = torch.empty(rows, columns, *layer.weight.shape[2:])
    nn.init.orthogonal_(half, generator=generator)
    row = half if first else torch.cat([half, -half], dim=1)
    return row if last else torch.cat([row, -row], dim=0)


@torch.no_grad()
def _scale(network: nn.Module, images: Tensor) -> None:
    """Layer after layer, divide the weight by the deviation of its responses."""
    training = network.training
    network.eval()
    for _, layer in _layers(network):
        found: list[float] = []
        hook = layer.register_forward_hook(lambda _, given, out, found=found: found.append(out.std().item()))
        network(images)
        hook.remove()
        if found[0] > 0:
            layer.weight /= found[0]
    network.train(training)
