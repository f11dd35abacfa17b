"""Images in memory or mapped, and what is computed from all of them: the mean image and the digest."""

import functools
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
        mean, std: of all pixels or of each channel, in place of the mean image: see `config.images.Data`.
    """

    train: Images
    test: Images
    classes: int
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None

    def mean_image(self) -> NDArray[np.float32]:
        """What is subtracted, (height, width, channels), pixels in [0, 1]: the per-pixel mean of the training
        images, or where `mean` is given, that everywhere.

        Summed as integers, so it has the same bits on every machine.
        """
        return self._mean_image

    @functools.cached_property
    def _mean_image(self) -> NDArray[np.float32]:
        if self.mean is not None:
            return np.broadcast_to(np.array(self.mean, np.float32), self.train.pixels.shape[1:]).copy()
        total = self.train.pixels.sum(axis=0, dtype=np.int64)
        return (total / (255.0 * len(self.train))).astype(np.float32)

    def scale(self) -> NDArray[np.float32] | None:
        """What the difference is divided by, (channels,); None: by nothing."""
        if self.std is None:
            return None
        return np.broadcast_to(np.array(self.std, np.float32), self.train.pixels.shape[3:]).copy()

    def sha256(self) -> str:
        """Digest of all images and labels in use."""
        digest = hashlib.sha256()
        for images in (self.train, self.test):
            digest.update(str(images.pixels.shape).encode())
            for start in range(0, len(images), AT_ONCE):
                digest.update(images.pixels[start : start + AT_ONCE].tobytes())
            digest.update(images.labels.astype("<i8").tobytes())
        return digest.hexdigest()
