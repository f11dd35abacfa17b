"""How large a network is and what it costs, counted by torch."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


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
