"""Landscape and curvature: the middle is the network, filters keep their norms, a quadratic's eigenvalues."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.why.inside import sharpness
from degradation.why.inside.curvature import curvature, top_eigenvalues
from degradation.why.inside.landscape import direction, landscape, ticks
from degradation.why.networks import modes
from degradation.why.numbers import quantities

IMAGES = torch.randn(16, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(16) % 10


def network() -> nn.Module:
    made = build_model("residual", depth=8, width=4)
    initialise(made, 0)
    return modes.settled(made, IMAGES)


def test_the_middle_is_the_checkpoints_loss() -> None:
    """To the bit, on every line and on the plane; and the network comes back to its own bits."""
    whole = network()
    before = {name: value.clone() for name, value in whole.state_dict().items()}
    table = landscape(whole, IMAGES, LABELS, lines=2, on_line=5, on_plane=3)
    middle = table[(table["x"] == 0) & (table["y"] == 0)]
    assert middle["kind"].tolist() == ["line", "line", "plane"]
    loss, error = modes.evaluate(whole, IMAGES, LABELS)
    assert middle["loss"].tolist() == [loss] * 3 and middle["error"].tolist() == [error] * 3
    assert (table[table["x"] != 0]["loss"] != loss).all()
    assert all(torch.equal(value, before[name]) for name, value in whole.state_dict().items())
    assert len(table) == 2 * 5 + 9
    # The plane's row through the middle is the first line.
    line = table[(table["draw"] == 0) & (table["kind"] == "line")].set_index("x")["loss"]
    plane = table[(table["kind"] == "plane") & (table["y"] == 0)].set_index("x")["loss"]
    assert plane.equals(line[plane.index])


def test_directions_have_the_filters_norms() -> None:
    whole = network()
    found = direction(whole, 0, 0)
    own = dict(whole.named_parameters())
    assert set(found) == {name for name, value in own.items() if value.dim() > 1}
    for name, step in found.items():
        assert torch.allclose(step.flatten(1).norm(dim=1), own[name].flatten(1).norm(dim=1), rtol=1e-4)
    again, other = direction(whole, 0, 0), direction(whole, 0, 1)
    assert all(torch.equal(found[name], again[name]) for name in found)
    assert not any(torch.equal(found[name], other[name]) for name in found)


def test_a_point_of_the_plane_by_hand() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(12, 3)).double()
    images, labels = torch.randn(8, 3, 2, 2).double(), torch.arange(8) % 3
    table = landscape(linear, images, labels, lines=0, on_plane=5, seed=4)
    one, two = (direction(linear, 4, draw)["1.weight"] for draw in (0, 1))
    point = table[(table["x"] == 0.5) & (table["y"] == -1)].iloc[0]
    with torch.no_grad():
        moved = F.linear(images.flatten(1), linear[1].weight + 0.5 * one - two, linear[1].bias)
    assert point["loss"] == pytest.approx(F.cross_entropy(moved, labels).item(), rel=1e-9)


def test_ticks() -> None:
    assert ticks(5) == [-1, -0.5, 0, 0.5, 1]
    assert ticks(1) == [0]
    with pytest.raises(ValueError, match="odd"):
        ticks(4)


def test_a_quadratics_eigenvalues() -> None:
    values = torch.tensor([7.0, 3, 1, 0.5, 0, -2, -9], dtype=torch.float64)
    turn, _ = torch.linalg.qr(torch.randn(7, 7, dtype=torch.float64))
    matrix = turn @ values.diag() @ turn.T
    x = torch.randn(3, dtype=torch.float64, requires_grad=True)
    y = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)  # parameters of several shapes

    def loss() -> torch.Tensor:
        both = torch.cat([x, y.flatten()])
        return both @ matrix @ both / 2

    assert top_eigenvalues(loss, [x, y], 3) == pytest.approx([7, 3, 1], rel=1e-6)


def test_the_hessian_of_a_linear_network() -> None:
    """Against the whole Hessian by autograd."""
    linear = nn.Sequential(nn.Flatten(), nn.Linear(12, 3, bias=False)).double()
    images, labels = torch.randn(8, 3, 2, 2).double(), torch.arange(8) % 3
    weight = linear[1].weight.detach()
    full = torch.autograd.functional.hessian(
        lambda w: F.cross_entropy(images.flatten(1) @ w.T, labels), weight
    )
    wanted = np.linalg.eigvalsh(full.reshape(36, 36).numpy())[::-1][:2]
    found = curvature(linear, images, labels, top=2)
    assert found["place"].tolist() == [1, 2]
    assert found["eigenvalue"].to_numpy() == pytest.approx(wanted, rel=1e-2)


def test_curvature_of_a_network_at_initialisation() -> None:
    found = curvature(network(), IMAGES, LABELS, settle=True)
    assert (found["eigenvalue"] > 0).all() and found["eigenvalue"].is_monotonic_decreasing


def test_sharpness_is_the_curvature_with_frozen_statistics() -> None:
    """Of a network at initialisation both have the same function; NaN weights have none."""
    start = build_model("residual", depth=8, width=4)
    initialise(start, 0)
    expected = curvature(start, IMAGES, LABELS, top=1, settle=True)["eigenvalue"][0]
    assert sharpness.sharpness(start, IMAGES, LABELS) == pytest.approx(expected, rel=0.1)
    assert expected > 0
    with torch.no_grad():
        next(start.parameters()).fill_(float("nan"))
    assert np.isnan(sharpness.sharpness(start, IMAGES, LABELS))
    assert curvature(start, IMAGES, LABELS, top=2, settle=True)["eigenvalue"].isna().tolist() == [True] * 2


def test_looks_lie_evenly(tmp_path: Path) -> None:
    assert list(sharpness.evenly(10, 4)) == [0, 3, 6, 9]
    assert list(sharpness.evenly(3, 4)) == [0, 1, 2]
    for step in (124, 248, 372, 496, 620):
        (tmp_path / f"step-{step}.ckpt").touch()
    assert list(sharpness.looked_at(tmp_path, 3)) == [124, 372, 620]
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadRequest, match=r"empty kept no weights .* train with train\.keep_every"):
        sharpness.looked_at(tmp_path / "empty")


def test_the_median_along_training() -> None:
    rows = {"step": [0, 10, 20, 30], "eigenvalue": [1e9, 1000.0, 10, -1]}
    table = pd.DataFrame(rows).assign(family="plain", depth=8, variant="", seed=0)
    found = quantities.sharpness(table).set_index("quantity")["value"]
    assert found["largest eigenvalue along training, median of the looks (log10)"] == 2
    assert found["largest eigenvalue at the first look (log10)"] == 3
