"""Random numbers that a network draws while it trains: dropped blocks, paths, activations.

They are a pure function of (seed, name of the module, how often it was called), kept in buffers. So they are
the same on every device, a checkpoint holds their place, and no other network's draws move them.
"""

import torch
from torch import Tensor, nn

# splitmix64 (Steele, Lea and Flood 2014); products wrap around, as 64-bit integers of torch do.
GAMMA, MIX1, MIX2 = (value - 2**64 for value in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
LOW = {shift: (1 << (64 - shift)) - 1 for shift in (27, 30, 31)}  # clears what an arithmetic shift drags in
WORDS = 2**32  # a call's own range of counters


class Draws(nn.Module):
    """A stream of uniform numbers; `initialise(network, seed)` gives it its key."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("key", torch.zeros((), dtype=torch.int64))
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.key: Tensor
        self.calls: Tensor

    def forward(self, count: int) -> Tensor:
        """float32 (count,), from 0 to below 1; the next call gives others."""
        at = torch.arange(count, device=self.key.device) + self.calls * WORDS
        word = self.key + (at + 1) * GAMMA
        word = (word ^ ((word >> 30) & LOW[30])) * MIX1
        word = (word ^ ((word >> 27) & LOW[27])) * MIX2
        word = word ^ ((word >> 31) & LOW[31])
        self.calls += 1
        return ((word >> 40) & 0xFFFFFF).to(torch.float32) / 2**24


class Dropout(nn.Module):
    """Dropout whose zeros come from `Draws`."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.draws = p, Draws()

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same."""
        if not self.training:
            return x
        kept = (self.draws(x.numel()) >= self.p).view(x.shape)
        return x * kept / (1 - self.p)
