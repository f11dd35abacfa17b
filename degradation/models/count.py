"""How large a network is and what it costs, counted by torch."""

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from degradation.models.dropped import same_work


def parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(value.numel() for value in network.parameters())


def multiply_adds(network: nn.Module, in_channels: int, size: int) -> int:
    """Multiply-adds of the convolutions and the linear layer for one image of `size` x `size` pixels.

    The network may lie on the meta device: nothing is computed there.
    """
    device = next(network.parameters()).device
    training = network.training
    network.eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(torch.empty(1, in_channels, size, size, device=device))
    network.train(training)
    return counter.get_total_flops() // 2


def activation_bytes(network: nn.Module, in_channels: int, size: int) -> tuple[int, int]:
    """Memory for a training image in float32: all that the backward pass keeps, and the largest part of it.

    Counted are the tensors that autograd saves, each storage once, without parameters and buffers; of a
    network that drops layers in training, those of all layers. The network is on the meta device: nothing is
    computed.
    """
    same_work(network)  # what it draws has no values there
    own = {id(value) for value in (*network.parameters(), *network.buffers())}
    found: dict[int, int] = {}
    kept = []  # so that no address is used twice

    def save(value: Tensor) -> Tensor:
        if id(value) not in own and not (value._is_view() and id(value._base) in own):
            storage = value.untyped_storage()
            found[storage._cdata] = storage.nbytes()
            kept.append(value)
        return value

    with saved_tensors_hooks(save, lambda value: value):
        network.train()(torch.empty(2, in_channels, size, size, device="meta")).sum()
    # Of two images, as BN needs them; what doesn't grow with the images is too small to matter.
    return sum(found.values()) // 2, max(found.values()) // 2
