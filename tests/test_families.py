"""Every family: exact counts, and over the registry shapes, gradients, twins, configs and a training step."""

import itertools
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import torch
import torchvision
import yaml
from conftest import ROOT, Make

from degradation import errors
from degradation.config.settings import Model
from degradation.errors import Stopped
from degradation.families import ladder
from degradation.families.catalog import FAMILIES, OWN_KEYS
from degradation.files import read_json
from degradation.models import build_model
from degradation.models.count import multiply_adds, parameters
from degradation.models.draws import Draws
from degradation.models.imagenet import from_torchvision
from degradation.models.initial import initial_sha256, initialise
from degradation.training import checkpoint, experiment
from degradation.training.stop import Stop

# PROTOCOL: "Other networks of the seeds".
COUNTS: list[tuple[str, int, dict[str, Any], int]] = [
    ("resnet_imagenet", 18, {}, 11_689_512),
    ("resnet_imagenet", 34, {}, 21_797_672),
    ("resnet_imagenet", 50, {}, 25_557_032),
    ("resnet_imagenet", 101, {}, 44_549_160),
    ("resnet_imagenet", 152, {}, 60_192_808),
    ("resnet_imagenet", 50, {"stride_at": "3x3"}, 25_557_032),
    ("resnet_imagenet", 50, {"widen": 2}, 68_883_240),
    ("resnet_imagenet", 18, {"shortcut": "A"}, 11_515_688),
    ("resnet_imagenet", 34, {"shortcut": "A"}, 21_623_848),
    ("plain_resnet_imagenet", 18, {}, 11_515_688),
    ("plain_resnet_imagenet", 34, {}, 21_623_848),
    ("resnext_imagenet", 50, {}, 25_028_904),
    ("densenet_imagenet", 121, {}, 7_978_856),
    ("squeezenet", 18, {"version": "v1.0"}, 1_248_424),
    ("squeezenet", 18, {"version": "torchvision"}, 1_248_424),
    ("squeezenet", 18, {"version": "v1.1"}, 1_235_496),
    ("squeezenet_bypass", 18, {"version": "v1.0"}, 1_248_424),
    ("squeezenet_bypass", 18, {"version": "v1.0", "shortcut": "complex"}, 1_589_672),
    ("resnext", 29, {}, 34_426_698),
    ("resnext", 29, {"cardinality": 16}, 68_155_210),
    ("wide", 28, {"widen": 10}, 36_479_194),
    ("wide", 16, {"widen": 8}, 10_961_370),
    ("wide", 40, {"widen": 4}, 8_949_210),
    ("densenet", 40, {}, 1_019_722),
    ("densenet", 100, {"block": "bottleneck"}, 769_162),
    ("densenet", 190, {"block": "bottleneck", "width": 40}, 25_624_430),
    ("preact", 110, {}, 1_727_962),
    ("preact", 164, {"block": "bottleneck"}, 1_703_258),
    ("nin", 9, {}, 966_986),
    ("vgg", 11, {}, 132_863_336),
    ("vgg", 13, {}, 133_047_848),
    ("vgg", 16, {}, 138_357_544),
    ("vgg", 19, {}, 143_667_240),
    ("vgg", 11, {"batch_norm": True}, 132_868_840),
    ("vgg", 13, {"batch_norm": True}, 133_053_736),
    ("vgg", 16, {"batch_norm": True}, 138_365_992),
    ("vgg", 19, {"batch_norm": True}, 143_678_248),
    ("alexnet", 8, {}, 61_100_840),
    ("stochastic_depth", 110, {}, 1_727_962),
    # Blocks of each stage, given: published networks, and their parameters, again.
    ("residual", 56, {"blocks_per_stage": [9, 9, 9]}, 853_018),
    ("preact", 110, {"blocks_per_stage": [18, 18, 18]}, 1_727_962),
    ("wide", 28, {"widen": 10, "blocks_per_stage": [4, 4, 4]}, 36_479_194),
    ("resnext", 29, {"blocks_per_stage": [3, 3, 3]}, 34_426_698),
    ("resnet_imagenet", 18, {"blocks_per_stage": [2, 2, 2, 2]}, 11_689_512),
    ("resnet_imagenet", 50, {"block": "bottleneck", "blocks_per_stage": [3, 4, 6, 3]}, 25_557_032),
    ("resnext_imagenet", 50, {"blocks_per_stage": [3, 4, 6, 3]}, 25_028_904),
]


FREE_BLOCKS = {name: ("block",) for name in ("resnet_imagenet", "plain_resnet_imagenet")}  # with counts alone


@pytest.mark.parametrize(("name", "depth", "keys", "count"), COUNTS)
def test_counts(name: str, depth: int, keys: dict[str, Any], count: int) -> None:
    classes = 1000 if FAMILIES[name].size == 224 else 10
    with torch.device("meta"):
        network = build_model(name, depth=depth, num_classes=classes, **keys)
    assert parameters(network) == count
    assert multiply_adds(network, 3, FAMILIES[name].size) > 0


def variants(name: str) -> Iterator[dict[str, Any]]:
    """The family's smallest networks, 4 filters wide: each shortcut with each of its keys' choices."""
    rules = FAMILIES[name]
    choices = [
        [(key, value) for value in dict.fromkeys((one.own, *one.choices)) if one.choices]
        for key, one in rules.keys.items()
        if key not in FREE_BLOCKS.get(name, ())
    ]
    for chosen in itertools.product(*(one for one in choices if one)):
        own = rules.resolve(dict(chosen))
        depth = rules.depths(own).values[0]
        for shortcut in rules.shortcuts(own):
            yield {"depth": depth, "width": 4, "shortcut": shortcut, **dict(chosen)}


@pytest.mark.parametrize("name", FAMILIES)
def test_shapes_and_gradients(name: str) -> None:
    """Any number of channels and classes, any size from the least on; every parameter gets a gradient."""
    for keys in variants(name):
        least = FAMILIES[name].least_size({**FAMILIES[name].resolve({}), **keys})
        torch.manual_seed(0)
        network = build_model(name, in_channels=2, num_classes=7, **keys)
        for size in (least, least + 7):
            assert network.train()(torch.randn(2, 2, size, size)).shape == (2, 7)
        # In evaluation nothing is dropped; without BN's batch statistics a deep plain network's signal fades.
        network.train(not any(isinstance(module, Draws) for module in network.modules()))
        out = network(torch.randn(8, 2, least + 7, least + 7))
        out.square().sum().backward()
        without = {k for k, value in network.named_parameters() if value.grad is None or not value.grad.any()}
        assert without == set(), keys


@pytest.mark.parametrize("name", FAMILIES)
def test_twin_contract(name: str) -> None:
    rules = FAMILIES[name]
    for keys in variants(name):
        shortcut = keys.pop("shortcut")
        kind = rules.kind(shortcut)
        if rules.twin is None:
            assert kind == "none"
            continue
        network, plain = build_model(name, shortcut=shortcut, **keys), build_model(rules.twin, **keys)
        initialise(network, seed=7)
        initialise(plain, seed=7)
        ours, theirs = dict(network.named_parameters()), dict(plain.named_parameters())
        if kind == "matched":
            assert shortcut == "dense"
            continue
        assert all(torch.equal(value, ours[key]) for key, value in theirs.items())
        extra = ours.keys() - theirs.keys()
        assert all(".shortcut." in key for key in extra)
        # The smallest network of a family may have no shape that changes, so that B has nothing to add.
        assert kind == "subset" or not extra
        assert initial_sha256(plain) == initial_sha256(network, shared_only=True)
        assert (initial_sha256(plain) == initial_sha256(network)) == (not extra)


@pytest.mark.parametrize("name", FAMILIES)
def test_config(name: str) -> None:
    """The file of a plain twin differs in `family:` alone, and the values are those of families.py."""
    rules, folder = FAMILIES[name], ROOT / "conf/model"
    own = (folder / f"{name}.yaml").read_text()
    values = yaml.safe_load(own)
    assert values.pop("family") == name
    rules.check_depth(values.pop("depth"))
    steps = dict.fromkeys(ladder.KEYS) if name in ladder.FAMILIES else {}
    assert values == {"width": rules.width, "shortcut": None, **rules.resolve({}), **steps}
    if rules.twin:
        twin = (folder / f"{rules.twin}.yaml").read_text()
        assert own.splitlines()[1:] == twin.splitlines()[1:]


def test_every_own_key_is_a_config_key() -> None:
    optional = [field.name for field in fields(Model) if field.default is None]
    assert sorted(optional) == sorted([*OWN_KEYS, *ladder.KEYS, "weights", "weights_sha256"])
    there = {path.stem for path in (ROOT / "conf/model").glob("*.yaml")}
    assert there == {*FAMILIES, "plain_stochastic_depth"}  # the last only says that it can't be


@pytest.mark.parametrize("name", FAMILIES)
def test_a_training_step(name: str, make: Make) -> None:
    """One real step: the run is complete, says what its twin is, and no parameter is where it was."""
    rules = FAMILIES[name]
    values = yaml.safe_load((ROOT / f"conf/model/{name}.yaml").read_text())
    own = rules.resolve({})
    values |= {"depth": rules.depths(own).values[0], "width": 4}
    keys = {"train.steps": 1, "data.size": max(8, rules.least_size(own)), "data.count": 16}
    wanted = make(**keys, **{"data.test_count": 10, "data.test_subset": None}, model=values)
    assert experiment.train(wanted) == 0
    record = read_json(wanted.folder / "record.json")
    assert (record["status"], record["family"], record["step"]) == ("complete", name, 1)
    shortcut = str(wanted.settings.model.shortcut)
    assert record["twin"] == (f"{rules.twin} {rules.kind(shortcut)}" if rules.twin else "none")
    # Three blocks of two layers, of which 5/6, 4/6 and 3/6 survive, the stem and the linear layer.
    assert record.get("expected_depth") == (pytest.approx(6) if name == "stochastic_depth" else None)
    trained = checkpoint.load(wanted.folder / "last.ckpt")["classifier"]["network"]
    fresh = build_model(name, **{key: value for key, value in values.items() if key != "family"})
    initialise(fresh, seed=0)
    # A gradient may be 0 where a step dropped a path; weight decay moves what isn't 0 anyway.
    still = {
        key for key, value in fresh.named_parameters() if value.any() and torch.equal(value, trained[key])
    }
    assert still == set()


@pytest.mark.parametrize("name", ["stochastic_depth", "fractalnet", "nin", "squeezenet"])
def test_what_a_network_draws_survives_a_stop(name: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropped blocks, paths and activations after a resumption are those of an undisturbed run, bitwise."""
    rules = FAMILIES[name]
    values = yaml.safe_load((ROOT / f"conf/model/{name}.yaml").read_text())
    values |= {"depth": rules.depths(rules.resolve({})).values[0], "width": 4}
    keys = {
        "model": values,
        "data.size": 32,
        "train.steps": 6,
        "train.evaluate_every": 2,
        "optimizer.lr": 0.01,
    }
    whole, parts = make(**keys), make(**keys, experiment_name="parts")
    assert experiment.train(whole) == 0
    calls = iter(range(1000))

    def check(self: Stop) -> None:
        if next(calls) % 5 == 4:
            raise Stopped(errors.TERMINATED, "stopped")

    monkeypatch.setattr(Stop, "check", check)
    codes = [experiment.train(parts) for _ in range(2)]
    while codes[-1] != errors.DONE:
        codes.append(experiment.train(parts))
    assert set(codes[:-1]) == {errors.TERMINATED}
    ends = [checkpoint.load(one.folder / "last.ckpt")["classifier"]["network"] for one in (whole, parts)]
    assert all(ends[0][key] == 6 for key in ends[0] if key.endswith(".calls"))
    assert all(torch.equal(value, ends[1][key]) for key, value in ends[0].items())


TORCHVISION = [
    ("resnet18", "resnet_imagenet", 18, {}),
    ("resnet34", "resnet_imagenet", 34, {}),
    ("resnet50", "resnet_imagenet", 50, {"stride_at": "3x3"}),
    ("wide_resnet50_2", "resnet_imagenet", 50, {"stride_at": "3x3", "widen": 2}),
    ("resnext50_32x4d", "resnext_imagenet", 50, {}),
]


@pytest.mark.parametrize(("theirs", "name", "depth", "keys"), TORCHVISION)
def test_torchvision_weights(theirs: str, name: str, depth: int, keys: dict[str, Any]) -> None:
    """Random weights of torchvision's network, under our names, give the same outputs."""
    torch.manual_seed(1)
    other = getattr(torchvision.models, theirs)().eval()
    for module in other.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # statistics that matter
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    network = build_model(name, depth=depth, num_classes=1000, **keys).eval()
    network.load_state_dict(from_torchvision(other.state_dict()))
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(network(images), other(images))


@pytest.mark.parametrize(
    ("theirs", "version"),
    [("squeezenet1_0", "torchvision"), ("squeezenet1_1", "v1.1"), ("squeezenet1_0", "v1.0")],
)
def test_squeezenet_beside_torchvisions(theirs: str, version: str) -> None:
    """Given the same weights. The authors' 1.0 differs by the frame around its classifier's maps."""
    torch.manual_seed(1)
    other = getattr(torchvision.models, theirs)().eval()
    for value in other.parameters():
        torch.nn.init.normal_(value, 0, 0.1)
    network = build_model("squeezenet", depth=18, num_classes=1000, version=version).eval()
    names = [name for name, _ in network.named_parameters()]
    network.load_state_dict(dict(zip(names, other.state_dict().values(), strict=True)), strict=False)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected = other(images)
        if version == "v1.0":
            maps = torch.relu(other.classifier[1](other.features(images)))
            pixels, side = maps.flatten(2).sum(-1), maps.shape[-1]
            frame = 4 * (side + 1) * torch.relu(other.classifier[1].bias)
            expected = (pixels + frame) / (side + 2) ** 2
            assert not torch.allclose(other(images), expected)
        torch.testing.assert_close(network(images), expected)


ANCESTORS = [
    *((f"vgg{depth}", "vgg", depth, {"batch_norm": False}) for depth in (11, 13, 16, 19)),
    *((f"vgg{depth}_bn", "vgg", depth, {"batch_norm": True}) for depth in (11, 13, 16, 19)),
    ("alexnet", "alexnet", 8, {}),
]


@pytest.mark.parametrize(("theirs", "name", "depth", "keys"), ANCESTORS)
def test_the_ancestors_are_torchvisions(theirs: str, name: str, depth: int, keys: dict[str, Any]) -> None:
    """The same shapes in the same order; of VGG-16 and AlexNet, given the same weights, the same outputs."""
    with torch.device("meta"):
        other = getattr(torchvision.models, theirs)().eval()
        network = build_model(name, depth=depth, num_classes=1000, **keys).eval()
    state = other.state_dict()
    ours = {key: value for key, value in network.state_dict().items() if ".draws." not in key}
    assert [value.shape for value in ours.values()] == [value.shape for value in state.values()]
    if depth not in (8, 16):
        return
    torch.manual_seed(1)
    state = {key: torch.rand(value.shape) + ("var" in key) - 0.5 for key, value in state.items()}
    draws = {key: torch.zeros(()) for key in network.state_dict() if ".draws." in key}
    other.load_state_dict(state, assign=True)
    network.load_state_dict(dict(zip(ours, state.values(), strict=True)) | draws, assign=True)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected = other(images)
        assert expected.std() > 0
        torch.testing.assert_close(network(images) / expected.std(), expected / expected.std())


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # that torch looks at itself
@pytest.mark.parametrize("name", [name for name in FAMILIES if not name.startswith("plain")])
def test_blocks_can_be_compiled_whole(name: str) -> None:
    """As train.engine=fast does on a GPU: no break in a block's graph, and the same outputs.

    Of each stage the first two and the last: those between are as the second.
    """
    rules = FAMILIES[name]
    own = rules.resolve({})
    network = build_model(name, depth=rules.depths(own).values[0], width=4).eval()
    images = torch.randn(2, 3, rules.least_size(own), rules.least_size(own))
    expected = network(images)
    assert all(len(stage) for stage in network.stages)
    for stage in network.stages:
        for block in {*stage[:2], stage[-1]}:
            block.compile(fullgraph=True, dynamic=False, backend="eager")
    with torch._dynamo.config.patch(recompile_limit=512):  # as it is there
        torch.testing.assert_close(network(images), expected)
