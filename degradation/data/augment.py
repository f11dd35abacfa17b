"""Batches as the network sees them, made on the device from uint8 images."""

import warnings

import torch
from torch import Tensor
from torch.nn import functional as F

from degradation.data.dataset import Images
from degradation.data.stream import Plan


class Resident:
    """Images that lie on a device as uint8, and the batches made of them."""

    def __init__(
        self,
        images: Images,
        mean_image: Tensor,
        device: torch.device,
        padding: int,
        scale: Tensor | None = None,
    ) -> None:
        """Args:
        mean_image: float32, (height, width, channels), pixels in [0, 1].
        padding: pixels of zeros on each side, for the crops.
        scale: float32, (channels,): what the difference to the mean is divided by; None: nothing.
        """
        with warnings.catch_warnings():  # a memory map can't be written to, and nobody does
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            self.pixels = torch.from_numpy(images.pixels).to(device)
        self.labels = torch.from_numpy(images.labels).to(device)
        self.mean_image, self.padding = mean_image.to(device), padding
        self.scale = None if scale is None else scale.to(device)

    def __len__(self) -> int:
        return len(self.labels)

    def crops(self, plan: Plan) -> tuple[Tensor, Tensor]:
        """Training images: the mean subtracted at the image's own pixels, zeros around, cropped, flipped.

        Returns:
            float32 (batch, channels, height, width) in channels_last memory, and int64 labels (batch,).
        """
        device = self.pixels.device
        rows, top, left, flip = (
            torch.from_numpy(values).to(device) for values in (plan.rows, plan.top, plan.left, plan.flip)
        )
        return self.take(rows, top, left, flip)

    def take(self, rows: Tensor, top: Tensor, left: Tensor, flip: Tensor) -> tuple[Tensor, Tensor]:
        """The same of a plan that lies on the device: four tensors (batch,), as `Plan` names them."""
        device, pad = self.pixels.device, self.padding
        rows, top, left = rows.long(), top.long(), left.long()
        padded = F.pad(self._centred(self.pixels[rows]), (0, 0, pad, pad, pad, pad))
        height, width = self.pixels.shape[1:3]
        y = top[:, None] + torch.arange(height, device=device)
        x = torch.arange(width, device=device).expand(len(rows), width)
        x = left[:, None] + torch.where(flip[:, None], width - 1 - x, x)
        batch = torch.arange(len(rows), device=device)[:, None, None]
        return padded[batch, y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2), self.labels[rows]

    def views(self, part: slice | Tensor) -> tuple[Tensor, Tensor]:
        """Images as they are, the mean subtracted: shapes and types as `crops` gives them."""
        return self._centred(self.pixels[part]).permute(0, 3, 1, 2), self.labels[part]

    def _centred(self, pixels: Tensor) -> Tensor:
        centred = pixels.to(torch.float32) / 255 - self.mean_image
        return centred if self.scale is None else centred / self.scale
