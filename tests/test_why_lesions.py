"""Lesions with known outcomes: blocks that do nothing, blocks that are equal."""

import pytest
import torch
from torch import nn

from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.models.blocks import Block
from degradation.models.initial import initialise
from degradation.why.inside.lesions import counts, lesions
from degradation.why.networks import modes
from degradation.why.networks.blocks import places, swapped, without

IMAGES = torch.randn(20, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(20) % 10


def network(family: str, depth: int = 14, **keys: object) -> nn.Module:
    made = build_model(family, depth=depth, width=4, **keys)
    initialise(made, 0)
    return modes.settled(made, IMAGES)


def to_identity(block: Block) -> None:
    """Of a plain block: its input, which is non-negative, comes out to the last bits."""
    for conv, bn in ((block.conv1, block.bn1), (block.conv2, block.bn2)):
        nn.init.dirac_(conv.weight)
        bn.reset_running_stats()
        nn.init.constant_(bn.weight, (1 + bn.eps) ** 0.5)
        nn.init.zeros_(bn.bias)


def silence(block: Block) -> None:
    """Of a residual block: the branch puts out zero."""
    nn.init.zeros_(block.bn2.weight)
    nn.init.zeros_(block.bn2.bias)


@pytest.mark.parametrize(("family", "undo"), [("plain", to_identity), ("residual", silence)])
def test_a_block_that_is_the_identity_is_not_missed(family: str, undo: object) -> None:
    whole = network(family)
    block = whole.get_submodule("stages.1.1")
    assert isinstance(block, Block) and callable(undo)
    undo(block)
    row = places(whole, IMAGES)
    (place,) = (one for one in row if one.name == "stages.1.1")
    with torch.no_grad():
        assert torch.allclose(without(whole, [place])(IMAGES), whole(IMAGES), atol=1e-5)
        other = without(whole, [row[0]])(IMAGES)
        assert not torch.allclose(other, whole(IMAGES), atol=1e-3)
    table = lesions(whole, IMAGES, LABELS)
    there = table[(table["kind"] == "delete") & (table["position"] == 4)].iloc[0]
    assert there["loss"] == pytest.approx(table["loss"].iloc[0], abs=1e-5)
    assert there["error"] == table["error"].iloc[0]


def test_what_stays_of_deleted_blocks() -> None:
    """All blocks gone, a plain and a residual network are the same: stem, option A's paths, linear layer."""
    plain, residual = network("plain"), network("residual")
    residual.load_state_dict(plain.state_dict())
    gone = [without(one, places(one, IMAGES)) for one in (plain, residual)]
    with torch.no_grad():
        assert torch.equal(gone[0](IMAGES), gone[1](IMAGES))


def test_a_trained_projection_stays() -> None:
    whole = network("residual", shortcut="B")
    place = places(whole, IMAGES)[2]
    assert not place.keeps_shape
    x = torch.rand(2, 4, 8, 8)
    block = whole.get_submodule(place.name)
    left = without(whole, [place]).get_submodule(place.name)
    with torch.no_grad():
        assert torch.equal(left(x), torch.relu(block.shortcut(x)))


def test_equal_blocks_can_be_swapped() -> None:
    whole = network("plain", depth=20)
    row = places(whole, IMAGES)
    assert [place.keeps_shape for place in row] == [True] * 3 + [False, True, True] * 2
    assert [(one.stage, one.in_channels, one.out_channels, one.stride) for one in row[2:5]] == [
        (1, 4, 4, 1),
        (2, 4, 8, 2),
        (2, 8, 8, 1),
    ]
    changed = swapped(whole, row[0], row[1])
    with torch.no_grad():
        assert not torch.allclose(changed(IMAGES), whole(IMAGES), atol=1e-3)
        assert torch.equal(swapped(changed, row[0], row[1])(IMAGES), whole(IMAGES))
        whole.get_submodule(row[0].name).load_state_dict(whole.get_submodule(row[1].name).state_dict())
        assert torch.equal(swapped(whole, row[0], row[1])(IMAGES), whole(IMAGES))
    with pytest.raises(ValueError, match="shapes differ"):
        swapped(whole, row[2], row[3])


def test_the_table() -> None:
    whole = network("residual", depth=20)
    before = {name: value.clone() for name, value in whole.state_dict().items()}
    table = lesions(whole, IMAGES, LABELS, draws=3)
    assert table["kind"].value_counts().to_dict() == {"whole": 1, "delete": 9, "swap": 4, "several": 9}
    assert (table["loss"].iloc[0], table["error"].iloc[0]) == modes.evaluate(whole, IMAGES, LABELS)
    assert table[table["kind"] == "several"]["deleted"].tolist() == [2] * 3 + [4] * 3 + [8] * 3
    assert (counts(9), counts(27), counts(1)) == ([2, 4, 8], [2, 4, 8, 16], [])
    assert table.equals(lesions(whole, IMAGES, LABELS, draws=3))  # the sets are drawn by a seed
    assert all(torch.equal(value, before[name]) for name, value in whole.state_dict().items())


@pytest.mark.parametrize(
    ("family", "depth", "keys"),
    [
        ("bottleneck", 11, {}),
        ("preact", 14, {}),
        ("plain_preact", 14, {}),
        ("wide", 10, {"widen": 1}),
        ("stochastic_depth", 14, {}),
        ("inception_resnet", 14, {}),
        ("resnext", 11, {"cardinality": 2, "base_width": 8}),
    ],
)
def test_other_families(family: str, depth: int, keys: dict[str, object]) -> None:
    table = lesions(network(family, depth, **keys), IMAGES, LABELS, draws=1)
    assert len(table[table["kind"] == "delete"]) == len(places(network(family, depth, **keys), IMAGES))
    assert table["error"].notna().all()


def test_a_network_that_is_no_row_of_blocks() -> None:
    with pytest.raises(BadRequest, match="is not a row of blocks") as caught:
        lesions(build_model("densenet", depth=7), IMAGES, LABELS)
    assert "\n" not in str(caught.value)
