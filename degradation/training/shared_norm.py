"""BN over a batch that several processes share.

`torch.nn.SyncBatchNorm` does the same, but on GPUs alone.
"""

import torch
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

from degradation.training import together


class SharedBatchNorm2d(nn.BatchNorm2d):
    """BN whose means and variances are those of the whole batch, of which each process has an equal part."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same."""
        if not self.training or together.processes() == 1:
            return super().forward(x)
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        assert self.num_batches_tracked is not None
        exact = x.to(self.weight.dtype)
        count = exact.numel() // exact.shape[1] * together.processes()
        mean = all_reduce(exact.sum((0, 2, 3))) / count
        centred = exact - mean[:, None, None]
        variance = all_reduce(centred.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)


def share_norms(network: nn.Module) -> None:
    """Have the BN layers of a network that is trained by several processes see whole batches."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm2d
