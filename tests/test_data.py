"""Data: the same bits everywhere, batches as a pure function, crops against the step-by-step reference."""

import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Make

from degradation.config import request
from degradation.data import load
from degradation.data.augment import Resident
from degradation.data.cifar10 import PlainUnpickler, averaged, load_cifar10
from degradation.data.dataset import Dataset, Images
from degradation.data.philox import below, words
from degradation.data.shapes import CLASSES, load_shapes
from degradation.data.stream import EMPTY_CHAIN, Stream, chain
from degradation.data.subset import balanced_subset
from degradation.errors import BadRequest
from degradation.training.folder import schema_config
from degradation.training.parts import make_images, make_resident

CPU = torch.device("cpu")


def test_philox_words() -> None:
    """Known values: the words decide every batch and every drawn image, on every machine."""
    assert words(0, 0, 2).tolist() == [213000021201967259, 4455796210202625458]
    assert words(1, 2, 1).tolist() == [5705853004827290377]
    raw = words(5, 5, 90_000)
    counts = np.bincount(below(9, raw), minlength=9)
    assert counts.shape == (9,)
    assert np.all(np.abs(counts - 10_000) < 500)  # five standard deviations


def test_shapes_have_the_same_bits_everywhere() -> None:
    drawn = load_shapes(16, 2000, 1000, 0)
    assert drawn.sha256() == "34c72dff41aa96ee4fdbacac3d0f253b3c54e0602caa403848b804e2b50f6d16"
    assert np.bincount(drawn.train.labels).tolist() == [200] * len(CLASSES)
    assert drawn.train.pixels.shape == (2000, 16, 16, 3)
    assert load_shapes(16, 2000, 1000, 1).sha256() != drawn.sha256()
    fewer = load_shapes(16, 100, 50, 0)
    assert not np.array_equal(fewer.train.pixels[:50], fewer.test.pixels)


@pytest.mark.parametrize("size", [8, 17, 64])
def test_shapes_of_any_size_show_their_shape(size: int) -> None:
    images = load_shapes(size, 20, 10, 3).train
    brightest = images.pixels.max(axis=3)
    assert images.pixels.shape == (20, size, size, 3)
    assert np.all((brightest > 110).any(axis=(1, 2)))  # a shape on
    assert np.all((brightest < 90).any(axis=(1, 2)))  # a dark ground


def test_subset_is_balanced_and_fixed_by_its_seed() -> None:
    whole = load_shapes(8, 200, 10, 0).train
    part = balanced_subset(whole, 57, 0, "data.subset")
    assert sorted(np.bincount(part.labels).tolist()) == [5, 5, 5, 6, 6, 6, 6, 6, 6, 6]
    again, other = balanced_subset(whole, 57, 0, ""), balanced_subset(whole, 57, 1, "")
    assert np.array_equal(part.pixels, again.pixels)
    assert not np.array_equal(part.pixels, other.pixels)
    uneven = Images(whole.pixels[:15], np.array([0] * 14 + [1]))
    with pytest.raises(BadRequest, match=r"data.subset=8: class 1 has only 1 images, not 4"):
        balanced_subset(uneven, 8, 0, "data.subset")


def test_every_image_once_an_epoch_and_every_batch_full() -> None:
    stream = Stream(count=50, batch_size=16, padding=2, seed=0)
    plans = [stream.batch(step) for step in range(25)]  # 400 positions: 8 epochs
    assert all(len(plan.rows) == 16 for plan in plans)
    rows = np.concatenate([plan.rows for plan in plans]).reshape(8, 50)
    assert np.array_equal(np.sort(rows, axis=1), np.tile(np.arange(50), (8, 1)))
    assert not np.array_equal(rows[0], rows[1])
    tops = np.concatenate([plan.top for plan in plans])
    assert set(tops) == {0, 1, 2, 3, 4}
    assert {bool(flip) for plan in plans for flip in plan.flip} == {False, True}


def test_a_batch_is_a_pure_function_of_its_step() -> None:
    one, other = Stream(50, 70, 2, seed=4), Stream(50, 70, 2, seed=4)  # larger than an epoch
    forward = [one.batch(step).to_bytes() for step in range(6)]
    backward = [other.batch(step).to_bytes() for step in reversed(range(6))]
    assert forward == backward[::-1]
    assert len(set(forward)) == 6
    assert Stream(50, 70, 2, seed=5).batch(0).to_bytes() != forward[0]


def test_stream_chain() -> None:
    stream = Stream(50, 16, 2, seed=0)
    digest = EMPTY_CHAIN
    for step in range(4):
        digest = chain(digest, stream.batch(step))
    assert digest == "831c039e3fc3dbc04731797279037c2bd3325dbfadb31d2973f1ec3d76bc9e24"


def test_crops_against_the_reference() -> None:
    """PROTOCOL: subtract the mean image, then pad with zeros, crop, flip; here image by image."""
    data = load_shapes(16, 40, 10, 0)
    mean, padding = data.mean_image(), 2
    resident = Resident(data.train, torch.from_numpy(mean), CPU, padding)
    plan = Stream(40, 25, padding, seed=1).batch(1)
    images, labels = resident.crops(plan)
    for i, row in enumerate(plan.rows):
        image = data.train.pixels[row].astype(np.float32) / np.float32(255) - mean
        padded = np.zeros((20, 20, 3), np.float32)
        padded[2:18, 2:18] = image
        crop = padded[plan.top[i] : plan.top[i] + 16, plan.left[i] : plan.left[i] + 16]
        expected = crop[:, ::-1] if plan.flip[i] else crop
        assert np.array_equal(images[i].permute(1, 2, 0).numpy(), expected)
        assert labels[i] == data.train.labels[row]
    assert images.is_contiguous(memory_format=torch.channels_last)
    views, _ = resident.views(slice(0, 40))
    assert views.mean(0).abs().max() < 1e-6  # the mean image was subtracted, pixel by pixel


def test_mean_image_is_per_pixel() -> None:
    pixels = np.zeros((2, 8, 8, 3), np.uint8)
    pixels[0, 3, 4, 1] = 255
    data = Dataset(Images(pixels, np.zeros(2, np.int64)), Images(pixels, np.zeros(2, np.int64)), 10)
    mean = data.mean_image()
    assert mean[3, 4, 1] == 0.5
    assert mean.sum() == 0.5


def copy_of_cifar10(root: Path, **change: object) -> Path:
    """A folder in the form of CIFAR-10's, of random pixels; `change` replaces entries of data_batch_3."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        pixels = np.random.default_rng(0).integers(0, 256, (10_000, 3072), np.uint8)
        batch: dict[str, object] = {"labels": [i % 10 for i in range(10_000)], "data": pixels}
        if name == "data_batch_3":
            batch.update(change)
        (folder / name).write_bytes(pickle.dumps(batch))
    return folder


def test_a_copy_is_read_without_its_md5s(tmp_path: Path) -> None:
    copy_of_cifar10(tmp_path)
    data = load_cifar10(str(tmp_path), download=False, verify=False)
    assert data.train.pixels.shape == (50_000, 32, 32, 3)
    assert data.test.pixels.shape == (10_000, 32, 32, 3)
    reds = np.random.default_rng(0).integers(0, 256, (10_000, 3072), np.uint8)[7, :1024].reshape(32, 32)
    assert np.array_equal(data.train.pixels[7, :, :, 0], reds)
    with pytest.raises(BadRequest, match="isn't there or is damaged: put the official"):
        load_cifar10(str(tmp_path), download=False, verify=True)
    small = load_cifar10(str(tmp_path), download=False, verify=False, size=16)
    assert small.test.pixels.shape == (10_000, 16, 16, 3)
    means = reds.reshape(16, 2, 16, 2).astype(float).mean(axis=(1, 3))
    assert np.array_equal(small.train.pixels[7, :, :, 0], np.floor(means + 0.5))


def test_the_official_files_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By torchvision, once their md5s are right: the same images, labels and parts as of a copy."""
    folder = copy_of_cifar10(tmp_path)
    pixels = np.random.default_rng(1).integers(0, 256, (10_000, 3072), np.uint8)
    (folder / "test_batch").write_bytes(
        pickle.dumps({"labels": [i % 10 for i in range(10_000)][::-1], "data": pixels})
    )
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [str(label) for label in range(10)]}))
    monkeypatch.setattr(
        "torchvision.datasets.cifar.check_integrity", lambda path, md5=None: Path(path).exists()
    )
    official, copied = (
        load_cifar10(str(tmp_path), download=False, verify=verify) for verify in (True, False)
    )
    assert official.sha256() == copied.sha256() and len(official.train) == 50_000


def test_images_are_averaged_in_whole_numbers() -> None:
    """A half is rounded up; 255 everywhere stays 255."""
    pixels = np.zeros((3, 4, 4, 1), np.uint8)
    pixels[0, 0, 0, 0], pixels[1, 2, 2, 0], pixels[2] = 2, 1, 255  # sums of a square: 2, 1, 1020
    images = averaged(Images(pixels, np.arange(3)), 2)
    assert images.pixels[..., 0].tolist() == [[[1, 0], [0, 0]], [[0, 0], [0, 0]], [[255, 255], [255, 255]]]
    assert images.labels.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"labels": [10] * 10_000},
        {"labels": [0] * 9_999},
        {"data": np.zeros((10_000, 3071), np.uint8)},
        {"data": np.zeros((10_000, 3072), np.float32)},
        {"data": None},
    ],
)
def test_a_copy_of_another_form_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    copy_of_cifar10(tmp_path, **change)
    with pytest.raises(BadRequest, match=r"data_batch_3: .*not a batch of CIFAR-10"):
        load_cifar10(str(tmp_path), download=False, verify=False)


def test_a_truncated_copy_is_refused(tmp_path: Path) -> None:
    path = copy_of_cifar10(tmp_path) / "data_batch_2"
    path.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(BadRequest, match="data_batch_2: damaged"):
        load_cifar10(str(tmp_path), download=False, verify=False)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, ("evil",)


def test_code_in_a_pickle_is_refused_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    copy_of_cifar10(tmp_path, data=Evil())
    with pytest.raises(BadRequest, match=r"data_batch_3: .*asks for"):
        load_cifar10(str(tmp_path), download=False, verify=False)
    assert not (tmp_path / "evil").exists()
    for value in (np.arange(5, dtype=np.uint8), {b"labels": [1, 2]}, "text"):
        for protocol in range(2, 6):
            loaded = PlainUnpickler(io.BytesIO(pickle.dumps(value, protocol))).load()
            assert np.array_equal(loaded, value) if isinstance(value, np.ndarray) else loaded == value


def test_no_data_and_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision tries to download, fails, and nothing stays behind."""
    monkeypatch.setattr("urllib.request.urlopen", _no_network)
    root = tmp_path / "not" / "there"
    with pytest.raises(BadRequest, match=r"can't be downloaded .*put the official cifar-10-batches-py/ into"):
        load_cifar10(str(root), download=True, verify=True)
    assert not (tmp_path / "not").exists()


def _no_network(*_: object, **__: object) -> None:
    raise OSError("no network")


def test_real_cifar10(cifar10: str) -> None:
    data = load_cifar10(cifar10, download=False, verify=False)
    assert np.bincount(data.train.labels).tolist() == [5000] * 10
    assert np.bincount(data.test.labels).tolist() == [1000] * 10
    means = data.mean_image().mean(axis=(0, 1))
    assert means == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)


def test_a_normalisation_that_is_given(make: Make) -> None:
    """Pixels in [0, 1], minus the mean, divided by the std, before the padding; the images are the same."""
    plain = make().settings.data
    own = make(**{"data.mean": [0.5, 0.25, 0.75], "data.std": [0.2]}).settings.data
    data, other = load(own), load(plain)
    assert data.sha256() == other.sha256()
    images = make_images(data, CPU)[1]
    views, _ = images.views(slice(0, 4))
    pixels = torch.from_numpy(data.test.pixels[:4]).to(torch.float32) / 255
    assert torch.equal(views, ((pixels - torch.tensor([0.5, 0.25, 0.75])) / 0.2).permute(0, 3, 1, 2))
    some = make_resident(Images(data.test.pixels[2:4], data.test.labels[2:4]), data, CPU)
    assert torch.equal(some.views(slice(0, 2))[0], views[2:4])
    assert make_images(other, CPU)[1].scale is None


def test_a_normalisation_is_part_of_what_a_run_is(make: Make) -> None:
    """It enters identity and name where it is given, and nothing where it is not."""
    plain, own = make(), make(**{"data.mean": [0.5]})
    assert not any(key.startswith(("data.mean", "data.std")) for key in schema_config(plain))
    assert schema_config(own)["data.mean"] == [0.5]
    assert request.from_mapping(json.loads(json.dumps(own.to_mapping()))) == own
