"""The witness: a deep plain network that computes what a shallow one does, and what SGD does around it."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import Make, in_process
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.files import read_json
from degradation.models import build_model
from degradation.why.networks import modes
from degradation.why.networks.trained import load_runs
from degradation.why.numbers import further_quantities
from degradation.why.pictures import witness_picture
from degradation.why.trials import witness
from degradation.why.trials.witness_runs import study

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
    assert len(names) == (depth - 8) // 2
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


def test_with_shortcuts_added_blocks_add_nothing() -> None:
    """Equal bits, in training mode too; and SGD can open them, for a gradient reaches their last scale."""
    network, fresh = shallow("residual"), shallow("residual", 20)
    deep = witness.witness(network, 20, images(), fresh)
    build_model("residual", depth=20, width=4).load_state_dict(deep.state_dict())
    names = witness.added(deep, 1)
    assert len(names) == 6 and witness.departure(deep, names, images()) == 0
    with torch.no_grad():
        assert torch.equal(deep(images()), network(images()))
        ours, theirs = (modes.as_trained(one)(images()) for one in (deep, network))
        assert torch.equal(ours, theirs)
    deep(images()).square().sum().backward()
    for name in names:
        block, own = deep.get_submodule(name), fresh.get_submodule(name)
        assert torch.equal(block.conv1.weight, own.conv1.weight)  # type: ignore[arg-type,union-attr]
        assert block.bn2.weight.grad.abs().max() > 0  # type: ignore[union-attr]


def test_what_it_is_not_made_of() -> None:
    for network in (shallow("preact"), build_model("residual", depth=14, width=4, shortcut="C")):
        with pytest.raises(BadRequest, match="pairs of 3x3 layers whose shortcuts, if any, are the identity"):
            witness.witness(network, 20, images())
    with pytest.raises(BadRequest, match="takes the deeper network before training"):
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


def test_the_study(make: Make, tmp_path: Path) -> None:
    """Starts as good as the shallow network; each run trained once; noise moves, the fresh run is another."""
    plain = {"model.family": "plain", "train.precision": "float32", "optimizer.lr": 0.02, **LONG}
    both = [make(**plain, **{"model.depth": depth, "train.keep_every": 60}) for depth in (8, 14)]
    assert in_process(both) == 0
    shallow, deep = load_runs([one.folder for one in both])
    own = modes.evaluate(shallow.network, *shallow.training_images(100))
    choice = {"sizes": (0.0, 0.5), "count": 100, "points": 3}
    (table,) = study([(shallow, deep)], **choice, train=in_process)  # type: ignore[arg-type]
    runs = table[table["kind"] == "run"]
    of = runs.set_index(["start", "when"])
    assert list(of.index) == [
        ("shallow", "end"),
        *[(start, when) for start in ("witness", "noise", "again", "fresh") for when in ("start", "end")],
    ]
    first = of.loc[("witness", "start")]
    assert (first["loss"], first["error"]) == own
    assert first["error"] == of.loc[("shallow", "end"), "error"] == shallow.record["train_error"]
    assert first["departure"] < 1e-6 and np.isnan(first["train_error"])
    assert first["departure"] < of.loc[("witness", "end"), "departure"] < 0.5
    assert of.loc[("noise", "start"), "departure"] > 0.1
    assert (of.loc["fresh", "departure"] > 0.1).all()
    assert of.loc[("again", "start"), "error"] == of.loc[("shallow", "end"), "error"]
    assert of.loc["again", "departure"].isna().all()
    assert of.loc[("again", "end"), "loss"] != of.loc[("again", "start"), "loss"], "it was trained on"
    assert of.loc[("fresh", "end"), "train_error"] == deep.record["train_error"]
    assert of.loc[("fresh", "end"), "highest"] == deep.record["train_error_running"]  # its only row
    lines = table[table["kind"] == "line"]
    assert len(lines) == 2 * 3 and set(lines["start"]) == {"witness", "fresh"}
    records = sorted(tmp_path.glob("runs/.witness/*/*/record.json"))
    assert len(records) == 3 and all(read_json(path)["steps"] == 60 for path in records)
    assert sorted(read_json(path)["depth"] for path in records) == [8, 14, 14]
    assert not list(tmp_path.glob("runs/.witness/*/*/step-*.ckpt"))
    before = [path.read_bytes() for path in records]
    (again,) = study([(shallow, deep)], **choice, train=in_process)  # type: ignore[arg-type]
    assert again.equals(table)
    assert [path.read_bytes() for path in records] == before
    with pytest.raises(BadRequest, match=r"not all of its runs are complete \(exit code 3\)"):
        study([(shallow, deep)], **choice, train=lambda requests: 3)  # type: ignore[arg-type]
    found = further_quantities.witness(table.assign(family="plain", depth=14, variant="", seed=0))
    numbers = found.set_index("quantity")["value"]
    assert numbers["error of the witness minus the shallow network's (points)"] == 0
    assert "training error after SGD from noise of 0.5 filter norms (%)" in numbers
    assert (
        "runs that end more than a point worse, of 2 a seed that start at the witness or near (%)" in numbers
    )


def test_which_runs_end_worse() -> None:
    """A point above the shallow network's training error is as good; the line's hill is above its ends."""
    ends = [("shallow", 5.0), ("witness", 6.0), ("noise", 6.1), ("noise", 50.0), ("fresh", 30.0)]
    runs = pd.DataFrame(ends, columns=["start", "train_error"]).assign(
        kind="run", when="end", error=4.0, highest=60.0
    )
    runs["size"] = [math.nan, 0.0, 0.3, 1.0, math.nan]
    start = pd.DataFrame([{"start": "witness", "when": "start", "kind": "run", "error": 4.0, "size": 0.0}])
    line = pd.DataFrame({"at": [0.0, 0.5, 1.0], "error": [4.0, 90.0, 30.0], "start": "fresh", "kind": "line"})
    table = pd.concat([start, runs, line]).assign(family="plain", depth=14, variant="", seed=0, images=500)
    numbers = further_quantities.witness(table).set_index("quantity")["value"]
    share = "runs that end more than a point worse, of 3 a seed that start at the witness or near (%)"
    assert numbers[share] == pytest.approx(200 / 3)
    assert numbers[further_quantities.AFTER_BEYOND] == 1 and numbers[further_quantities.FRESH_BEYOND] == 24
    assert further_quantities.AGAIN_BEYOND not in numbers, "a report of before"
    again = table[table["start"] == "shallow"].assign(start="again", train_error=2.0)
    table = pd.concat([table, again], ignore_index=True)
    numbers = further_quantities.witness(table).set_index("quantity")["value"]
    assert numbers[further_quantities.AGAIN_BEYOND] == 4
    assert numbers["highest running training error on the way from the witness (%)"] == 60
    assert numbers["highest error on the line from the witness to the fresh run (%)"] == 90
    assert (
        numbers["highest error on the line from the witness to the fresh run, beyond the worse end (points)"]
        == 60
    )
    left, right = witness_picture.draw(table).axes
    names = [text.get_text() for text in left.get_xticklabels()]
    assert names[1:4] == ["the same,\ntrained on", "witness", "noise of\n0.3 norm"]
    assert max(right.get_lines()[0].get_ydata()) == 90
