"""One network shown: its table adds up, its fields have their closed form, the picture has its shortcuts."""

import sys
from pathlib import Path

import pytest
import torch

from degradation import errors
from degradation.cli import models
from degradation.diagrams import network, whole
from degradation.diagrams.tables import stage_table
from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES
from degradation.models import build_model
from degradation.models.count import multiply_adds, parameters
from degradation.models.layers import ALL, Layer, layers


def of(name: str, depth: int, classes: int = 10, **keys: object) -> list[Layer]:
    with torch.device("meta"):
        made = build_model(name, depth=depth, num_classes=classes, **keys)
    return layers(made, 3, FAMILIES[name].size)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_table_adds_up_to_the_network(name: str) -> None:
    rules = FAMILIES[name]
    with torch.device("meta"):
        made = build_model(name, depth=rules.depths(rules.resolve({})).values[0])
    found = layers(made, 3, rules.size)
    assert sum(one.parameters for one in found) == parameters(made)
    assert sum(one.multiply_adds for one in found) == multiply_adds(made, 3, rules.size)
    assert all(one.name for one in found)


@pytest.mark.parametrize("form", ["a", "b", "c"])
def test_so_do_the_forms_of_resnext(form: str) -> None:
    found = of("resnext", 11, form=form)
    assert sum(one.parameters for one in found) == sum(one.parameters for one in of("resnext", 11))


@pytest.mark.parametrize("name", ["plain", "residual", "preact"])
@pytest.mark.parametrize("n", [1, 3, 9])
def test_receptive_fields_of_6n_2_layers(name: str, n: int) -> None:
    """A 3x3 layer adds 2 pixels times the strides before it: 3 + 4n, then 8n - 2, then 16n - 4."""
    found = [one for one in of(name, 6 * n + 2) if "shortcut" not in one.name]
    assert [one.field for one in found[:3]] == [3, 5, 7]
    last = {one.shape[1]: one.field for one in found[:-1]}
    assert last == {32: 3 + 4 * n, 16: 12 * n + 1, 8: 28 * n - 3}
    assert found[-1].field == ALL


def test_poolings_and_strides_count() -> None:
    """The stem of the ImageNet networks: 7, then 7 + 2 * 2; a pixel of stage 1 is 4 pixels of the image."""
    found = of("resnet_imagenet", 18, 1000)
    assert [(one.what, one.field) for one in found[:3]] == [
        ("7×7, 64, /2", 7),
        ("max of 3×3, /2", 11),
        ("3×3, 64", 19),
    ]
    assert found[0].shape == (64, 112, 112) and found[1].shape == (64, 56, 56)


def test_the_stages_are_the_papers_table_1() -> None:
    said = stage_table(of("resnet_imagenet", 34, 1000))
    for line in ("3 × [3×3, 64; 3×3, 64]", "4 × [3×3, 128; 3×3, 128]", "6 × [3×3, 256; 3×3, 256]"):
        assert line in said
    assert "21,797,672" in said
    assert "23 × [1×1, 256; 3×3, 256; 1×1, 1024]" in stage_table(of("resnet_imagenet", 101, 1000))


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["models.py", "residual-56", "--out", str(tmp_path / "made")])
    assert models.main() == errors.DONE
    said = capsys.readouterr().out
    assert "853,018" in said and "125,485,696" in said and "249 px" in said
    path = Path(said.split()[-1])
    assert path == tmp_path / "made/residual-56.svg" and path.read_bytes().startswith(b"<?xml")
    for words, message in (
        (["residual-57"], "the nearest: 56 and 62"),
        (["resnet-18"], "not one of plain, residual"),
        (["residual-20", "model.cardinality=4"], "residual networks don't take this key"),
        (["residual-20", "seed=1"], "keys of the network alone"),
        (["model.shortcut=B"], "of which network?"),
    ):
        monkeypatch.setattr(sys, "argv", ["models.py", *words, "--out", str(tmp_path / "none")])
        assert models.main() == errors.BAD_REQUEST
        assert message in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("word", ["residual-56", "plain-56"])
def test_a_network_is_drawn_beside_its_twin(word: str) -> None:
    model = network.asked(word, [])
    other = network.partner(model)
    assert other is not None and {model.family, other.family} == {"plain", "residual"}
    for one in (model, other):
        made = network.build(one, 32)
        drawn = whole.column("", made, layers(made, 3, 32))
        assert len(drawn.rows) == 56
        assert len(drawn.around) == (27 if one.family == "residual" else 0)
        assert list(drawn.around.values()).count(False) == (2 if one.family == "residual" else 0)


def test_long_stages_are_shortened() -> None:
    made = network.build(network.asked("plain-1202", []), 32)
    rows = whole.column("", made, layers(made, 3, 32)).rows
    assert [row.text for row in rows].count("197 more blocks") == 3
    assert len(rows) == 2 + 3 * (3 * 2 + 1)


def test_what_has_no_twin_is_drawn_alone() -> None:
    with pytest.raises(BadRequest, match="not one of"):
        network.asked("vgg19", [])
    assert network.partner(network.asked("vgg-19", [])) is None
