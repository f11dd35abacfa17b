"""The ladder: other initial values, scaled shortcuts; and that none of them touches a run without them."""

from typing import Any

import pytest
import torch
from conftest import Make
from torch import Tensor, nn

from degradation.config.request import Request
from degradation.data import load
from degradation.families.ladder import INITS, KEYS, NORMS
from degradation.models import build_model
from degradation.models.blocks import Block, SingleBlock
from degradation.models.cifar import CifarNet
from degradation.models.count import parameters
from degradation.models.initial import initial_sha256, initialise
from degradation.training.experiment import train
from degradation.training.folder import schema_config
from degradation.training.parts import LOOKED_AT, make_network, make_resident


def network(wanted: Request) -> CifarNet:
    made = make_network(wanted.settings, load(wanted.settings.data))
    assert isinstance(made, CifarNet)
    return made.eval()


def images(wanted: Request, count: int = 16) -> Tensor:
    dataset = load(wanted.settings.data)
    return make_resident(dataset.train, dataset, torch.device("cpu")).views(slice(0, count))[0]


def convs(made: nn.Module) -> list[nn.Conv2d]:
    return [one for one in made.modules() if isinstance(one, nn.Conv2d)]


def test_without_them_nothing_changes(make: Make) -> None:
    """Null keys stand in no record and no name, and the initial values are the ones that the seed gives."""
    for given in ({}, dict.fromkeys(f"model.{key}" for key in KEYS)):
        wanted = make(**given)
        assert not {f"model.{key}" for key in KEYS} & schema_config(wanted).keys()
        assert wanted.to_mapping() == make().to_mapping()
        plain = build_model("residual", depth=8, width=8)
        initialise(plain, 0)
        assert initial_sha256(network(wanted)) == initial_sha256(plain)


def test_with_them_they_are_part_of_what_a_run_is(make: Make) -> None:
    config = schema_config(make(**{"model.init": "dirac", "model.skip_scale": 0.5}))
    assert (config["model.init"], config["model.skip_scale"]) == ("dirac", 0.5)


@pytest.mark.parametrize("init", INITS)
def test_shapes_stay_and_twins_are_twins(init: str, make: Make) -> None:
    """The same parameters as He normal's; bitwise the same without shortcuts; another seed differs."""
    he = network(make())
    own = network(make(**{"model.init": init}))
    assert {k: v.shape for k, v in own.state_dict().items()} == {
        k: v.shape for k, v in he.state_dict().items()
    }
    assert initial_sha256(own) != initial_sha256(he)
    assert initial_sha256(own) == initial_sha256(network(make(**{"model.init": init})))
    assert initial_sha256(own) != initial_sha256(network(make(seed=1, **{"model.init": init})))
    if init not in ("zero_last_bn", "lsuv"):  # lsuv looks at responses, which shortcuts change
        assert initial_sha256(own) == initial_sha256(
            network(make(**{"model.init": init, "model.family": "plain"}))
        )


def test_orthogonal(make: Make) -> None:
    for conv in convs(network(make(**{"model.init": "orthogonal"}))):
        rows = conv.weight.flatten(1)
        assert torch.allclose(rows @ rows.T, 2 * torch.eye(len(rows)), atol=1e-5)


def test_small_linear_is_pytorchs_own_range_and_touches_nothing_else(make: Make) -> None:
    """Variance 1 / (3 n) in place of He's 2 / n."""
    he, own = (
        network(make(**{"model.width": 64})),
        network(make(**{"model.width": 64, "model.init": "small_linear"})),
    )
    changed = {k for k, value in own.state_dict().items() if not torch.equal(value, he.state_dict()[k])}
    assert changed == {"fc.weight"}
    bound = own.fc.in_features**-0.5
    assert 0.99 * bound < own.fc.weight.abs().max() <= bound
    assert (he.fc.weight.std() / own.fc.weight.std()).item() == pytest.approx(6**0.5, rel=0.05)


def test_looks_linear_is_linear(make: Make) -> None:
    """A plain network of it, before BN has statistics, is a linear map of the image."""
    wanted = make(**{"model.init": "looks_linear", "model.family": "plain", "model.depth": 20})
    made, he = network(wanted), network(make(**{"model.family": "plain", "model.depth": 20}))
    one, other = images(wanted).split(8)
    with torch.no_grad():
        whole = made(one + 3 * other)
        assert torch.allclose(
            whole, made(one) + 3 * made(other), rtol=1e-4, atol=1e-4 * whole.abs().max().item()
        )
        assert whole.abs().max() > 0
        assert not torch.allclose(he(one + 3 * other), he(one) + 3 * he(other), rtol=0.1)


def test_dirac(make: Make) -> None:
    """Where channels are as many on both sides: the identity and a tenth of a filter of norm 1."""
    same = [
        one for one in convs(network(make(**{"model.init": "dirac"}))) if one.in_channels == one.out_channels
    ]
    assert len(same) == 4  # of stage 1 both, of stages 2 and 3 the second
    for conv in same:
        identity = nn.init.dirac_(torch.empty_like(conv.weight))
        noise = (conv.weight.detach() - identity).flatten(1).norm(dim=1)
        assert torch.allclose(noise, torch.tensor(0.1), atol=1e-5)


def test_lsuv(make: Make) -> None:
    """Each layer's responses to some training images have variance 1."""
    wanted, found = make(**{"model.init": "lsuv"}), []
    made = network(wanted)
    for layer in [*convs(made), made.fc]:
        layer.register_forward_hook(lambda _, given, out: found.append(out.std().item()))
    with torch.no_grad():
        made(images(wanted, LOOKED_AT))
    assert found == pytest.approx([1.0] * len(found), abs=1e-3)


def test_zero_last_bn(make: Make) -> None:
    """Each block begins as its shortcut."""
    x = torch.rand(2, 8, 8, 8)
    for keys, kind in (({}, Block), ({"model.block": "single"}, SingleBlock)):
        made = network(make(**{"model.init": "zero_last_bn", **keys}))
        block = made.stages[0][0]  # type: ignore[index]
        assert isinstance(block, kind)
        with torch.no_grad():
            assert torch.equal(block(x), x)


def test_scaled_skips(make: Make) -> None:
    """0 is the plain twin, 1 the residual network, both to the bit; between them alpha * x + F(x)."""
    x = images(make())
    logits: dict[Any, Tensor] = {}
    with torch.no_grad():
        for alpha in (None, 0.0, 0.5, 1.0):
            made = network(make(**{"model.skip_scale": alpha}))
            logits[alpha] = made(x)
        block, y = made.stages[0][0], torch.rand(2, 8, 8, 8)  # type: ignore[index]
        assert isinstance(block, Block)
        block.skip_scale = 0.5
        assert torch.equal(block(y), (block.branch(y) + 0.5 * y).relu())
        assert torch.equal(logits[1.0], logits[None])
        assert torch.equal(logits[0.0], network(make(**{"model.family": "plain"}))(x))
        assert not torch.allclose(logits[0.5], logits[None])


RUNGS = [{"model.init": "looks_linear"}, {"model.skip_scale": 0.5}, *({"model.norm": one} for one in NORMS)]


@pytest.mark.parametrize("keys", RUNGS, ids=str)
def test_they_train(keys: dict[str, Any], make: Make) -> None:
    assert train(make(**{**keys, "train.steps": 2}), echo=False) == 0


@pytest.mark.parametrize(("norm", "count"), [("none", 269_034), ("skipinit", 269_043), ("fixup", 268_393)])
def test_without_bn(norm: str, count: int, make: Make) -> None:
    """Of residual-20's 269,722 parameters 1,376 are BN's. Biases of 688 filters take their place, and
    a number for each of 9 blocks; with Fixup five numbers a block and two more. The branches begin as 0."""
    wanted = make(**{"model.norm": norm, "model.depth": 20, "model.width": 16})
    made = network(wanted)
    assert parameters(made) == count
    assert not any(isinstance(one, nn.BatchNorm2d) for one in made.modules())
    x = torch.rand(2, 16, 8, 8)
    with torch.no_grad():
        assert torch.equal(made.stages[0][0](x), x) == (norm != "none")  # type: ignore[index]
        logits = made(images(wanted))
    assert logits.isfinite().all()
    assert (logits.abs().max() == 0) == (norm == "fixup")


def test_fixup_begins_with_smaller_first_layers(make: Make) -> None:
    """By the root of 3 blocks; all else is He normal's."""
    own, he = network(make(**{"model.norm": "fixup"})), network(make())
    for one, other in zip(convs(own)[1::2], convs(he)[1::2], strict=True):
        assert torch.allclose(one.weight, other.weight / 3**0.5)
    assert torch.equal(own.conv1.weight, he.conv1.weight)
