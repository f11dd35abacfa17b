"""Blocks of one layer, blocks of each stage, and He et al. 2016: shortcuts of Table 1, forms of Fig. 4."""

from typing import Any

import pytest
import torch
from conftest import Make
from torch import fx, nn

from degradation.data import load
from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES, FORMS
from degradation.models import build_model
from degradation.models.blocks import Block
from degradation.models.forms import Unit
from degradation.models.initial import initialise
from degradation.models.shortcuts import Gate
from degradation.training.parts import make_network

ORDERS = {
    "original": "conv1 bn1 relu conv2 bn2 shortcut add relu",
    "bn_after_addition": "conv1 bn1 relu conv2 shortcut add bn2 relu",
    "relu_before_addition": "conv1 bn1 relu conv2 bn2 relu shortcut add",
    "relu_only": "relu conv1 bn1 relu conv2 bn2 shortcut add",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_its_order_of_operations(form: str) -> None:
    """He et al. 2016, Fig. 4, read off what the code computes."""
    unit = Unit(4, 4, 1, "A", form, bottleneck=False)
    nodes = fx.Tracer().trace(unit).nodes
    done = [
        str(node.target) if node.op == "call_module" else node.target.__name__
        for node in nodes
        if node.op.startswith("call")
    ]
    assert " ".join(done) == ORDERS[form]


@pytest.mark.parametrize(
    ("family", "depth", "preact", "keys"),
    [
        ("residual", 20, {}, {}),
        ("plain", 20, {}, {}),
        ("bottleneck", 29, {"block": "bottleneck", "shortcut": "A"}, {"stride_at": "3x3"}),
    ],
)
def test_the_original_form_is_the_residual_network(
    family: str, depth: int, preact: dict[str, Any], keys: dict[str, Any]
) -> None:
    """The same names, bitwise the same initial values and outputs: a form is compared with nothing else."""
    name = "plain_preact" if family == "plain" else "preact"
    ours = build_model(name, depth=depth, width=4, form="original", **preact)
    theirs = build_model(family, depth=depth, width=4, **keys)
    images = torch.randn(4, 3, 16, 16)
    for network in (ours, theirs):
        initialise(network, seed=3)
    state = theirs.state_dict()
    assert state.keys() == ours.state_dict().keys()
    assert all(torch.equal(value, state[key]) for key, value in ours.state_dict().items())
    assert torch.equal(ours.train()(images), theirs.train()(images))


def test_forms_share_their_parameters() -> None:
    """One variable: where BN and ReLU stand. Null, full pre-activation, has other channels in some BN."""
    shapes = []
    for form in FORMS:
        network = build_model("preact", depth=20, form=form)
        shapes.append({key: value.shape for key, value in network.named_parameters()})
    assert all(one == shapes[0] for one in shapes)


def test_only_two_forms_leave_the_sum_as_it_is() -> None:
    x = torch.randn(2, 4, 8, 8)
    for form in FORMS:
        unit = Unit(4, 4, 1, "A", form, bottleneck=False).eval()
        nn.init.zeros_(unit.get_submodule("conv2").weight)  # F(x) = 0
        same = torch.equal(unit(x), x)
        assert same == (form in ("relu_before_addition", "relu_only"))
        if form == "original":
            assert torch.equal(unit(x), torch.relu(x))


def test_gates_open_and_shut() -> None:
    """Shortcut-only: F + (1 - g) x. Exclusive: g F + (1 - g) x."""
    x = torch.randn(2, 4, 8, 8)
    blocks = {option: Block(4, 4, 1, option).eval() for option in ("A", "gated", "exclusive")}
    for block in blocks.values():
        initialise(block, seed=0)
        if isinstance(block.shortcut, Gate):
            nn.init.zeros_(block.shortcut.gate.weight)
    branch = blocks["A"].branch(x)
    half = torch.relu(branch + x / 2), torch.relu(branch / 2 + x / 2)
    torch.testing.assert_close(blocks["gated"](x), half[0])
    torch.testing.assert_close(blocks["exclusive"](x), half[1])
    for option, bias, expected in (
        ("gated", -20.0, torch.relu(branch + x)),  # open: the identity
        ("gated", 20.0, torch.relu(branch)),  # shut: a plain block
        ("exclusive", -20.0, torch.relu(x)),
        ("exclusive", 20.0, torch.relu(branch)),
    ):
        gate = blocks[option].shortcut
        assert isinstance(gate, Gate)
        nn.init.constant_(gate.gate.bias, bias)
        torch.testing.assert_close(blocks[option](x), expected, rtol=1e-5, atol=1e-6)


def test_a_dropped_shortcut_loses_half_in_training_alone() -> None:
    block = Block(4, 4, 1, "dropout")
    initialise(block, seed=0)
    assert isinstance(block.shortcut, nn.Module)
    x = torch.ones(2, 4, 32, 32)
    dropped = block.shortcut.train()(x)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped == 0).float().mean() == pytest.approx(0.5, abs=0.03)
    assert torch.equal(block.shortcut.eval()(x), x)


def test_gates_begin_where_the_key_says(make: Make) -> None:
    model = {"family": "residual", "depth": 8, "width": 4, "shortcut": "gated", "gate_bias": -6.0}
    wanted = make(model=model)
    network = make_network(wanted.settings, load(wanted.settings.data))
    gates = [module for module in network.modules() if isinstance(module, Gate)]
    assert len(gates) == 1  # of three blocks two change the shape: they keep option A
    assert all(gate.gate.bias.eq(-6).all() for gate in gates)


def test_blocks_of_one_layer_without_shortcuts_are_the_plain_network() -> None:
    """y = W1 x: 18 blocks of one layer compute what nine of two do; y = W1 x + x goes around each layer."""
    images = torch.randn(2, 3, 16, 16)
    one = build_model("plain", depth=20, width=4, block="single").eval()
    two = build_model("plain", depth=20, width=4).eval()
    values = [value for key, value in two.state_dict().items()]
    one.load_state_dict(dict(zip(one.state_dict(), values, strict=True)))
    assert torch.equal(one(images), two(images))
    around = build_model("residual", depth=20, width=4, block="single")
    assert sum(block.shortcut is not None for stage in around.stages for block in stage) == 18
    assert FAMILIES["residual"].depths({"block": "single"}).formula == "3n+2"


def test_blocks_of_each_stage() -> None:
    network = build_model("residual", depth=18, width=4, blocks_per_stage=[2, 2, 2, 2])
    assert [len(stage) for stage in network.stages] == [2, 2, 2, 2]
    assert network.fc.in_features == 4 * 8
    named = build_model("residual", depth=20, width=4, blocks_per_stage=[3, 3, 3])
    assert named.state_dict().keys() == build_model("residual", depth=20, width=4).state_dict().keys()
    wide = build_model("wide", depth=15, width=4, widen=2, blocks_per_stage=[1, 2, 1, 1])
    assert sum(isinstance(one, nn.Conv2d) for one in wide.modules()) == 15


@pytest.mark.parametrize(
    ("model", "right"),
    [
        ({"depth": 20, "blocks_per_stage": [2, 2, 2, 2]}, r"\[2, 2, 2, 2\] blocks have 18 layers"),
        ({"depth": 20, "blocks_per_stage": [3, 0, 6]}, "a list of numbers, each from 1 to 4096"),
        ({"depth": 20, "blocks_per_stage": []}, "a list of numbers, each from 1 to 4096"),
        ({"depth": 20, "blocks_per_stage": 3}, r"a list, such as \[3,3,3\]"),
        ({"depth": 20, "block": "basic"}, "only single; null is the published network"),
        ({"depth": 20, "gate_bias": -6}, "only model.shortcut=gated or exclusive has gates"),
        ({"depth": 20, "shortcut": "gated", "gate_bias": -60}, "from -20 to 20"),
        ({"depth": 20, "block": "single", "shortcut": "gated"}, "residual networks take A or B or C"),
        ({"depth": 20, "block": "single", "norm": "none"}, "networks without BN have blocks of two layers"),
        ({"family": "resnet_imagenet", "depth": 50, "block": "basic"}, "the depth says it, but with"),
        ({"family": "preact", "depth": 20, "form": "c"}, "one of original, bn_after_addition"),
    ],
)
def test_refused(make: Make, model: dict[str, Any], right: str) -> None:
    with pytest.raises(BadRequest, match=right):
        make(model={"family": "residual", "width": 4, "shortcut": None, **model})
