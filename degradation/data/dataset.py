"""Images in memory or mapped, and what is computed from all of them: the mean image and the digest."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1000  # images of which the digest takes a copy


@dataclass(frozen=True)
class Images:
    """Images and their classes.

    Attributes:
        pixels: uint8, (count, height, width, channels).
        labels: int64, (count,), from 0.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """The training and the test images in use.

    Attributes:
        classes: how many there are, those included of which no image is in use.
    """

    train: Images
    test: Images
    classes: int

    def mean_image(self) -> NDArray[np.float32]:
        """The per-pixel mean of the training images, (height, width, channels), pixels in [0, 1].

        Summed as integers, so it has the same bits on every machine.
        """
        total = self.train.pixels.sum(axis=0, dtype=np.int64)
        return (total / (255.0 * len(self.train))).astype(np.float32)

    def sha256(self) -> str:
        """Digest of all images and labels in use."""
        digest = hashlib.sha256()
        for images in (self.train, self.test):
            digest.update(str(images.pixels.shape).encode())
            for start in range(0, len(images), AT_ONCE):
                digest.update(images.pixels[start : start + AT_ONCE].tobytes())
            digest.update(images.labels.astype("<i8").tobytes())
        return digest.hexdigest()
