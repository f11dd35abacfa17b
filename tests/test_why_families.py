"""Analyses of single families, FractalNet's columns and DenseNet's reuse: known answers, and the report."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import Make
from torch import nn

from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.models.densenet import DenseNet
from degradation.models.fractalnet import FractalNet
from degradation.models.initial import initialise
from degradation.plots import style
from degradation.training import experiment
from degradation.why import analyses, report
from degradation.why.inside.columns import ALL, COLUMNS, columns
from degradation.why.inside.reuse import reuse
from degradation.why.networks import modes
from degradation.why.numbers import families_quantities
from degradation.why.pictures import columns_picture, reuse_picture

IMAGES = torch.randn(40, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(40) % 10
NETWORK = {"family": "densenet", "depth": 13, "variant": "", "seed": 0}


def fractal(name: str = "fractalnet") -> FractalNet:
    network = build_model(name, depth=8, width=4, blocks=2)
    initialise(network, 0)
    assert isinstance(network, FractalNet)
    return network


def test_columns_are_the_networks_in_the_network() -> None:
    """Each row is what evaluating the network so gives; the network itself stays as it is."""
    network = fractal().train()
    for _ in range(3):
        network(IMAGES)  # running statistics that aren't those of these images
    before = {name: value.clone() for name, value in network.state_dict().items()}
    table = columns(network, (IMAGES, LABELS), (IMAGES[:30], LABELS[:30]))
    assert list(table) == list(COLUMNS)
    assert table["column"].tolist() == ["1", "1", "2", "2", "3", "3", ALL, ALL]
    assert table["layers"].tolist() == [2, 2, 4, 4, 8, 8, 8, 8]
    assert table["bn"].tolist() == ["running", "again"] * 4
    found = table.set_index(["column", "bn"])
    for name, only in (("1", 0), ("2", 1), ("3", 2), (ALL, None)):
        network.only = only
        for bn, held in (("running", modes.as_evaluated(network)), ("again", modes.settled(network, IMAGES))):
            row = found.loc[(name, bn)]
            assert (row["train_loss"], row["train_error"]) == modes.evaluate(held, IMAGES, LABELS)
            assert (row["test_loss"], row["test_error"]) == modes.evaluate(held, IMAGES[:30], LABELS[:30])
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert found["train_loss"].nunique() == 8


def test_a_plain_twin_is_its_one_column_and_the_deepest_of_its_fractal_network() -> None:
    plain, whole = (columns(fractal(name), (IMAGES, LABELS), (IMAGES, LABELS)) for name in FAMILIES)
    assert plain["column"].tolist() == ["3", "3"] and plain["layers"].tolist() == [8, 8]
    theirs = whole[whole["column"] == "3"].reset_index(drop=True)
    for column in ("train_error", "test_error"):  # of one seed, so of the same initial values
        assert plain[column].tolist() == theirs[column].tolist()
    np.testing.assert_allclose(plain["train_loss"], theirs["train_loss"], rtol=1e-5)
    with pytest.raises(BadRequest, match="CifarNet has no columns: they are of fractalnet networks"):
        columns(build_model("plain", depth=8), (IMAGES, LABELS), (IMAGES, LABELS))


FAMILIES = ("plain_fractalnet", "fractalnet")


def test_quantities_of_columns() -> None:
    at_end = pd.DataFrame(
        {"column": ["1", "2", "3", ALL], "layers": [2, 4, 8, 8], "test_error": [40.0, 30, 35, 25]}
    )
    table = pd.concat([at_end.assign(step=1, test_error=90.0), at_end.assign(step=2)])
    table = table.assign(train_error=table["test_error"] - 10, bn="again", **NETWORK)
    found = families_quantities.columns(table).set_index("quantity")["value"]
    assert found["test error, column of 4 layers alone (%)"] == 30
    assert found["training error, column of 8 layers alone (%)"] == 25
    assert found["training error, all columns (%)"] == 15
    assert found["test error, deepest column minus shallowest (points)"] == -5
    assert found["largest rise of the test error from a column to the next (points)"] == 5
    assert found["test error, all columns minus the best alone (points)"] == -5
    twin = families_quantities.columns(table[(table["column"] == "3")])
    assert twin["quantity"].tolist() == [f"{what} error, column of 8 layers alone (%)" for what in SETS]


SETS = ("training", "test")


def known(block: int, target: int, source: int) -> float:
    return block + 2 * target + 0.25 * source


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("densenet", {"depth": 13}),
        ("densenet", {"depth": 16, "block": "bottleneck"}),
        ("densenet_imagenet", {"depth": 121}),
    ],
)
def test_reuse_is_the_matrix_that_the_weights_were_made_of(name: str, keys: dict[str, object]) -> None:
    """Every weight of a source's channels has its size, and signs that cancel."""
    network = build_model(name, width=4, **keys)
    assert isinstance(network, DenseNet)
    expected = {}
    stages = [list(stage) for stage in network.stages]
    for number, stage in enumerate(stages, 1):
        layers = stage[number > 1 :]
        readers = [
            layer.conv1 if "depth" in keys and hasattr(layer.conv1, "weight") else layer.conv2
            for layer in layers
        ]
        after = stages[number][0].conv if number < len(stages) else network.fc
        sizes = [layers[0].bn1.num_features, *[4] * len(layers)]
        for target, reader in enumerate([*readers, after], 1):
            ends = list(itertools.accumulate(sizes[:target]))
            assert reader.weight.shape[1] == ends[-1]
            for source, (end, size) in enumerate(zip(ends, sizes, strict=False)):
                expected[number, target, source] = known(number, target, source)
                part = reader.weight.data[:, end - size : end]
                signs = torch.arange(part.numel()).view(part.shape) % 2 * 2 - 1
                part.copy_(signs * known(number, target, source))
    table = reuse(network)
    found = {
        (row.block, row.target, row.source): (row.weight, row.relative)
        for row in table.itertuples(index=False)
    }
    assert set(found) == set(expected)
    for (block, target, source), value in expected.items():
        assert found[block, target, source] == pytest.approx(
            (value, value / known(block, target, target - 1))
        )
    kinds = table[table["target"] == table.groupby("block")["target"].transform("max")]["kind"]
    assert list(dict.fromkeys(kinds)) == ["transition", "linear"]


def test_reuse_of_what_reads_nothing_and_of_other_networks() -> None:
    network = build_model("densenet", depth=13, width=4)
    nn.init.zeros_(network.fc.weight)
    table = reuse(network)
    assert table[table["kind"] == "linear"]["relative"].isna().all()
    for other in (build_model("plain_densenet", depth=13), build_model("residual", depth=8)):
        with pytest.raises(BadRequest, match=r"Net concatenates nothing: feature reuse is of densenet"):
            reuse(other)


def test_quantities_of_reuse() -> None:
    """By hand: two blocks of two layers."""
    weights = {  # (block, target): by source
        **{(1, 1): [1.0], (1, 2): [1.0, 3.0], (1, 3): [2.0, 2.0, 1.0]},
        **{(2, 1): [1.0], (2, 2): [1.0, 2.0], (2, 3): [1.0, 1.0, 4.0]},
    }
    rows = [
        (block, target, "layer" if target < 3 else "transition" if block == 1 else "linear", source, weight)
        for (block, target), own in weights.items()
        for source, weight in enumerate(own)
    ]
    table = pd.DataFrame(rows, columns=["block", "target", "kind", "source", "weight"])
    table = table.assign(state="checkpoint", relative=math.nan, **NETWORK)
    deeper = table.assign(depth=16, target=table["target"] + 3)  # another number of layers a block
    found = families_quantities.reuse(pd.concat([table, deeper]))["value"].tolist()[:5]
    # the last is read 3 and 2 times as much; no layer reads one of the second half; 2/1; 1/2; 4/1
    assert found == pytest.approx([2.5, math.nan, 2, 0.5, 4], nan_ok=True)


def test_bn_is_measured_again_on_so_many_images_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr("degradation.why.inside.columns.MOST", 30)
    monkeypatch.setattr(
        "degradation.why.inside.columns.settled",
        lambda network, images: given.append(len(images.unique(dim=0))) or modes.settled(network, images),
    )
    columns(fractal(), (IMAGES, LABELS), (IMAGES, LABELS))
    assert given == [30] * 4


def trained(make: Make, *families: str, **keys: object) -> Path:
    for family in families:
        blocks = {"model.blocks": 2, "model.depth": 8} if "fractal" in family else {}
        wanted = make(**{"model.family": family, "train.steps": 4, **blocks, **keys})
        assert experiment.train(wanted, echo=False) == 0
    return wanted.folder.parent


def write(runs: Path, out: Path, names: list[str], said: list[str]) -> Path:
    (folder,) = report.write([runs], out, names, 20, None, said.append)
    return folder


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"column": "str", "variant": "str"}).fillna({"variant": ""})


def test_columns_in_the_report(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the states that were kept and the last one; drawn again from the table alone."""
    monkeypatch.setattr(style, "SHARPNESS", 30)
    runs, said = trained(make, *FAMILIES, **{"train.keep_every": 3}), []
    folder = write(runs, tmp_path / "reports", ["columns"], said)
    table = read(folder / "columns.csv")
    assert sorted(set(table["step"])) == [3, 4] and set(table["images"]) == {20}
    assert table.groupby("family")["column"].nunique().to_dict() == {"fractalnet": 4, "plain_fractalnet": 1}
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert report.write([folder], tmp_path, ["columns"], 20, None, print) == [folder]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    summary = pd.read_csv(folder / "summary.csv")
    gaps = summary[summary["kind"] == "gap"]["quantity"]
    assert set(gaps) == {f"{what} error, column of 8 layers alone (%)" for what in SETS}
    drawn = columns_picture.draw(table)
    assert [len(axes.lines) for axes in drawn.axes] == [4, 4, 5]  # at the end two lines, two of all, the twin
    one = table[table["step"] == 4]
    assert "no weights were kept" in columns_picture.draw(one).axes[0].texts[0].get_text()


def test_reuse_in_the_report(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before training each source weighs the same; a network of another family is passed over."""
    monkeypatch.setattr(style, "SHARPNESS", 30)
    runs, said = trained(make, "plain_densenet", "densenet", **{"model.depth": 40, "train.steps": 1}), []
    folder = write(runs, tmp_path / "reports", ["reuse"], said)
    table = read(folder / "reuse.csv")
    assert set(table["family"]) == {"densenet"} and set(table["images"]) == {0}
    assert len(table) == 2 * 3 * sum(range(1, 14))
    assert "Read from the weights alone." in (folder / "README.md").read_text()
    summary = pd.read_csv(folder / "summary.csv")
    assert summary[summary["state"] == "initialisation"]["value"].tolist() == pytest.approx([1] * 5, abs=0.1)
    drawn = reuse_picture.draw(table)
    assert [axes.images[0].get_array().shape for axes in drawn.axes[:3]] == [(13, 13)] * 3


def test_other_families_are_left_out_in_a_line(make: Make, tmp_path: Path) -> None:
    said: list[str] = []
    runs = trained(make, "plain", "residual", "plain_fractalnet")
    names = ["columns", "reuse"]
    with pytest.raises(BadRequest, match="reuse: left out: it takes runs of densenet or densenet_imagenet"):
        write(runs, tmp_path / "reports", names, said)
    assert [line.split(":")[0] for line in said] == names
    assert analyses.chosen(None)[-2:] == names
    folder = write(runs, tmp_path / "reports", ["overfitting", *names], said)
    assert not (folder / "columns.csv").exists() and (folder / "overfitting.csv").exists()
