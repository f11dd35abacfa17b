"""CIFAR-10: by torchvision, or from a copy whose files differ from the official ones."""

import contextlib
import dataclasses
import io
import pickle
import urllib.error
from pathlib import Path
from typing import Any

import numpy as np

from degradation.data.dataset import Dataset, Images
from degradation.data.vision import torchvision
from degradation.errors import BadRequest

FOLDER = "cifar-10-batches-py"
TRAIN_FILES = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST_FILES = ("test_batch",)
CLASSES = 10


def load_cifar10(root: str, download: bool, verify: bool, size: int | None = None) -> Dataset:
    """The 50,000 training and 10,000 test images of 32x32 pixels.

    Args:
        size: 16 or 8: each pixel is the mean of 2x2 or 4x4 of theirs; None: as they are.
        root: the folder that holds cifar-10-batches-py/.
        download: fetch the official files if they aren't there.
        verify: hold the files against torchvision's md5s. False reads any files of the same form.

    Raises:
        BadRequest: the files aren't there, are damaged, or can't be downloaded.
    """
    find_cifar10(root, download, verify)
    if verify:
        whole = _official(root, download)
    else:
        whole = Dataset(_read_copy(Path(root), TRAIN_FILES), _read_copy(Path(root), TEST_FILES), CLASSES)
    if size is None:
        return whole
    return dataclasses.replace(whole, train=averaged(whole.train, size), test=averaged(whole.test, size))


def averaged(images: Images, size: int) -> Images:
    """The same images with fewer pixels: means of squares, halves rounded up, in whole numbers throughout.

    Args:
        size: pixels of a side; it divides that of the images.
    """
    count, side, _, channels = images.pixels.shape
    by = side // size
    squares = images.pixels.reshape(count, size, by, size, by, channels)
    sums = squares.sum(axis=(2, 4), dtype=np.uint16)
    return Images(((sums + by * by // 2) // (by * by)).astype(np.uint8), images.labels)


def find_cifar10(root: str, download: bool, verify: bool) -> None:
    """Look whether the files are there, if they aren't to be downloaded: at once, before torch is imported.

    Raises:
        BadRequest: one is missing.
    """
    names = [Path(root, FOLDER, name) for name in (*TRAIN_FILES, *TEST_FILES)]
    missing = [path for path in names if not path.is_file()]
    if missing and not verify:
        raise BadRequest(f"{missing[0]}: not there: data.root is the folder that holds {FOLDER}/")
    if missing and not download:
        raise BadRequest(f"data.root={root}: CIFAR-10 isn't there or is damaged: {_advice(root)}")


def _advice(root: str) -> str:
    return (
        f"put the official {FOLDER}/ into {root}, name its folder by data.root or DEGRADATION_DATA, "
        "or read a copy that differs by data.verify=false"
    )


def _official(root: str, download: bool) -> Dataset:
    official = torchvision("datasets").CIFAR10
    absent = [folder for folder in (Path(root), *Path(root).parents) if not folder.exists()]
    try:
        sets = [official(root, train=train, download=download) for train in (True, False)]
    except (urllib.error.URLError, OSError) as error:
        for folder in absent:  # that torchvision made before it failed
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise BadRequest(
            f"data.root={root}: CIFAR-10 can't be downloaded ({error}): {_advice(root)}"
        ) from None
    except RuntimeError:
        raise BadRequest(f"data.root={root}: CIFAR-10 isn't there or is damaged: {_advice(root)}") from None
    train, test = (Images(part.data, np.array(part.targets, np.int64)) for part in sets)
    return Dataset(train, test, CLASSES)


def _read_copy(root: Path, names: tuple[str, ...]) -> Images:
    pixels, labels = zip(*(_read_batch(root / FOLDER / name) for name in names), strict=True)
    images = np.concatenate(pixels).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Images(np.ascontiguousarray(images), np.concatenate(labels))


def _read_batch(path: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """One file of 10,000 rows: uint8 (10000, 3072) and int64 (10000,)."""
    try:
        batch = PlainUnpickler(io.BytesIO(path.read_bytes())).load()
        batch = {key.decode() if isinstance(key, bytes) else key: value for key, value in batch.items()}
        pixels, labels = np.asarray(batch["data"]), np.asarray(batch["labels"])
    except Exception as error:  # a damaged pickle can raise anything
        raise BadRequest(f"{path}: damaged, or not a batch of CIFAR-10 ({_one_line(error)})") from None
    good = pixels.dtype == np.uint8 and pixels.shape == (10_000, 3072) and labels.shape == (10_000,)
    if not good or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 9:
        raise BadRequest(
            f"{path}: not a batch of CIFAR-10: 10,000 rows of 3,072 bytes and labels from 0 to 9"
        )
    return pixels, labels.astype(np.int64)


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


class PlainUnpickler(pickle.Unpickler):
    """Reads numpy arrays and plain containers; anything else in a pickle is refused, not run."""

    ALLOWED = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy.core.numeric", "_frombuffer"),
            ("numpy._core.numeric", "_frombuffer"),
            ("_codecs", "encode"),
        }
    )

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, encoding="latin1")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no image needs")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
