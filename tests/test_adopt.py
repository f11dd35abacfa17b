"""Networks that others trained: their weights, however written down, give the logits that they gave there."""

import json
from pathlib import Path

import pytest
import torch
from conftest import Make, run_script
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.config.request import Request
from degradation.data import load
from degradation.errors import BadRequest
from degradation.files import sha256
from degradation.models import build_model
from degradation.models.foreign import translate
from degradation.reports import report
from degradation.runs import store
from degradation.training import adopt as adopting
from degradation.training import checkpoint
from degradation.training.adopt import adopt
from degradation.training.experiment import train
from degradation.training.folder import read_config
from degradation.training.parts import make_images, make_network
from degradation.why.networks import modes
from degradation.why.networks.trained import load_run

CPU = torch.device("cpu")


class TheirBlock(nn.Module):
    """Somebody's block: biases or not, zero channels on both sides or at the end, all BNs declared last."""

    def __init__(self, into: int, out: int, stride: int, bias: bool, centred: bool, skip: bool) -> None:
        super().__init__()
        self.c_a = nn.Conv2d(into, out, 3, stride, 1, bias=bias)
        self.c_b = nn.Conv2d(out, out, 3, 1, 1, bias=bias)
        self.n_a, self.n_b = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        self.stride, self.extra, self.centred, self.skip = stride, out - into, centred, skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.n_b(self.c_b(F.relu(self.n_a(self.c_a(x)))))
        if self.skip:
            before = self.extra // 2 if self.centred else 0
            channels = (before, self.extra - before)
            y = y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, *channels))
        return F.relu(y)


class TheirNet(nn.Module):
    def __init__(self, n: int, width: int, bias: bool = False, centred: bool = False, skip: bool = True):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, width, 3, 1, 1, bias=bias), nn.BatchNorm2d(width)
        channels, blocks = width, []
        for stage in range(3):
            for number in range(n):
                out, stride = width * 2**stage, 2 if stage and not number else 1
                blocks.append(TheirBlock(channels, out, stride, bias, centred, skip))
                channels = out
        self.body, self.head = nn.Sequential(*blocks), nn.Linear(channels, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(F.relu(self.norm(self.stem(x)))).mean((2, 3)))


def their_net(n: int = 2, width: int = 8, seed: int = 0, **habits: bool) -> TheirNet:
    """With values of all kinds in every tensor; BN statistics from some images."""
    torch.manual_seed(seed)
    network = TheirNet(n, width, **habits)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
        if isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.normal_(module.bias)
    for _ in range(20):
        network(torch.randn(32, 3, 8, 8))
    return network.eval()


def ours(family: str, state: dict[str, Tensor], padding: str = "trailing", **keys: object) -> nn.Module:
    network = build_model(family, depth=14, width=8, **keys)  # type: ignore[arg-type]
    network.load_state_dict(translate(network, state, padding))
    return network.eval()


@pytest.mark.parametrize("bias", [False, True], ids=["no biases", "biases"])
@pytest.mark.parametrize("padding", ["trailing", "centred"])
def test_the_logits_are_theirs(bias: bool, padding: str) -> None:
    theirs = their_net(bias=bias, centred=padding == "centred")
    images = torch.randn(16, 3, 8, 8)
    with torch.no_grad():
        network = ours("residual", theirs.state_dict(), padding)
        assert (network(images) - theirs(images)).abs().max() < 1e-5
        other = "trailing" if padding == "centred" else "centred"
        assert (ours("residual", theirs.state_dict(), other)(images) - theirs(images)).abs().max() > 0.01


def test_one_network_with_other_habits_is_adopted_to_equal_logits() -> None:
    """The same network, written down with biases that BN takes back, and with its channels centred."""
    theirs, images = their_net(), torch.randn(16, 3, 8, 8)
    biased = {}
    for key, value in theirs.state_dict().items():
        biased[key] = value
        if value.dim() == 4:
            biased[key.replace("weight", "bias")] = torch.randn(len(value))
    norms = {"stem": "norm", "c_a": "n_a", "c_b": "n_b"}
    for key in [key for key in biased if key.rpartition(".")[0].split(".")[-1] in norms and "bias" in key]:
        name = key.removesuffix(".bias").split(".")
        mean = ".".join([*name[:-1], norms[name[-1]], "running_mean"])
        biased[mean] = biased[mean] + biased[key]
    plain, folded = ours("residual", theirs.state_dict()), ours("residual", biased)
    # And with channels centred: those of stages 2 and 3 in another order.
    network = build_model("residual", depth=14, width=8)
    forth = translate(network, theirs.state_dict(), "centred")  # reads a trailing one as if it were centred
    centred = their_net(seed=1, centred=True)
    again = ours("residual", centred.state_dict(), "centred")
    with torch.no_grad():
        assert (plain(images) - folded(images)).abs().max() < 1e-5
        assert (plain(images) - theirs(images)).abs().max() < 1e-5
        assert (again(images) - centred(images)).abs().max() < 1e-5
    assert sorted(forth["fc.weight"].flatten()) == sorted(theirs.head.weight.flatten())


def test_plain_networks_and_names_of_torchvisions_style() -> None:
    theirs, images = their_net(skip=False, bias=True), torch.randn(4, 3, 8, 8)
    state = {f"module.{key}": value for key, value in theirs.state_dict().items() if "tracked" not in key}
    with torch.no_grad():
        for padding in ("trailing", "centred"):  # a plain network has none: both are the same
            assert (ours("plain", state, padding)(images) - theirs(images)).abs().max() < 1e-5


def saved(folder: Path, network: nn.Module, wrap: str | None = "state_dict") -> Path:
    path = folder / "theirs.pt"
    state = network.state_dict()
    torch.save({wrap: state, "epoch": 163} if wrap else state, path)
    return path


def fitted(wanted: Request, network: TheirNet) -> TheirNet:
    """Trained a little on the request's images, so that its loss says which network it is."""
    (images, _), optimizer = (
        make_images(load(wanted.settings.data), CPU),
        torch.optim.SGD(network.train().parameters(), lr=0.05, momentum=0.9),
    )
    inputs, labels = images.views(slice(0, 100))
    for _ in range(30):
        optimizer.zero_grad()
        F.cross_entropy(network(inputs), labels).backward()
        optimizer.step()
    return network.eval()


def test_a_run_folder(make: Make, tmp_path: Path) -> None:
    """The zero channels' place is seen from the loss; the errors are their network's; reports take it."""
    wanted = make(**{"model.depth": 14, "data.mean": [0.5], "data.std": [0.25]}).unnamed()
    theirs = fitted(wanted, their_net(bias=True, centred=True))
    path = saved(tmp_path, theirs)
    folder = adopt(wanted, path, said=["train.steps"], origin="someone | MIT", echo=False)
    record = json.loads((folder / "record.json").read_text())
    assert folder.name == "residual-14-seed0"
    assert (record["status"], record["step"], record["steps"]) == ("complete", 0, 0)
    assert (record["source"], record["source_sha256"]) == ("theirs.pt", sha256(path.read_bytes()))
    assert record["origin"] == "someone | MIT"
    unknown = ("seconds", "init_sha256", "stream_sha256", "train_error_running", "train_loss")
    assert {record[key] for key in unknown} == {None}
    assert record["config"]["data.mean"] == [0.5]
    known = [key for key in record["config"] if key.startswith(("train.", "optimizer.", "schedule."))]
    assert known == ["train.steps"]
    dataset = load(wanted.settings.data)
    for name, images in zip(("train_error", "test_error"), make_images(dataset, CPU), strict=True):
        inputs, labels = images.views(slice(0, len(images)))
        with torch.no_grad():
            wrong = (theirs(inputs).argmax(1) != labels).double().mean().item()
        assert record[name] == pytest.approx(100 * wrong)
    assert "zero channels centred" in (folder / "log.txt").read_text()
    state = checkpoint.load(folder / "last.ckpt")["classifier"]
    network = make_network(read_config(folder).settings, dataset)
    network.load_state_dict(state["network"])
    run = load_run(folder)
    assert run.initial() is None
    images, labels = run.test_images(len(dataset.test))
    assert modes.evaluate(run.network, images, labels)[1] == record["test_error"]
    (experiment,) = store.load([folder])
    assert experiment.runs["source"].tolist() == ["theirs.pt"]
    assert experiment.curves["test_error"].tolist() == [record["test_error"]]
    (written,) = report.write([folder], tmp_path / "reports")
    page = (written / report.README).read_text()
    assert "| `optimizer.lr` | 0.1 | not known | all |" in page
    assert r"Trained by others: `theirs.pt` (someone \| MIT)." in page
    (again,) = report.write([written], tmp_path / "again")
    assert (again / "runs.csv").read_bytes() == (written / "runs.csv").read_bytes()


def test_a_folder_is_adopted_once(make: Make, tmp_path: Path) -> None:
    """The same weights again: nothing to do. Others, or training there: refused."""
    wanted = make(**{"model.depth": 14}).unnamed()
    folder = adopt(wanted, saved(tmp_path, their_net()), echo=False)
    before = (folder / "record.json").read_bytes()
    assert adopt(wanted, saved(tmp_path, their_net()), echo=False) == folder
    with pytest.raises(BadRequest, match=r"holds another run \(theirs.pt\): choose another"):
        adopt(wanted, saved(tmp_path, their_net(seed=3)), echo=False)
    with pytest.raises(BadRequest, match=r"holds a network that others trained \(theirs.pt\)"):
        train(wanted, echo=False)
    assert (folder / "record.json").read_bytes() == before


def test_two_files_at_once_do_not_overwrite_each_other(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was free when the second command looked, and is not when it has measured."""
    wanted = make(**{"model.depth": 14}).unnamed()
    folder, look = adopt(wanted, saved(tmp_path, their_net()), echo=False), adopting.look_for
    before = (folder / "record.json").read_bytes()
    answers = iter([lambda *of: None, look])
    monkeypatch.setattr(adopting, "look_for", lambda *of: next(answers)(*of))
    with pytest.raises(BadRequest, match="holds another run"):
        adopt(wanted, saved(tmp_path, their_net(seed=3)), echo=False)
    assert (folder / "record.json").read_bytes() == before


class Code:
    """Would run when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("run",)


def test_what_does_not_fit_is_refused(make: Make, tmp_path: Path) -> None:
    wanted, path = make(**{"model.depth": 14}).unnamed(), tmp_path / "theirs.pt"
    good = their_net().state_dict()
    last = list(good)[-1]
    refused: list[tuple[object, str]] = [
        (their_net(n=1).state_dict(), "has 7 convolutions where this network has 13"),
        (
            their_net(width=4).state_dict(),
            r"stem.weight is \(4, 3, 3, 3\), and conv1.weight is \(8, 3, 3, 3\)",
        ),
        ({**good, "scale": torch.ones(())}, r"it \(scale\) is no convolution"),
        ({**good, last: torch.full((10,), torch.nan)}, "holds values that are not finite"),
        ({key: value for key, value in good.items() if key != last}, "head.bias is missing"),
        ({"epoch": 3}, "holds no state dict"),
        ([1, 2], "holds no state dict"),
        (Code(), "holds more than tensors and plain values"),
    ]
    for contents, message in refused:
        torch.save(contents, path)
        with pytest.raises(BadRequest, match=message):
            adopt(wanted, path, echo=False)
    path.write_bytes(b"nothing")
    with pytest.raises(BadRequest, match=r"theirs\.pt: "):
        adopt(wanted, path, echo=False)
    with pytest.raises(BadRequest, match="No such file or directory: name a file of weights"):
        adopt(wanted, tmp_path / "absent.pt", echo=False)
    assert not wanted.folder.exists()
    with pytest.raises(BadRequest, match="only plain, residual and bottleneck networks"):
        translate(build_model("preact", depth=14, width=8), good)


def test_the_command(tmp_path: Path) -> None:
    """One line and exit code 2 where it doesn't fit; else a run folder under runs/adopted/."""
    path = saved(tmp_path, their_net(bias=True), wrap=None)
    words = ["scripts/adopt.py", str(path), "--family", "residual", "--data", "shapes"]
    keys = ["model.width=8", "data.size=8", "data.count=20", "data.test_count=20"]
    done = run_script(*words, "--depth", "20", *keys, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "has 13 convolutions where this network has 19" in done.stderr
    assert not (tmp_path / "runs").exists()
    done = run_script(*words, "--depth", "14", "--mean", "0.5,0.4,0.3", "--std", "0.2", *keys, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads((tmp_path / "runs/adopted/residual-14-seed0/record.json").read_text())
    assert record["config"]["data.mean"] == [0.5, 0.4, 0.3]
    assert record["train_error"] is not None
