"""Lengths of weights: what BN makes of them, the same function when they are shortened, training on."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import Make, in_process
from torch import Tensor, nn

from degradation.files import read_json
from degradation.models import build_model
from degradation.why import analyses, further
from degradation.why.networks import modes
from degradation.why.networks.trained import load_runs
from degradation.why.numbers import further_quantities
from degradation.why.pictures import lengths_picture
from degradation.why.trials import lengths
from degradation.why.trials.lengths_runs import study


def images(count: int = 40) -> Tensor:
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def two(family: str = "plain", depth: int = 14, **keys: str) -> tuple[nn.Module, nn.Module]:
    """A network, and the same with each convolution's weights multiplied by 2, 3, 4 and so on."""
    torch.manual_seed(0)
    initial = modes.settled(build_model(family, depth=depth, width=4, **keys), images())
    network = modes.as_evaluated(initial)
    with torch.no_grad():
        convolutions = (module for module in network.modules() if isinstance(module, nn.Conv2d))
        for factor, conv in enumerate(convolutions, 2):
            conv.weight.mul_(factor)
    return modes.settled(network, images()), initial


def test_a_convolution_is_followed_by_its_own_norm() -> None:
    network, _ = two()
    names = {module: name for name, module in network.named_modules()}
    found = [(names[conv], names[norm]) for conv, norm in lengths.followed(network, images(2))]
    assert found[:3] == [
        ("conv1", "bn1"),
        ("stages.0.0.conv1", "stages.0.0.bn1"),
        ("stages.0.0.conv2", "stages.0.0.bn2"),
    ]
    assert len(found) == 13
    # In a pre-activation block the second convolution is added first: its length is no matter of taste.
    network, _ = two("preact")
    names = {module: name for name, module in network.named_modules()}
    followed = {names[conv] for conv, _ in lengths.followed(network, images(2))}
    assert "stages.0.0.conv1" in followed and "stages.0.0.conv2" not in followed


@pytest.mark.parametrize("family", ["plain", "residual", "preact"])
def test_shortened_it_computes_the_same(family: str) -> None:
    network, initial = two(family)
    short = lengths.shortened(network, initial, images(2))
    with torch.no_grad():
        ours, theirs = short(images()), network(images())
    assert not torch.equal(ours, theirs)  # BN's eps
    assert (ours - theirs).abs().max() < 1e-3 * theirs.abs().max()
    followed = {conv for conv, _ in lengths.followed(short, images(2))}
    own, before = ([m for m in one.modules() if isinstance(m, nn.Conv2d)] for one in (short, network))
    start = [module for module in initial.modules() if isinstance(module, nn.Conv2d)]
    for now, was, first in zip(own, before, start, strict=True):
        expected = first.weight.norm() if now in followed else was.weight.norm()
        assert torch.isclose(now.weight.norm(), expected, rtol=1e-5)


def test_weights_of_zero_stay_as_they_are() -> None:
    network, initial = two()
    nn.init.zeros_(network.conv1.weight)  # type: ignore[arg-type, union-attr]
    short = lengths.shortened(network, initial, images(2))
    assert not short.conv1.weight.any()  # type: ignore[union-attr]
    assert all(torch.isfinite(value).all() for value in short.state_dict().values())


def test_a_step_turns_longer_weights_by_the_square_less() -> None:
    """a times as long, weights before a BN have 1/a of the gradient: a step over them is 1/a^2."""
    network, initial = two()
    labels = torch.arange(40) % 10
    now, before = (lengths.lengths(one, initial, images(), labels, lr=0.1) for one in (network, initial))
    assert now["grown"].tolist() == pytest.approx(range(2, 15)) and (before["grown"] == 1).all()
    assert (now["step"] * now["grown"] ** 2).tolist() == pytest.approx(before["step"].tolist(), rel=0.01)


def test_the_study(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs from the end of the deepest of each family, trained once; layers of all."""
    common = {"train.precision": "float32", "train.steps": 20, "optimizer.lr": 0.05}
    asked = [("plain", 8), ("plain", 14), ("residual", 8)]
    requests = [make(**{"model.family": name, "model.depth": depth, **common}) for name, depth in asked]
    assert in_process(requests) == 0
    runs = load_runs([one.folder for one in requests])
    monkeypatch.setattr(further.lengths_runs, "study", lambda *given: study(*given, train=in_process))
    said: list[str] = []
    table = further.lengths_of(runs, 100, said.append)
    assert said[0].startswith("lengths: trains 4 networks, unless they are complete already: up to 1 minutes")
    layers, after = table[table["kind"] == "layer"], table[table["kind"] == "run"]
    assert layers.groupby(["family", "depth", "state"]).size().tolist() == [7, 7, 13, 13, 7, 7]
    assert (layers.loc[layers["state"] == "initialisation", "grown"] == 1).all()
    end = layers[(layers["family"] == "plain") & (layers["depth"] == 14) & (layers["state"] == "checkpoint")]
    weight = runs[1].network.get_parameter("conv1.weight").detach()
    assert end["length"].iloc[0] == pytest.approx(float(weight.norm()))
    of = after.set_index(["family", "start"])
    assert set(of.index) == {(name, x) for name in ("plain", "residual") for x in ("as it is", "shortened")}
    own = modes.evaluate(runs[1].network, *runs[1].training_images(500))
    assert tuple(of.loc[("plain", "as it is"), ["loss", "error"]]) == own
    assert of.loc[("plain", "shortened"), "loss"] == pytest.approx(own[0], rel=1e-2)
    records = sorted(tmp_path.glob("runs/.lengths/*/*/record.json"))
    assert len(records) == 4 and all(read_json(path)["steps"] == 20 for path in records)
    before = [path.read_bytes() for path in records]
    assert further.lengths_of(runs, 100, said.append).equals(table)
    assert [path.read_bytes() for path in records] == before
    numbers = further_quantities.lengths(table)
    assert set(numbers["state"]) == {"", "initialisation", "checkpoint"}
    assert len(lengths_picture.draw(table).axes) == 4


def test_it_is_measured_where_it_is_named() -> None:
    """It trains as long as the experiment itself."""
    assert "lengths" not in analyses.chosen(None) and "paths" in analyses.chosen(None)
    assert analyses.chosen("paths, lengths") == ["lengths", "paths"]


def test_numbers_of_a_table() -> None:
    """The first quarter of eight layers is two; logarithms are averaged; ends are subtracted."""
    layers = pd.DataFrame(
        {"layer": range(1, 9), "grown": [10, 1000, *[1] * 6], "step": [0.1, 0.001, *[1] * 6]}
    )
    both = pd.concat([layers.assign(state="initialisation", grown=1), layers.assign(state="checkpoint")])
    ends = pd.DataFrame({"start": ["as it is", "shortened"], "train_error": [50.0, 8.0], "kind": "run"})
    network = {"family": "plain", "depth": 56, "variant": "", "seed": 0}
    table = pd.concat([both.assign(kind="layer"), ends]).assign(**network)
    found = further_quantities.lengths(table).set_index(["state", "quantity"])["value"]
    first = "first quarter of the layers (log10)"
    assert found["checkpoint", f"length over that at the start, {first}"] == pytest.approx(2)
    assert ("initialisation", f"length over that at the start, {first}") not in found
    assert found["checkpoint", f"step over length, {first}"] == pytest.approx(-2)
    assert found["", "training error, shortened minus as it is (points)"] == -42
    assert np.isfinite(found).all()
