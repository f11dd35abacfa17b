"""The networks: exact counts, the pair contract, refusals."""

import pytest
import torch
from torch import nn

from degradation.models import FAMILIES, build_model
from degradation.models.cifar import CifarNet
from degradation.models.count import multiply_adds, parameters
from degradation.models.initial import initial_sha256, initialise
from degradation.models.shortcuts import PaddedShortcut

# PROTOCOL: depth, parameters with plain = A, B, C, multiply-adds with A.
COUNTS = [
    (20, 269_722, 272_474, 283_962, 40_551_040),
    (32, 464_154, 466_906, 489_594, 68_862_592),
    (44, 658_586, 661_338, 695_226, 97_174_144),
    (56, 853_018, 855_770, 900_858, 125_485_696),
    (110, 1_727_962, 1_730_714, 1_826_202, 252_887_680),
    pytest.param(1202, 19_421_274, 19_424_026, 20_538_714, 2_829_238_912, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("depth", "a", "b", "c", "operations"), COUNTS)
def test_counts(depth: int, a: int, b: int, c: int, operations: int) -> None:
    with torch.device("meta"):
        plain = build_model("plain", depth=depth)
        residual, *others = (build_model("residual", depth=depth, shortcut=option) for option in "ABC")
    assert [parameters(network) for network in (plain, residual, *others)] == [a, a, b, c]
    assert multiply_adds(plain, 3, 32) == multiply_adds(residual, 3, 32) == operations
    n = (depth - 2) // 6
    assert a == 97_216 * n - 21_926
    assert operations == 443_008 + 2_359_296 * (6 * n - 1)


def test_every_convolution_has_no_bias_and_batch_norm_after_it() -> None:
    kinds = [type(m) for m in build_model("residual", depth=20, shortcut="C").modules()]
    kinds = [kind for kind in kinds if kind in (nn.Conv2d, nn.BatchNorm2d, nn.Linear)]
    assert kinds[:-1] == [nn.Conv2d, nn.BatchNorm2d] * (len(kinds) // 2)
    assert kinds[-1] is nn.Linear
    assert all(m.bias is None for m in build_model("plain", depth=20).modules() if isinstance(m, nn.Conv2d))


def test_shortcuts_are_all_that_differs() -> None:
    torch.manual_seed(3)
    plain = build_model("plain", depth=20)
    torch.manual_seed(3)
    residual = build_model("residual", depth=20)
    left, right = plain.state_dict(), residual.state_dict()
    assert left.keys() == right.keys()
    assert all(torch.equal(left[key], right[key]) for key in left)
    images = torch.randn(2, 3, 32, 32)
    assert not torch.equal(plain(images), residual(images))
    for block in residual.modules():
        if hasattr(block, "shortcut"):
            block.shortcut = None
    assert torch.equal(plain(images), residual(images))


@pytest.mark.parametrize("option", ["A", "B", "C"])
def test_pair_contract(option: str) -> None:
    """Twins start from bitwise the same values; B and C add the shortcuts' parameters and move no others."""
    plain, residual = build_model("plain", depth=20), build_model("residual", depth=20, shortcut=option)
    initialise(plain, seed=7)
    initialise(residual, seed=7)
    ours, theirs = dict(plain.named_parameters()), dict(residual.named_parameters())
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    extra = theirs.keys() - ours.keys()
    assert bool(extra) == (option != "A")
    assert all(".shortcut." in name for name in extra)
    assert FAMILIES["residual"].kind(option) == ("exact" if option == "A" else "subset")
    assert initial_sha256(plain) == initial_sha256(residual, shared_only=True)
    assert (initial_sha256(plain) == initial_sha256(residual)) == (option == "A")
    initialise(residual, seed=8)
    assert initial_sha256(plain) != initial_sha256(residual, shared_only=True)


def test_he_initialisation() -> None:
    network = build_model("plain", depth=20, width=64)
    initialise(network, seed=0)
    assert isinstance(network, CifarNet)
    weight = network.stages[2][2].conv2.weight
    assert weight.std().item() == pytest.approx((2 / (9 * 256)) ** 0.5, rel=0.01)
    assert weight.mean().item() == pytest.approx(0, abs=1e-4)
    assert not network.fc.bias.any()
    assert all((m.weight == 1).all() for m in network.modules() if isinstance(m, nn.BatchNorm2d))


def test_padded_shortcut() -> None:
    images = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).reshape(2, 3, 4, 4)
    out = PaddedShortcut(3, 5, 2)(images)
    assert out.shape == (2, 5, 2, 2)
    assert torch.equal(out[:, :3], images[:, :, ::2, ::2])
    assert not out[:, 3:].any()


@pytest.mark.parametrize("depth", [21, 0, -3, 2, 7, 57])
def test_wrong_depth_names_the_nearest(depth: int) -> None:
    with pytest.raises(ValueError, match=r"6n\+2 layers, the nearest: (8|20 and 26|56 and 62)"):
        build_model("plain", depth=depth)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="plain, residual"):
        build_model("dense", depth=20)
    with pytest.raises(ValueError, match=r"a plain network can't drop blocks.*compare stochastic_depth with"):
        build_model("plain_stochastic_depth", depth=20)
    with pytest.raises(ValueError, match=r"model.stride_at=3x3: residual networks don't take this key"):
        build_model("residual", depth=20, stride_at="3x3")
    with pytest.raises(ValueError, match=r"model.block=wide: one of basic, bottleneck"):
        build_model("preact", depth=20, block="wide")
    with pytest.raises(ValueError, match=r"model.survival=1.5: from 0 to 1"):
        build_model("stochastic_depth", depth=20, survival=1.5)
    with pytest.raises(ValueError, match=r"preact networks have 9n\+2 layers, the nearest: 110 and 119"):
        build_model("preact", depth=112, block="bottleneck")
    with pytest.raises(ValueError, match=r"have 18, 34, 50, 101 or 152 layers, the nearest: 18 and 34"):
        build_model("resnet_imagenet", depth=20)
    with pytest.raises(ValueError, match=r"have 18 layers, the nearest: 18$"):
        build_model("squeezenet", depth=20)
    with pytest.raises(ValueError, match=r"have 5 times a power of two layers, the nearest: 20 and 40"):
        build_model("fractalnet", depth=24)
    with pytest.raises(ValueError, match="plain networks take none"):
        build_model("plain", depth=20, shortcut="A")
    with pytest.raises(ValueError, match="residual networks take A or B or C"):
        build_model("residual", depth=20, shortcut="none")
    with pytest.raises(ValueError, match="width=0: at least 1"):
        build_model("residual", depth=20, width=0)
