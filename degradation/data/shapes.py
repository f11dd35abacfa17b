"""The embedded data set: ten classes of large coloured shapes, drawn by integer arithmetic.

No download, no files, and the same bits on every platform. The classes are symmetric from left to right, so a
flip keeps them.
"""

import os

import numpy as np
from numpy.typing import NDArray

from degradation.data.dataset import Dataset, Images
from degradation.data.philox import below, words
from degradation.errors import BadRequest

CLASSES = ("disc", "ring", "square", "frame", "tent", "funnel", "plus", "cross", "beam", "pillar")
TRAIN_KEY, TEST_KEY = 1, 2
NOISE = 8  # grey levels, up or down
WHILE_DRAWN = 82  # bytes of memory per pixel, as measured

Ints = NDArray[np.int64]


def find_room(size: int, count: int, test_count: int) -> None:
    """Raises:
    BadRequest: this machine has too little memory to draw so many images.
    """
    needed = WHILE_DRAWN * size * size * (count + test_count)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        raise BadRequest(
            f"data.count={count}, data.test_count={test_count}: to draw them takes {needed / 1e9:.0f} GB of "
            f"memory, and this machine has {memory / 1e9:.0f}: fewer, or a smaller data.size"
        )


def load_shapes(size: int, count: int, test_count: int, seed: int) -> Dataset:
    """Draw `count` training and `test_count` test images of `size` x `size` pixels, in `seed`'s world."""
    train, test = _draw(size, count, seed, TRAIN_KEY), _draw(size, test_count, seed, TEST_KEY)
    return Dataset(train, test, len(CLASSES))


def _draw(size: int, count: int, seed: int, key: int) -> Images:
    per_image = 9
    noise_words = -(-size * size * 3 // 8)
    raw = words(seed, key, count * (per_image + noise_words)).reshape(count, per_image + noise_words)
    number = raw[:, :per_image]
    labels = np.arange(count, dtype=np.int64) % len(CLASSES)
    # Lengths are in half pixels, so that centres may lie between two pixels.
    radius = 2 * size * 11 // 32 + below(2 * size * 4 // 32 + 1, number[:, 0])
    slack = size // 8
    centre_x = size + below(2 * slack + 1, number[:, 1]) - slack
    centre_y = size + below(2 * slack + 1, number[:, 2]) - slack
    at = 2 * np.arange(size, dtype=np.int64) + 1
    u, v = np.broadcast_arrays(
        at[None, None, :] - centre_x[:, None, None], at[None, :, None] - centre_y[:, None, None]
    )
    inside = np.empty((count, size, size), bool)
    for label in range(len(CLASSES)):
        of_class = labels == label
        inside[of_class] = _mask(label, u[of_class], v[of_class], radius[of_class][:, None, None])
    ground = np.stack([below(64, number[:, 3 + channel]) for channel in range(3)], axis=1)
    colour = np.stack([160 + below(88, number[:, 6 + channel]) for channel in range(3)], axis=1)
    colour[np.arange(count), below(3, number[:, 3] << np.uint64(32))] //= 4  # never grey
    pixels = np.where(inside[..., None], colour[:, None, None, :], ground[:, None, None, :])
    noise = np.ascontiguousarray(raw[:, per_image:]).astype("<u8").view(np.uint8)[:, : size * size * 3]
    pixels = pixels + (noise.astype(np.int64) % (2 * NOISE + 1) - NOISE).reshape(pixels.shape)
    return Images(np.clip(pixels, 0, 255).astype(np.uint8), labels)


def _mask(label: int, u: Ints, v: Ints, radius: Ints) -> NDArray[np.bool_]:
    """Where a class has its shape: u to the right of the centre, v below it, all in half pixels."""
    across, down, third = np.abs(u), np.abs(v), radius // 3
    box, square = np.maximum(across, down), u * u + v * v
    shapes = {
        "disc": lambda: square <= radius * radius,
        "ring": lambda: (square <= radius * radius) & (9 * square >= 4 * radius * radius),
        "square": lambda: 8 * box <= 7 * radius,
        "frame": lambda: (8 * box <= 7 * radius) & (box >= 2 * third),
        "tent": lambda: (2 * across <= v + radius) & (v <= radius),
        "funnel": lambda: (2 * across <= radius - v) & (v >= -radius),
        "plus": lambda: (np.minimum(across, down) <= third) & (box <= radius),
        "cross": lambda: (np.abs(across - down) <= third) & (box <= radius),
        "beam": lambda: (down <= third) & (across <= radius),
        "pillar": lambda: (across <= third) & (down <= radius),
    }
    return shapes[CLASSES[label]]()
