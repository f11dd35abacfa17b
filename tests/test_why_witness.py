"""The witness: a deep plain network that computes what a shallow one does, and what SGD does around it."""

import math

import numpy as np
import pytest
import torch
from conftest import Make
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.runs import store
from degradation.training.experiment import train
from degradation.why import modes, witness
from degradation.why.trained import load_run
from degradation.why.witness_runs import study

LONG = {"train.steps": 60, "train.evaluate_every": 60, "train.checkpoint_every": 60}  # BN catches up


def images(count: int = 40) -> Tensor:
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def shallow(family: str = "plain", depth: int = 8) -> nn.Module:
    """With BN statistics of some images, and values of all kinds in BN's scales and shifts."""
    torch.manual_seed(0)
    network = build_model(family, depth=depth, width=4)
    for name, value in network.named_parameters():
        if "bn" in name:
            nn.init.uniform_(value, 0.5, 1.5) if name.endswith("weight") else nn.init.normal_(value, std=0.3)
    return modes.settled(network, images())


@pytest.mark.parametrize("depth", [14, 20, 56])
def test_the_logits_are_the_shallow_networks(depth: int) -> None:
    """In evaluation mode, within 1e-5 at any depth; and it is the family's network of that depth."""
    network = shallow()
    deep = witness.witness(network, depth, images())
    with torch.no_grad():
        assert (deep(images()) - network(images())).abs().max() < 1e-5
    family = build_model("plain", depth=depth, width=4)
    family.load_state_dict(deep.state_dict())  # every name and shape is its own
    names = witness.added(deep, 1)
    assert names is not None and len(names) == (depth - 8) // 2
    assert witness.departure(deep, names, images()) < 1e-6
    assert math.isnan(witness.departure(deep, [], images()))


def test_training_mode_is_near_the_identity_too() -> None:
    """BN by the statistics of the images that the scales were taken of: the first added block of each stage
    finds their mean and deviation, and so do those behind it."""
    network = shallow()
    deep = witness.witness(network, 32, images())
    with torch.no_grad():
        ours, theirs = (modes.as_trained(one)(images()) for one in (deep, network))
    assert (ours - theirs).abs().max() < 0.02 * theirs.abs().max()


def test_a_channel_that_is_dead_stays_dead() -> None:
    x = images().relu()
    x[:, 1] = 0
    block = witness.identity(x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0))
    with torch.no_grad():
        assert (block(x) - x).abs().max() < 1e-6
        assert block(x)[:, 1].abs().max() == 0


def test_what_it_is_not_made_of() -> None:
    with pytest.raises(BadRequest, match="made of a plain network of pairs"):
        witness.witness(shallow("residual"), 14, images())
    for depth in (8, 15, 2):
        with pytest.raises(BadRequest, match=f"depth {depth}: a witness has"):
            witness.witness(shallow(), depth, images())


def test_noise_is_relative_to_each_filter() -> None:
    network = shallow()
    twin = witness.noisy(network, 0.25)
    for (name, before), after in zip(network.named_parameters(), twin.parameters(), strict=True):
        if before.dim() > 1:
            moved, own = (one.detach().flatten(1).norm(dim=1) for one in (after - before, before))
            assert torch.allclose(moved, 0.25 * own, rtol=1e-4), name
        else:
            assert torch.equal(before, after), name


def test_the_straight_line_has_its_ends() -> None:
    one, other = shallow(), witness.noisy(shallow(), 1.0)
    labels = torch.arange(40) % 10
    line = witness.straight(one, other, images(), labels, points=3)
    assert line["at"].tolist() == [0.0, 0.5, 1.0]
    for row, network in zip((line.iloc[0], line.iloc[-1]), (one, other), strict=True):
        loss, error = modes.evaluate(modes.settled(network, images()), images(), labels)
        assert (row["loss"], row["error"]) == (pytest.approx(loss), error)


def test_the_study(make: Make) -> None:
    """Starts as good as the shallow network; each run trained once; a tiny rate keeps the witness."""
    wanted = make(**{"model.family": "plain", "train.precision": "float32", "optimizer.lr": 0.02, **LONG})
    train(wanted, echo=False)
    run = load_run(wanted.folder)
    own = modes.evaluate(run.network, *run.training_images(100))
    choice = {"sizes": (0.0, 0.5), "rates": (1.0, 1e-9), "count": 100, "points": 3}
    said: list[str] = []
    table, lines = study(wanted.folder, 14, **choice, say=said.append)  # type: ignore[arg-type]
    assert len(table) == 2 * 5 and len(said) == 5
    of = table.set_index(["start", "size", "rate", "when"])
    first = of.loc[("witness", 0.0, 1.0, "start")]
    assert first["loss"] == pytest.approx(own[0], abs=1e-5)
    assert first["error"] == own[1] == run.record["train_error"]
    assert first["departure"] < 1e-6
    assert np.isnan(first["train_error"])
    kept, left = (of.loc[("witness", 0.0, rate, "end")] for rate in (1e-9, 1.0))
    assert kept["departure"] < left["departure"]
    assert left["departure"] > 1e-3
    fresh = table[table["start"] == "fresh"]
    assert fresh["when"].tolist() == ["start", "end"]
    assert (fresh["departure"] > 0.1).all()
    assert table["train_error"].notna().sum() == table["test_error"].notna().sum() == 5
    assert len(lines) == 3 * 3 and set(lines["to"]) == {"witness", "fresh"}
    records = sorted(wanted.folder.parent.parent.glob("*/*/record.json"))
    assert len(records) == 1 + 5
    before = [path.read_bytes() for path in records]
    again, _ = study(wanted.folder, 14, **choice)  # type: ignore[arg-type]
    assert again.equals(table)
    assert [path.read_bytes() for path in records] == before
    (experiment,) = store.load([wanted.folder.parent.parent / "tiny_witness"])
    assert len(experiment.runs) == 4 == experiment.runs["config.start_sha256"].count()
