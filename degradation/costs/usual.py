"""The usual way to train these networks, to be compared with: Lightning's automatic loop, a DataLoader with
torchvision's per-image transforms, float32, PyTorch's default memory format and TF32 settings."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from degradation.config.settings import Settings
from degradation.data import Images
from degradation.data.vision import torchvision


class PerImage(TorchDataset[tuple[Tensor, int]]):
    """uint8 images, each made a PIL image and put through torchvision's transforms when it is asked for.

    Args:
        repeat: the set is so many times as long, so that one epoch holds all steps that are measured.
    """

    def __init__(self, images: Images, padding: int, repeat: int) -> None:
        transforms = torchvision("transforms")
        self.images, self.repeat = images, repeat
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(images.pixels.shape[1], padding=padding),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize((0.4914, 0.4822, 0.4465), (1.0, 1.0, 1.0)),
            ]
        )

    def __len__(self) -> int:
        return self.repeat * len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        row = index % len(self.images)
        return self.transform(Image.fromarray(self.images.pixels[row])), int(self.images.labels[row])


class Usual(pl.LightningModule):
    """A network with SGD and MultiStepLR, its loss and error logged at each step."""

    def __init__(self, network: nn.Module, settings: Settings) -> None:
        super().__init__()
        self.network, self.settings = network, settings

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, height, width) -> logits (batch, classes)."""
        return self.network(images)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        self.log("train_loss", loss)
        self.log("train_error", (logits.argmax(1) != labels).float().mean())
        return loss

    def configure_optimizers(self) -> Any:
        own, train = self.settings.optimizer, self.settings.train
        optimizer = torch.optim.SGD(
            self.parameters(), lr=own.lr, momentum=own.momentum, weight_decay=own.weight_decay
        )
        milestones = list(self.settings.schedule.steps(train.steps))
        scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def make_loader(images: Images, padding: int, batch_size: int, workers: int, steps: int) -> DataLoader[Any]:
    """Batches of at least `steps` steps."""
    repeat = -(-steps * batch_size // len(images)) + 1
    dataset = PerImage(images, padding, repeat)
    return DataLoader(dataset, batch_size, shuffle=True, num_workers=workers, drop_last=True)
