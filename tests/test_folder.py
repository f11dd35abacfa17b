"""A folder of images: the right pixels, resized once, kept beside them and read from there, or refused."""

import fcntl
import hashlib
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import forked
import numpy as np
import pytest
import torch
import yaml
from conftest import ROOT, Make
from PIL import Image

from degradation import errors
from degradation.cli import train as cli
from degradation.config.images import Data
from degradation.data import dataset, folder, load
from degradation.data.augment import Resident
from degradation.data.folder import find_folder, load_folder
from degradation.errors import BadRequest
from degradation.files import read_json
from degradation.runs import schema
from degradation.training.experiment import train

CLASSES = ("ant", "bee", "cat")


def write(path: Path, pixels: np.ndarray) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return pixels


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three classes of random squares of 8 pixels: 4, 5 and 6 to train on, 2 each to test on."""
    random, top = np.random.default_rng(0), tmp_path / "images"
    for label, name in enumerate(CLASSES):
        for part, count in (("train", 4 + label), ("val", 2)):
            for number in range(count):
                pixels = random.integers(0, 256, (8, 8, 3), np.uint8)
                write(top / part / name / f"{number}.png", pixels)
    return top


def kept(root: Path) -> list[Path]:
    return sorted((root / ".degradation").glob("*.npy"))


def test_squares_of_the_right_size_are_kept_as_they_are(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = load_folder(str(root), 8)
    for images, part in ((data.train, "train"), (data.test, "val")):
        paths = sorted((root / part).glob("*/*"))
        assert np.array_equal(images.pixels, np.stack([np.asarray(Image.open(path)) for path in paths]))
        assert images.labels.tolist() == [CLASSES.index(path.parent.name) for path in paths]
        assert (images.pixels.dtype, images.labels.dtype) == (np.uint8, np.int64)
    assert data.classes == 3
    said = capsys.readouterr()
    assert "resizing 21 images to 8 pixels, once: 4.03e-06 GB" in said.err
    assert said.err.count("\n") == 2
    assert said.out == ""


def test_the_middle_is_taken(root: Path) -> None:
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = np.random.default_rng(1).integers(0, 256, (8, 8, 3))
    write(root / "train/ant/0.png", wide)
    write(root / "train/ant/1.png", wide.transpose(1, 0, 2))
    halves = np.zeros((32, 48, 3), np.uint8)
    halves[:, 24:] = 255  # black, then white: resized to 8 x 12, the middle of which has half of each
    write(root / "train/ant/2.png", halves)
    write(root / "train/ant/3.png", np.full((20, 16), 77, np.uint8))  # grey
    pixels = load_folder(str(root), 8).train.pixels
    assert np.array_equal(pixels[0], wide[:, 8:16])
    assert np.array_equal(pixels[1], wide[:, 8:16].transpose(1, 0, 2))
    assert np.all(pixels[2, :, :3] == 0)
    assert np.all(pixels[2, :, 5:] == 255)
    assert np.all(pixels[3] == 77)


def test_a_second_load_reads_the_file(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_folder(str(root), 8)
    capsys.readouterr()
    monkeypatch.setattr(folder, "_keep", None)  # it must not be called
    again = load_folder(str(root), 8)
    assert again.sha256() == first.sha256()
    assert capsys.readouterr() == ("", "")
    assert isinstance(again.train.pixels.base, np.memmap)
    resident = Resident(again.train, torch.zeros(8, 8, 3), torch.device("cpu"), 1)
    assert resident.pixels.data_ptr() == again.train.pixels.ctypes.data  # not a copy
    assert resident.views(slice(0, 15))[0].shape == (15, 3, 8, 8)


@pytest.mark.parametrize("change", ["bytes", "time", "more", "name", "size"])
def test_a_folder_that_changed_is_read_again(root: Path, change: str) -> None:
    load_folder(str(root), 8)
    before, path, size = kept(root), root / "train/ant/0.png", 8
    white = np.full((8, 8, 3), 255, np.uint8)
    if change == "bytes":
        write(path, white)
    elif change == "time":
        os.utime(path, (0, 0))
    elif change == "more":
        write(path.with_name("-.png"), white)
    elif change == "name":
        path.rename(path.with_name("a.png"))
    else:
        size = 16
    data = load_folder(str(root), size)
    assert len(set(kept(root)) - set(before)) == (2 if change == "size" else 1)
    assert data.train.pixels.shape == (16 if change == "more" else 15, size, size, 3)
    if change in ("bytes", "more"):
        assert np.all(data.train.pixels[0] == 255)


def test_test_in_place_of_val(root: Path) -> None:
    (root / "val").rename(root / "test")
    assert len(load_folder(str(root), 8).test) == 6


def test_mean_and_digest_are_those_of_the_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "AT_ONCE", 4)
    data = load_folder(str(root), 8)
    mean = data.train.pixels.astype(np.int64).sum(axis=0) / (255.0 * 15)
    assert np.array_equal(data.mean_image(), mean.astype(np.float32))
    whole = hashlib.sha256()
    for images in (data.train, data.test):
        whole.update(str(images.pixels.shape).encode() + images.pixels.tobytes() + images.labels.tobytes())
    assert data.sha256() == whole.hexdigest()


def settings(root: Path, **other: int) -> Data:
    keys = {"seed": 0, "subset": None, "test_subset": None, "size": 8, **other}
    data = Data(name="folder", root=str(root), **keys)
    data.check()
    return data


def test_subsets(root: Path) -> None:
    data = load(settings(root, subset=6, test_subset=2))
    assert np.bincount(data.train.labels).tolist() == [2, 2, 2]
    assert (len(data.test), data.classes) == (2, 3)  # the class that isn't tested is still one
    for keys, message in (
        ({"subset": 16}, "data.subset=16: from 1 to 15"),
        ({"subset": 15, "test_subset": 7}, "data.test_subset=7: from 1 to 6"),
        ({"subset": 14}, "class 0 has only 4 images, not 5"),
    ):
        with pytest.raises(BadRequest, match=message):
            load(settings(root, **keys))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"size": 7}, "data.size=7: from 8 to 512"),
        ({"size": 513}, "data.size=513: from 8 to 512"),
        ({"size": None}, "data.size=None: data=folder needs this key"),
        ({"count": 5}, "data.count=5: data=folder does not take this key"),
        ({"verify": True}, "data.verify=True: data=folder does not take this key"),
        ({"subset": 0}, "data.subset=0: at least 1"),
    ],
)
def test_wrong_keys(tmp_path: Path, keys: dict[str, int], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        settings(tmp_path, **keys)


def refused(root: Path, message: str) -> str:
    with pytest.raises(BadRequest, match=message) as caught:
        load_folder(str(root), 8)
    assert "\n" not in str(caught.value)
    assert list(root.glob(".degradation/*.tmp")) == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("removed", "message"),
    [
        ("", "images: not there: data.root or DEGRADATION_FOLDER names the folder that holds train/<class>/"),
        ("train", "images: no train/ in it"),
        ("val", "images: no val/ or test/ in it"),
        ("train/*", "images: no class folders in train/"),
        ("val/cat", "train/cat: train/ and val/ need the same class folders"),
        ("train/ant", "val/ant: train/ and val/ need the same class folders"),
        ("train/bee/*", "train/bee: holds no images: each class needs some"),
        ("val/*/*", "val: its class folders hold no images"),
    ],
)
def test_what_is_missing_is_named(root: Path, removed: str, message: str) -> None:
    for path in root.glob(removed) if removed else [root]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    refused(root, message)
    assert not (root / ".degradation").exists()
    if "*/*" not in removed and removed != "train/bee/*":
        with pytest.raises(BadRequest, match=message):
            find_folder(str(root))


def test_one_empty_class_to_test_on_is_none_of_ours(root: Path) -> None:
    for path in root.glob("val/ant/*"):
        path.unlink()
    assert load_folder(str(root), 8).test.labels.tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("content", [b"", b"no image", None])
def test_an_image_that_cannot_be_read_is_named(root: Path, content: bytes | None) -> None:
    path = root / "val/bee/1.png"
    path.write_bytes(path.read_bytes()[:100] if content is None else content)
    refused(root, r"val/bee/1.png: not an image that can be read \(.*\): mend or remove it")
    path.unlink()
    assert len(load_folder(str(root), 8).test) == 5
    path.symlink_to("nowhere")
    refused(root, r"val/bee/1.png: can't be read \(No such file")


def test_a_disk_too_small(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2000))
    said = refused(root, "at 8 pixels the images take 4.03e-06 GB beside it, and the disk has 2e-06 GB free")
    assert said.endswith(": a smaller data.size, or another disk")
    assert kept(root) == []
    assert folder._gb(15_743_000_000) == "15.7 GB"
    monkeypatch.undo()
    load_folder(str(root), 8)
    write(root / "val/ant/0.png", np.zeros((9, 9, 3), np.uint8))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2000))
    assert load_folder(str(root), 8).test.pixels.max() > 0  # only what changed needs room: 1152 bytes


def test_a_folder_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".degradation").write_text("a file is in the way, for root too")
    refused(root, r".degradation: can't be written \(.*\), and the resized images are kept there: .*links to")
    (root / ".degradation").unlink()
    monkeypatch.setattr(os, "fsync", _full)
    refused(root, r"can't be written \(No space left on device\)")
    monkeypatch.undo()
    load_folder(str(root), 8)
    monkeypatch.setattr(folder, "_keep", None)
    load_folder(str(root), 8)  # reading needs no writing
    other = root.parent / "other"
    other.mkdir()
    for part in ("train", "val"):
        (other / part).symlink_to(root / part)
    monkeypatch.undo()
    assert load_folder(str(other), 8).sha256() == load_folder(str(root), 8).sha256()


def _full(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_what_a_killed_process_left_is_replaced(root: Path) -> None:
    expected = load_folder(str(root), 8).sha256()
    for path in kept(root):
        path.rename(path.with_name(f"{path.name}.tmp"))
    (root / ".degradation/train-8px-01234567.npy.tmp").write_bytes(b"half")  # of a folder that then changed
    assert load_folder(str(root), 8).sha256() == expected
    assert list(root.glob(".degradation/*.tmp")) == []
    damaged = kept(root)[0]
    damaged.write_bytes(damaged.read_bytes()[:500])
    refused(root, r"train-8px-.*npy: can't be read \(.*\): remove it, and it is made again")


def test_a_second_process_waits_and_reads(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = load_folder(str(root), 8).sha256()
    files, lock = kept(root), root / ".degradation/lock"
    for path in files:
        path.rename(path.with_suffix(".away"))
    said: list[str] = []
    monkeypatch.setattr(folder, "_say", said.append)
    monkeypatch.setattr(folder, "_write", None)  # it must not be called
    with ThreadPoolExecutor(1) as pool:
        with lock.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            second = pool.submit(load_folder, str(root), 8)
            while not said and not second.done():
                time.sleep(0.01)
            for path in files:
                path.with_suffix(".away").rename(path)
        assert second.result().sha256() == expected
    assert said == [f"{root}: waiting for another process, which resizes its images"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("sweep", [[], ["-m"]], ids=["one", "sweep"])
def test_one_signal_ends_the_first_resize(number: signal.Signals, sweep: list[str], root: Path) -> None:
    """After the images that are being read: they are thrown away, and no network begins."""
    read, write = os.pipe()

    def work() -> int:
        nowhere = os.open(os.devnull, os.O_RDWR)
        forked.use(nowhere, nowhere, write)
        os.chdir(root)
        sys.argv[1:] = [*sweep, "data=folder", f"data.root={root}", "data.size=8", "trainer.accelerator=cpu"]
        folder._read = lambda *_: time.sleep(2)
        return cli.main()

    pid = forked.begun(work)
    os.close(write)
    with os.fdopen(read) as said:
        assert "resizing 21 images" in said.readline()
        since = time.monotonic()
        os.kill(pid, number)
        assert forked.ended(pid) == 128 + number
        assert said.read() == f"stopped by {number.name}; the same command goes on\n"
    assert time.monotonic() - since < 10
    assert [path.name for path in (root / ".degradation").iterdir()] == ["lock"]
    assert not (root / "runs").exists()


def test_a_network_trains_on_them(root: Path, make: Make) -> None:
    data = yaml.safe_load((ROOT / "conf/data/folder.yaml").read_text())
    request = make(data={**data, "root": str(root), "size": 8}, **{"train.steps": 4})
    assert train(request, echo=False) == errors.DONE
    record = read_json(request.folder / schema.RECORD)
    assert record["status"] == schema.COMPLETE
    assert record["data_sha256"] == load_folder(str(root), 8).sha256()
    state = torch.load(request.folder / schema.LAST, weights_only=True)
    assert state["classifier"]["network"]["fc.weight"].shape == (3, 32)
