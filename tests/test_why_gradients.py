"""Shattering and paths: gradients of which the answer is known."""

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.models.initial_ladder import scale_skips
from degradation.why.inside.paths import gradients, paths
from degradation.why.inside.shattering import correlation, depths_of, input_gradients, shattering
from degradation.why.networks import modes
from degradation.why.networks.blocks import Parts, parts, places
from degradation.why.numbers import quantities

IMAGES = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(8)


def network(family: str, depth: int, **keys: object) -> nn.Module:
    made = build_model(family, depth=depth, width=4, **keys)
    initialise(made, 0)
    return modes.settled(made, IMAGES)


def test_correlation_of_constructed_gradients() -> None:
    ones = torch.tensor([[1.0, 0, 0], [1, 1, 0], [2, 0, 0], [0, 0, 0]])
    others = torch.tensor([[0.0, 5, 0], [1, 0, 0], [-3, 0, 0], [1, 0, 0]])
    found = correlation(ones, others)
    assert found[:3].tolist() == pytest.approx([0, 0.5**0.5, -1])
    assert found[3].isnan()  # no gradient has no direction


def test_a_linear_networks_gradients_are_the_same_everywhere() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 10))
    table = shattering(linear, IMAGES)
    assert table["correlation"].to_numpy() == pytest.approx(1)
    assert table["pairs"].iloc[0] == 4 * 63
    signs = torch.tensor([1.0, -1.0] * 5)
    wanted = (signs @ linear[1].weight).expand(8, -1)
    assert torch.allclose(input_gradients(linear, IMAGES), wanted, atol=1e-6)


def test_plain_gradients_shatter_with_depth() -> None:
    """Balduzzi et al.: fast in plain networks, slowly with shortcuts."""

    def near(family: str, depth: int) -> float:
        made = build_model(family, depth=depth, width=4)
        initialise(made, 0)
        return float(shattering(made, IMAGES)["correlation"].iloc[0])

    plain, residual = ([near(family, depth) for depth in (8, 32)] for family in ("plain", "residual"))
    assert plain[0] > 0.7 and residual[0] > 0.7
    assert plain[1] < 0.2 < 0.5 < residual[1]


def test_depths_of() -> None:
    rules = FAMILIES["bottleneck"]
    assert depths_of(rules.depths(rules.resolve({})).values, (8, 14, 20, 32)) == [11, 20, 29]


FAMILY = [
    ("residual", 8, {}),
    ("scaled", 8, {}),
    ("preact", 14, {}),
    ("stochastic_depth", 8, {}),
    ("wide", 10, {"widen": 1}),
]


@pytest.mark.parametrize(("family", "depth", "keys"), FAMILY, ids=lambda value: str(value))
def test_the_parts_add_up_to_the_whole_gradient(family: str, depth: int, keys: dict[str, object]) -> None:
    whole = network("residual" if family == "scaled" else family, depth, **keys)
    if family == "scaled":
        scale_skips(whole, 0.5)
    first = places(whole, IMAGES)[0]
    given: list[Tensor] = []

    def asked(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        given.append(inputs[0].detach().requires_grad_(True))
        return (given[0], *inputs[1:])

    hook = whole.get_submodule(first.name).register_forward_pre_hook(asked)
    F.cross_entropy(whole(IMAGES), LABELS, reduction="sum").backward()
    hook.remove()
    assert given[0].grad is not None
    found = gradients(whole, IMAGES, LABELS)
    assert len(found) == len(places(whole, IMAGES)) + 1
    assert torch.allclose(found.sum(dim=0), given[0].grad.flatten(1), atol=1e-4)
    assert paths(whole, IMAGES, LABELS)["share"].sum() == pytest.approx(1)


def test_each_length_by_enumeration() -> None:
    """All 2^3 paths of ResNet-8, one at a time: what isn't on the path is held fixed."""
    whole = network("residual", 8)
    row = places(whole, IMAGES)
    found = gradients(whole, IMAGES, LABELS)
    wanted = torch.zeros_like(found)
    for chosen in itertools.product((False, True), repeat=3):
        with torch.no_grad():
            x = start = F.relu(whole.get_submodule("bn1")(whole.get_submodule("conv1")(IMAGES)))
        x = start = start.requires_grad_(True)
        for place, through in zip(row, chosen, strict=True):
            x = _held(parts(whole, place), x, through)
        loss = F.cross_entropy(whole.get_submodule("fc")(x.mean(dim=(2, 3))), LABELS, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, start)
        wanted[sum(chosen)] += gradient.flatten(1)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert wanted.flatten(1).norm(dim=1).min() > 1e-3


def _held(block: Parts, x: Tensor, through: bool) -> Tensor:
    assert block.skip is not None
    branch, skip = block.branch(x), block.skip(x)
    return block.activation(branch + skip.detach() if through else branch.detach() + skip)


def test_a_plain_network_has_one_path_and_a_silent_branch_none() -> None:
    plain = paths(network("plain", 14), IMAGES, LABELS)
    assert plain["norm"].tolist() == plain["share"].round(6).tolist() == [0] * 6 + [1]
    whole = network("residual", 14)
    for place in places(whole, IMAGES):
        nn.init.zeros_(whole.get_submodule(place.name).bn2.weight)  # type: ignore[arg-type]
    assert paths(whole, IMAGES, LABELS)["norm"].tolist() == [1] + [0] * 6


def test_a_gradient_that_is_zero_has_no_depth() -> None:
    whole = network("plain", 8)
    nn.init.zeros_(whole.get_submodule("fc").weight)  # type: ignore[arg-type]
    table = paths(whole, IMAGES, LABELS)
    assert table["norm"].isna().all()
    found = quantities.paths(table.assign(family="plain", depth=8, variant="", seed=0))
    assert found["value"].isna().all()


def test_a_network_that_is_no_row_of_blocks() -> None:
    with pytest.raises(BadRequest, match="is not a row of blocks"):
        paths(build_model("densenet", depth=7), IMAGES, LABELS)
