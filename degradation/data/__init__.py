"""Data sets as uint8 images, in memory or mapped, and which of them are in which batch.

    `data.*` settings -> `load` -> a Dataset: training and test images;  (seed, step) -> a batch

Read `dataset.py` (what a data set is), `stream.py` (which images, in which crop, in which step; its random
numbers are `philox.py`'s), `augment.py` (a batch on its device), then the sets: `cifar10.py`, `shapes.py`,
`folder.py`, and parts of them: `subset.py`. `vision.py` is how torchvision is imported.
"""

import dataclasses

from degradation.config.images import Data
from degradation.data.dataset import Dataset, Images
from degradation.data.subset import balanced_subset

__all__ = ["Dataset", "Images", "load"]


def find(settings: Data) -> None:
    """Look whether the data set's files are there, without reading them, or whether it can be drawn.

    Raises:
        BadRequest: they aren't, and are not to be downloaded; there is too little memory.
    """
    if settings.name == "shapes":
        from degradation.data.shapes import find_room

        assert settings.size and settings.count and settings.test_count
        find_room(settings.size, settings.count, settings.test_count)
    elif settings.name == "cifar10":
        from degradation.data.cifar10 import find_cifar10

        assert settings.root is not None
        find_cifar10(settings.root, bool(settings.download), bool(settings.verify))
    elif settings.name == "folder":
        from degradation.data.folder import find_folder

        assert settings.root is not None
        find_folder(settings.root)


def load(settings: Data) -> Dataset:
    """Load or draw the data set that the config names, downloading or resizing it first where that is due.

    Raises:
        BadRequest: it isn't there, is damaged or can't be downloaded; says what would be right.
    """
    if settings.name == "shapes":
        from degradation.data.shapes import load_shapes

        find(settings)
        assert settings.size and settings.count and settings.test_count
        whole = load_shapes(settings.size, settings.count, settings.test_count, settings.seed)
    elif settings.name == "folder":
        from degradation.data.folder import load_folder

        assert settings.root is not None and settings.size
        whole = load_folder(settings.root, settings.size)
    else:
        from degradation.data.cifar10 import load_cifar10

        assert settings.root is not None
        whole = load_cifar10(settings.root, bool(settings.download), bool(settings.verify), settings.size)
    return dataclasses.replace(
        whole,
        train=balanced_subset(whole.train, settings.subset, settings.seed, "data.subset"),
        test=balanced_subset(whole.test, settings.test_subset, settings.seed, "data.test_subset"),
        mean=settings.mean,
        std=settings.std,
    )
