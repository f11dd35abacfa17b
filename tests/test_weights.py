"""A run that begins with given weights (fine-tuning): which files fit, what is new, and who is whose twin."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from conftest import Make
from fake_runs import SHAPES, fake_run
from PIL import Image

from degradation import errors
from degradation.analysis.twins import pairs
from degradation.cli.compose import compose
from degradation.config.request import Request
from degradation.errors import BadRequest
from degradation.files import read_json, sha256
from degradation.models import build_model
from degradation.models.given import fitted, last_layer
from degradation.runs import schema, store
from degradation.training import checkpoint
from degradation.training.experiment import train

TORCHVISION: list[tuple[str, str, int, dict[str, Any]]] = [
    ("resnet18", "resnet_imagenet", 18, {}),
    ("resnet50", "resnet_imagenet", 50, {"stride_at": "3x3"}),
    ("densenet121", "densenet_imagenet", 121, {}),
    ("squeezenet1_1", "squeezenet", 18, {}),
]


def photographs(folder: Path) -> str:
    """A tiny folder of images as ImageNet's: three classes of two images, one in val/."""
    for number in range(9):
        path = folder / ("val" if number < 3 else "train") / f"kind{number % 3}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), (80 * (number % 3), 20 * number, 90)).save(path)
    return str(folder)


def network_of(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = checkpoint.load(folder / schema.LAST)["classifier"]["network"]
    return found


@pytest.mark.parametrize(("theirs", "name", "depth", "keys"), TORCHVISION)
def test_torchvisions_files_fit(theirs: str, name: str, depth: int, keys: dict[str, Any]) -> None:
    """For 1,000 classes the same outputs; for others all but the last layer is theirs."""
    torch.manual_seed(1)
    other = getattr(torchvision.models, theirs)().eval()
    for module in other.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
    network = build_model(name, depth=depth, num_classes=1000, **keys).eval()
    values, new = fitted(network, other.state_dict())
    assert new is None
    network.load_state_dict(values, strict=False)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(network(images), other(images))
    few = build_model(name, depth=depth, num_classes=7, **keys)
    less, new = fitted(few, other.state_dict())
    assert new == last_layer(few) and values.keys() - less.keys() == {f"{new}.weight", f"{new}.bias"}


@pytest.fixture
def tuned(make: Make, tmp_path: Path) -> Request:
    """torchvision's ResNet-18, fine-tuned on a folder of three classes."""
    torch.manual_seed(2)
    path = tmp_path / "resnet18.pth"
    torch.save(torchvision.models.resnet18().state_dict(), path)
    wanted = make(
        experiment_name="tuned",
        model={
            "family": "resnet_imagenet", "depth": 18, "width": None, "shortcut": None, "weights": str(path),
        },
        data={
            "name": "folder", "seed": 0, "subset": None, "test_subset": None, "size": 32,
            "root": photographs(tmp_path / "photographs"),
            "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
        },
        **{"train.steps": 2, "train.batch_size": 4, "optimizer.lr": 1e-9},
    )  # fmt: skip
    assert train(wanted, echo=False) == errors.DONE
    return wanted


def test_fine_tuning_a_torchvision_file_on_a_folder(tuned: Request, make: Make) -> None:
    """All but the last layer is where the file has it, the record names the file, and the run is its own."""
    path = Path(str(tuned.settings.model.weights))
    given, ours = torch.load(path, weights_only=True), network_of(tuned.folder)
    torch.testing.assert_close(ours["conv1.weight"], given["conv1.weight"], atol=1e-4, rtol=0)
    torch.testing.assert_close(
        ours["stages.3.1.conv2.weight"], given["layer4.1.conv2.weight"], atol=1e-4, rtol=0
    )
    assert ours["fc.weight"].shape == (3, 512)
    record = read_json(tuned.folder / schema.RECORD)
    assert record["status"] == schema.COMPLETE
    assert record["config"]["model.weights_sha256"] == sha256(path.read_bytes())[:12]
    assert "model.weights" not in schema.identity(record["config"])
    elsewhere = path.with_name("copy.pth")  # a file is known by its bytes, wherever it lies
    shutil.copy(path, elsewhere)
    model = {"family": "residual", "depth": 8, "width": 8, "shortcut": None}
    digests = [make(model={**model, "weights": str(one)}).settings.model for one in (path, elsewhere)]
    assert digests[0].weights_sha256 == digests[1].weights_sha256
    with pytest.raises(BadRequest, match="another file than the one that the run began with"):
        make(model={**model, "weights": str(path), "weights_sha256": "0" * 12})


def test_a_runs_own_checkpoint_is_a_file_of_weights(make: Make) -> None:
    first = make()
    assert train(first, echo=False) == errors.DONE
    path = first.folder / schema.LAST
    model = {"family": "residual", "depth": 8, "width": 8, "shortcut": None}
    second = make(model={**model, "weights": str(path)}, experiment_name="second", **{"optimizer.lr": 1e-12})
    assert train(second, echo=False) == errors.DONE
    before, after = network_of(first.folder), network_of(second.folder)
    torch.testing.assert_close(after["fc.weight"], before["fc.weight"], atol=1e-8, rtol=0)
    with pytest.raises(BadRequest, match=r"stages.0.1.conv1.weight is missing"):
        wanted = make(model={**model, "depth": 14, "weights": str(path)}, experiment_name="deeper")
        train(wanted, echo=False)
    with pytest.raises(BadRequest, match=r"conv1.weight is \(8, 3, 3, 3\) there, and \(16, 3, 3, 3\) in"):
        train(make(model={**model, "width": 16, "weights": str(path)}, experiment_name="wider"), echo=False)
    with pytest.raises(BadRequest, match=r"not beside model.weights"):
        make(model={**model, "weights": str(path)}, start=str(path))
    with pytest.raises(BadRequest, match=r"the initial values are those of model.weights"):
        make(model={**model, "weights": str(path), "init": "dirac"})


def test_what_is_no_file_of_weights(make: Make, tmp_path: Path) -> None:
    model = {"family": "residual", "depth": 8, "width": 8, "shortcut": None}
    with pytest.raises(BadRequest, match=r"model.weights=.*none.pt: No such file.*name a file of weights"):
        make(model={**model, "weights": str(tmp_path / "none.pt")})
    torn, code = tmp_path / "torn.pt", tmp_path / "code.pt"
    torn.write_bytes(b"no zip")
    torch.save({"network": Path}, code)
    for path, message in ((torn, "not a file that torch.save|is damaged"), (code, "more than tensors")):
        with pytest.raises(BadRequest, match=message):
            train(make(model={**model, "weights": str(path)}), echo=False)
    other = build_model("resnet_imagenet", depth=50, num_classes=3, stride_at="1x1")
    state = torchvision.models.resnet50(num_classes=3).state_dict()
    with pytest.raises(BadRequest, match=r"model\.stride_at=3x3"):
        fitted(other, state)


@pytest.mark.parametrize(("files", "count"), [(("a" * 12, "a" * 12), 1), (("a" * 12, "b" * 12), 0)])
def test_networks_of_different_files_are_no_twins(files: tuple[str, str], count: int, tmp_path: Path) -> None:
    for family, digest in zip(("plain", "residual"), files, strict=True):
        fake_run(tmp_path / "runs/x", family, 20, config={**SHAPES, "model.weights_sha256": digest})
    (found,) = store.load([tmp_path / "runs"])
    assert len(pairs(found.runs)) == count


def test_every_family_takes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"any")
    jobs = [[f"model={name}", f"model.weights={path}"] for name in ("vgg", "plain", "resnet_imagenet")]
    digest = sha256(b"any")[:12]
    for wanted in compose(jobs):
        assert wanted.name.endswith(f"-model.weights_sha256={digest}-seed0")
