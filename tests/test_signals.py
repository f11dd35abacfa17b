"""Signals with known sizes: linear networks in closed form, responses of known rank, dead channels."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.models.signals import effective_rank, signals
from degradation.why.pictures import signals_picture

GENERATOR = torch.Generator().manual_seed(0)
IMAGES, LABELS = torch.randn(12, 3, 5, 5, generator=GENERATOR), torch.arange(12) % 4


class Linear(nn.Module):
    """Two 1x1 convolutions and the mean over positions: logits = W2 W1 x."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 6, 1, bias=False), nn.Conv2d(6, 4, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x)).mean(dim=(2, 3))


def test_a_linear_networks_gradients_in_closed_form() -> None:
    torch.manual_seed(0)
    network = Linear().double()
    images = IMAGES.double()
    table = signals(network, images, LABELS, lr=0.1, weight_decay=0.01)
    one, two = network.first.weight[:, :, 0, 0].detach(), network.second.weight[:, :, 0, 0].detach()
    x = images.mean(dim=(2, 3))
    delta = (torch.softmax(x @ one.T @ two.T, dim=1) - F.one_hot(LABELS, 4)) / len(x)
    first, second = two.T @ delta.T @ x, delta.T @ (x @ one.T)
    assert table["gradient"].tolist() == pytest.approx([first.norm().item(), second.norm().item()])
    updates = [(0.1 * (g + 0.01 * w).norm() / w.norm()).item() for g, w in ((first, one), (second, two))]
    assert table["update"].tolist() == pytest.approx(updates)
    assert table["std"].iloc[0] == pytest.approx(network.first(images).std().item())
    assert table["dead"].isna().all()  # no ReLU follows: not measured, not zero


def test_effective_rank() -> None:
    basis, _ = torch.linalg.qr(torch.randn(30, 30, generator=GENERATOR))
    centred = torch.linalg.qr(torch.randn(12, 5, generator=GENERATOR))[0]
    centred = torch.linalg.qr(centred - centred.mean(dim=0))[0]  # orthonormal columns of mean zero
    assert effective_rank(centred @ basis[:5]) == pytest.approx(5, abs=1e-3)
    values = torch.tensor([3.0, 1, 0, 0, 0])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert effective_rank(centred * values @ basis[:5]) == pytest.approx(math.exp(entropy), abs=1e-3)
    on_a_line = torch.arange(6.0)[:, None] * torch.ones(1, 4) + 7
    assert effective_rank(on_a_line) == pytest.approx(1, abs=1e-3)
    assert math.isnan(effective_rank(torch.ones(6, 4)))


def test_responses_after_bn_and_dead_channels() -> None:
    network = build_model("residual", depth=8, width=4, shortcut="B")
    initialise(network, 0)
    bn = network.get_submodule("stages.0.0.bn1")
    assert isinstance(bn, nn.BatchNorm2d)
    nn.init.constant_(bn.weight, 0.25)
    with torch.no_grad():
        bn.bias[:] = torch.tensor([-10.0, -10.0, -10.0, 10.0])
    table = signals(network, torch.rand(8, 3, 8, 8), torch.arange(8), lr=0.1, weight_decay=0).set_index(
        "name"
    )
    assert list(table.index) == ["conv1", *(f"stages.{s}.0.conv{c}" for s in range(3) for c in (1, 2))]
    assert table["layer"].tolist() == list(range(1, 8))
    assert table["dead"]["stages.0.0.conv1"] == 0.75
    # Between channels the biases differ by 20, one of four: that is most of the spread.
    assert table["std"]["stages.0.0.conv1"] == pytest.approx(20 * math.sqrt(3 / 16), rel=0.01)
    assert table["std"]["conv1"] == pytest.approx(1, abs=0.01)  # BN at its initial values


def test_the_network_stays_as_it_is() -> None:
    network = build_model("residual", depth=8, width=4)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first = signals(network, IMAGES, LABELS, lr=0.1, weight_decay=0)
    assert first.equals(signals(network, IMAGES, LABELS, lr=0.1, weight_decay=0))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("family", "depth", "keys"),
    [("preact", 8, {}), ("densenet", 7, {}), ("nin", 9, {}), ("fractalnet", 4, {"blocks": 2})],
)
def test_other_families(family: str, depth: int, keys: dict[str, int]) -> None:
    network = build_model(family, depth=depth, width=4, **keys)
    table = signals(network, torch.rand(6, 3, 8, 8), torch.arange(6), lr=0.1, weight_decay=0)
    assert table[["std", "gradient", "rank"]].notna().all(axis=None)


def test_what_is_not_known_is_said_on_its_panel() -> None:
    """The updates of a network that others trained: no learning rate, so no number, and no empty axes."""
    network = Linear()
    table = signals(network, IMAGES, LABELS, lr=math.nan, weight_decay=0.0)
    named = table.assign(family="plain", depth=2, variant="", seed=0, state="checkpoint")
    said = {
        axes.get_title(loc="left").split("\n")[0]: [text.get_text() for text in axes.texts]
        for axes in signals_picture.draw(named).axes
    }
    assert said["|update| / |weight|"] == ["not known"]
    assert said["gradient norm"] == []
