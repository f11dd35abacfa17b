"""A folder of images, one folder a class, as torchvision's ImageFolder finds them.

Each image is resized and cropped once, and all are kept in a file beside them, which is mapped into memory.
"""

import functools
import hashlib
import math
import os
import shutil
import sys
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from degradation.data.dataset import Dataset, Images
from degradation.data.vision import torchvision
from degradation.errors import BadRequest

KEPT = ".degradation"  # folder of the resized images, beside train/ and val/
AT_ONCE = 256  # images that are decoded side by side and then written


@dataclass(frozen=True)
class Part:
    """The training or the test images.

    Attributes:
        paths, labels: of each image.
        shape: of all of them resized: (count, size, size, 3).
        kept: file of the resized images; its name changes with the paths, lengths and times of theirs.
    """

    paths: list[str]
    labels: NDArray[np.int64]
    shape: tuple[int, int, int, int]
    kept: Path


def load_folder(root: str, size: int) -> Dataset:
    """The images of root/train/<class>/ and root/val/<class>/ (without val/: test/).

    The short side is resized to `size` pixels, and the square in the middle taken. That is done once, and the
    result kept in root/.degradation/.

    Raises:
        BadRequest: a folder or an image is missing or can't be read, or there is no room for the result.
    """
    train, test = find_folder(root)
    classes = sorted(_classes(train))  # in ImageFolder's order
    parts = [_list(train, size), _list(test, size)]
    for label in set(range(len(classes))) - set(parts[0].labels.tolist()):
        raise BadRequest(f"{train / classes[label]}: holds no images: each class needs some to train on")
    if not parts[1].paths:
        raise BadRequest(f"{test}: its class folders hold no images: some are needed to test on")
    if not all(part.kept.is_file() for part in parts):
        _keep(root, parts)
    return Dataset(_open(parts[0]), _open(parts[1]), len(classes))


def find_folder(root: str) -> tuple[Path, Path]:
    """The folders of the training and the test images, without looking at the images.

    Raises:
        BadRequest: one is missing, or their classes differ.
    """
    top = Path(root).expanduser()
    train, test = top / "train", top / ("val" if (top / "val").exists() else "test")
    right = "data.root or DEGRADATION_FOLDER names the folder that holds train/<class>/ and val/<class>/"
    if not top.is_dir():
        raise BadRequest(f"data.root={root}: not there: {right}")
    for folder, name in ((train, "train/"), (test, "val/ or test/")):
        if not folder.is_dir():
            raise BadRequest(f"data.root={root}: no {name} in it: {right}")
    ours, theirs = _classes(train), _classes(test)
    if not ours:
        raise BadRequest(f"data.root={root}: no class folders in train/: {right}")
    for name in sorted(ours ^ theirs):
        where = train if name in ours else test
        raise BadRequest(f"{where / name}: {train.name}/ and {test.name}/ need the same class folders")
    return train, test


def _classes(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder) if entry.is_dir()}
    except OSError as error:
        raise BadRequest(f"{folder}: can't be read ({error.strerror})") from None


def _list(folder: Path, size: int) -> Part:
    found = torchvision("datasets").ImageFolder(str(folder), allow_empty=True)
    paths = [path for path, _ in found.samples]
    digest = hashlib.sha256()
    for path in paths:
        try:
            about = os.stat(path)
        except OSError as error:
            raise BadRequest(f"{path}: can't be read ({error.strerror})") from None
        own = path.removeprefix(str(folder))
        digest.update(os.fsencode(f"{own}\0{about.st_size}\0{about.st_mtime_ns}\0"))
    kept = folder.parent / KEPT / f"{folder.name}-{size}px-{digest.hexdigest()[:8]}.npy"
    return Part(paths, np.array(found.targets, np.int64), (len(paths), size, size, 3), kept)


def _keep(root: str, parts: Sequence[Part]) -> None:
    """Write the files that are missing. A second process waits meanwhile, and finds them there."""
    folder = parts[0].kept.parent
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / "lock", fallback_to_soft=False)
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            _say(f"{root}: waiting for another process, which resizes its images")
            held = lock.acquire()
        with held:
            for path in folder.glob("*.tmp"):
                path.unlink()  # the process that wrote it was killed
            missing = [part for part in parts if not part.kept.is_file()]
            if missing:
                _resize(root, missing)
    except OSError as error:
        raise BadRequest(
            f"{folder}: can't be written ({error.strerror}), and the resized images are kept there: "
            "data.root may be another folder, with links to train/ and val/"
        ) from None


def _resize(root: str, parts: Sequence[Part]) -> None:
    folder, size = parts[0].kept.parent, parts[0].shape[1]
    need, free = sum(math.prod(part.shape) for part in parts), shutil.disk_usage(folder).free
    if need > free:
        raise BadRequest(
            f"data.root={root}: at {size} pixels the images take {_gb(need)} beside it, and the disk has "
            f"{_gb(free)} free: a smaller data.size, or another disk"
        )
    count, since = sum(len(part.paths) for part in parts), time.monotonic()
    _say(f"{root}: resizing {count:,} images to {size} pixels, once: {_gb(need)} in {folder}")
    for part in parts:
        _write(part)
    _say(f"{root}: resized in {time.monotonic() - since:.0f} s")


def _write(part: Part) -> None:
    """Write a .npy file whole or not at all. Not through a memory map: a full disk would end the process."""
    beside = part.kept.with_name(f"{part.kept.name}.tmp")
    try:
        read = functools.partial(_read, torchvision("transforms.functional"), part.shape[1])
        with beside.open("wb") as file, ThreadPoolExecutor() as pool, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd palettes, metadata and sizes
            header = {"descr": "|u1", "fortran_order": False, "shape": part.shape}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, len(part.paths), AT_ONCE):
                paths = part.paths[start : start + AT_ONCE]
                for pixels in pool.map(read, paths):
                    file.write(pixels.tobytes())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(part.kept)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(transforms: Any, size: int, path: str) -> NDArray[np.uint8]:
    """One image, uint8 (size, size, 3)."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            whole = image.convert("RGB")
        return np.asarray(transforms.center_crop(transforms.resize(whole, [size]), [size, size]))
    except Exception as error:  # a damaged image can raise anything
        words = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise BadRequest(f"{path}: not an image that can be read ({words}): mend or remove it") from None


def _open(part: Part) -> Images:
    try:
        # "r": a map that could be written to would have to fit into memory
        pixels = np.lib.format.open_memmap(part.kept, mode="r")
    except (OSError, ValueError) as error:
        raise BadRequest(f"{part.kept}: can't be read ({error}): remove it, and it is made again") from None
    return Images(np.asarray(pixels), part.labels)


def _gb(count: int) -> str:
    return f"{count / 1e9:.3g} GB"


def _say(line: str) -> None:
    print(f"data.root={line}", file=sys.stderr)
