"""What makes each family what it is: equal forms, survival, drop-path, dense reading, reproducible draws."""

import copy
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.models import build_model
from degradation.models.count import activation_bytes, multiply_adds, parameters
from degradation.models.densenet import DenseNet
from degradation.models.draws import Draws, Dropout
from degradation.models.dropped import same_work
from degradation.models.fractalnet import FractalNet, Layer, live
from degradation.models.initial import XavierConv2d, initialise
from degradation.models.preact import PreBlock
from degradation.models.shortcuts import PaddedShortcut, PooledShortcut, make_shortcut
from degradation.models.squeezenet import Fire
from degradation.models.stochastic_depth import DroppedBlock, StochasticDepthNet


def splitmix(key: int, at: int) -> int:
    """The reference, in Python's whole numbers."""
    mask = 2**64 - 1
    word = (key + (at + 1) * 0x9E3779B97F4A7C15) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return word ^ (word >> 31)


def test_draws_are_splitmix64_keyed_by_seed_name_and_call() -> None:
    network = nn.ModuleDict({"a": Draws(), "b": Draws()})
    initialise(network, seed=3)
    a, b = network["a"], network["b"]
    assert a.key != b.key
    first, second = a(5), a(5)
    for call, drawn in ((0, first), (1, second)):
        expected = [(splitmix(int(a.key), call * 2**32 + at) >> 40) / 2**24 for at in range(5)]
        assert drawn.tolist() == expected
    initialise(network, seed=3)
    assert torch.equal(a(5), first) and not torch.equal(b(5), first)
    many = a(200_000)
    assert many.min() >= 0 and many.max() < 1
    assert many.mean().item() == pytest.approx(0.5, abs=0.005)
    assert many.var().item() == pytest.approx(1 / 12, abs=0.002)


def test_dropout_keeps_the_mean_and_is_nothing_in_evaluation() -> None:
    dropout = Dropout(0.25)
    initialise(dropout, seed=0)
    ones = torch.ones(100, 100)
    dropped = dropout(ones)
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)
    assert dropout.eval()(ones) is ones


@pytest.mark.parametrize("training", [True, False])
def test_resnexts_three_forms_are_one_function(training: bool) -> None:
    """Given the same weights: the same outputs, gradients and running statistics, to float error."""
    torch.manual_seed(0)
    networks = [
        build_model("resnext", depth=11, width=8, cardinality=4, base_width=64, form=form).double()
        for form in "abc"
    ]
    images = torch.randn(4, 3, 16, 16, dtype=torch.float64)
    found = []
    for network in networks:
        network.load_state_dict(networks[0].state_dict())
    for network in networks:
        out = network.train(training)(images)
        out.square().sum().backward()
        gradients = [value.grad for value in network.parameters()]
        found.append([out, *gradients, *network.buffers()])
    for other in found[1:]:
        for ours, theirs in zip(found[0], other, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_stochastic_depth_survival_is_linear_and_its_expected_depth_recorded() -> None:
    """Huang et al., section 3: L = 54, p_L = 0.5: (3L - 1) / 4 = 40.25 blocks are left on average."""
    network = build_model("stochastic_depth", depth=110)
    assert isinstance(network, StochasticDepthNet)
    assert network.survival.tolist() == pytest.approx([1 - n / 54 * 0.5 for n in range(1, 55)])
    assert network.expected_depth == pytest.approx(2 + 2 * (3 * 54 - 1) / 4)


def test_stochastic_depth_scales_the_branch_alone_in_evaluation() -> None:
    network = build_model("stochastic_depth", depth=8, survival=0.4).eval()
    block = network.stages[1][0]
    x = torch.randn(2, 16, 8, 8)
    weight = network.survival[1]
    assert isinstance(block, DroppedBlock)
    expected = torch.relu(block.shortcut(x) + weight * block.branch(x))
    assert torch.equal(block(x, weight), expected)
    assert weight.item() == pytest.approx(1 - 2 / 3 * 0.6)


DROPPING: list[tuple[str, dict[str, Any]]] = [
    ("stochastic_depth", {"depth": 14, "survival": 0.3}),
    ("stochastic_depth", {"depth": 14, "survival": 0.3, "shortcut": "B"}),
    ("fractalnet", {"depth": 12, "blocks": 3, "drop_path": 0.4}),
    ("fractalnet", {"depth": 16, "blocks": 2}),
]


@pytest.mark.parametrize(("name", "keys"), DROPPING)
def test_computing_what_is_dropped_is_the_same_to_the_bit(name: str, keys: dict[str, Any]) -> None:
    """Losses, gradients, and BN's statistics over some steps; what is dropped has gradients of 0, not None,
    and its statistics stay, but for the count of steps."""
    torch.manual_seed(0)
    images, labels = torch.randn(4, 3, 8, 8), torch.tensor([0, 1, 2, 3])
    found, dropped, steps = [], 0, 8
    for skips in (True, False):
        network = build_model(name, width=4, **keys)
        initialise(network, seed=0)
        if not skips:
            same_work(network)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
        layers, seen = list(layers_with_norms(network)), []
        for _ in range(steps):
            before = [value.clone() for value in means(layers)]
            optimizer.zero_grad()
            loss = F.cross_entropy(network(images), labels)
            loss.backward()
            still = [not conv.weight.grad.any() for conv, _ in layers]
            assert still == [torch.equal(*pair) for pair in zip(before, means(layers), strict=True)]
            dropped += sum(still)
            seen += [loss, *(value.grad.clone() for value in network.parameters())]
            optimizer.step()
        assert {int(norm.num_batches_tracked) for _, norm in layers} == {steps}
        found.append([*seen, *network.parameters(), *network.buffers()])
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(*found, strict=True))
    assert dropped > 2 * steps


def means(layers: list[tuple[nn.Conv2d, nn.BatchNorm2d]]) -> list[Tensor]:
    return [norm.running_mean for _, norm in layers]


def layers_with_norms(network: nn.Module) -> Iterator[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Each convolution of a network that drops, but for those of shortcuts, and the BN behind it."""
    for block in network.modules():
        if isinstance(block, DroppedBlock):
            yield from ((block.conv1, block.bn1), (block.conv2, block.bn2))
        elif isinstance(block, Layer):
            yield block.conv, block.bn


def test_stochastic_depth_drops_blocks_as_often_as_it_says() -> None:
    network = build_model("stochastic_depth", depth=8, width=1, survival=0.2)
    assert isinstance(network, StochasticDepthNet)
    same_work(network)
    seen: list[Tensor] = []
    for stage in network.stages:
        for block in stage:
            block.register_forward_hook(lambda _, inputs, out: seen.append(inputs[1].detach()))
    initialise(network, seed=1)
    with torch.no_grad():
        for _ in range(200):
            network(torch.zeros(2, 3, 4, 4))
    kept = torch.stack(seen).view(200, 3)
    assert set(kept.unique().tolist()) == {0.0, 1.0}
    assert kept.mean(dim=0).tolist() == pytest.approx(network.survival.tolist(), abs=0.1)


def test_stochastic_depth_that_drops_nothing_is_the_residual_network() -> None:
    torch.manual_seed(0)
    dropping, residual = (
        build_model("stochastic_depth", depth=14, survival=1.0, shortcut="A"),
        build_model("residual", depth=14),
    )
    residual.load_state_dict(dropping.state_dict(), strict=False)
    images = torch.randn(2, 3, 16, 16)
    assert torch.equal(dropping(images), residual(images))


def test_stochastic_depths_own_shortcut_takes_means_of_pixels() -> None:
    """The authors' code: 2x2 average pooling, then maps of zeros. Of odd sizes the last pixels count too."""
    images = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).reshape(2, 3, 4, 4)
    out = PooledShortcut(3, 5, 2)(images)
    expected = (
        images[:, :, ::2, ::2] + images[:, :, 1::2, ::2] + images[:, :, ::2, 1::2] + images[:, :, 1::2, 1::2]
    ) / 4
    assert torch.equal(out[:, :3], expected) and not out[:, 3:].any()
    for size in (1, 3, 7):
        odd = torch.randn(1, 3, size, size)
        assert PooledShortcut(3, 5, 2)(odd).shape == PaddedShortcut(3, 5, 2)(odd).shape
        torch.testing.assert_close(PooledShortcut(3, 5, 2)(odd)[:, :3, -1, -1], odd[:, :, -1, -1])
    network = build_model("stochastic_depth", depth=14, width=4)
    kinds = [type(block.shortcut) for stage in network.stages for block in stage]
    same, changed = nn.Identity, PooledShortcut
    assert kinds == [same, same, changed, same, changed, same]


def test_the_first_pre_activation_block_splits_after_the_activation() -> None:
    """He et al. 2016, appendix: the first activation comes after conv1 and before the two paths."""
    for keys in ({"shortcut": "A"}, {"block": "bottleneck", "shortcut": "A"}):
        depth = 20 if len(keys) == 1 else 29
        network = build_model("preact", depth=depth, width=4, **keys).eval()
        blocks = [block for stage in network.stages for block in stage]
        for block in blocks:
            last = block.conv3 if hasattr(block, "conv3") else block.conv2
            nn.init.zeros_(last.weight)  # what comes out is the shortcut alone
            nn.init.constant_(block.bn1.bias, 0.3)
        first, second = blocks[:2]
        x = torch.randn(2, 4, 8, 8)
        expected = torch.relu(first.bn1(x))
        expected = expected if first.out_channels == 4 else first.shortcut(expected)
        assert torch.equal(first(x), expected)
        y = torch.randn(2, second.out_channels, 8, 8)
        assert torch.equal(second(y), y)
        assert [block.splits_activated for block in blocks] == [True] + [False] * (len(blocks) - 1)
    wide = build_model(
        "wide", depth=16, widen=1, width=4
    )  # its authors' code gives a same shape the input itself
    assert not wide.stages[0][0].splits_activated


def test_a_pre_activation_block_adds_to_what_it_was_given() -> None:
    """Identity mappings: nothing lies on the shortcut, so with F = 0 the input passes untouched."""
    block = PreBlock(4, 4, 1, "A")
    nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, 4, 8, 8)
    assert torch.equal(block(x), x)
    projected = PreBlock(4, 8, 2, "B")
    assert isinstance(projected.shortcut, nn.Conv2d)  # no BN on it
    assert isinstance(make_shortcut("B", 4, 8, 2), nn.Sequential)


def test_dense_layers_read_all_before_them_and_plain_ones_the_last() -> None:
    dense, plain = build_model("densenet", depth=40), build_model("plain_densenet", depth=40)
    assert isinstance(dense, DenseNet) and isinstance(plain, DenseNet)
    assert [layer.bn1.num_features for layer in dense.stages[0]] == [16 + 12 * n for n in range(12)]
    assert [layer.bn1.num_features for layer in plain.stages[0]] == [16] + [12] * 11
    bc = build_model("densenet", depth=100, block="bottleneck")
    assert [stage[0].conv.out_channels for stage in bc.stages[1:]] == [108, 150]  # halved: 216, 300


def fractal(**keys: object) -> FractalNet:
    torch.manual_seed(0)
    network = build_model("fractalnet", depth=12, blocks=3, width=4, **keys)
    assert isinstance(network, FractalNet) and network.columns == 3
    initialise(network, seed=0)
    return network


def alone(network: FractalNet, column: int, images: Tensor) -> Tensor:
    """A column computed by hand."""
    x = images
    for stage in network.stages:
        (block,) = stage
        for layer in [*block.shortcut, block.deepest][column]:
            x = layer(x)
        x = torch.max_pool2d(x, 2)
    return network.fc(x.mean(dim=(2, 3)))


def test_fractalnet_evaluates_any_column_alone() -> None:
    network, images = fractal().eval(), torch.randn(2, 3, 16, 16)
    for column in range(3):
        network.only = column
        torch.testing.assert_close(network(images), alone(network, column, images))
    network.only = None
    twin = build_model("plain_fractalnet", depth=12, blocks=3, width=4).eval()
    initialise(twin, seed=0)
    torch.testing.assert_close(twin(images), alone(network, 2, images))


def test_fractalnet_joins_are_means_of_what_ends_there() -> None:
    """f_2 = mean(f_1 f_1, conv), f_3 = mean(f_2 f_2, conv); joins that meet are one over all columns."""
    network, x = fractal().eval(), torch.randn(2, 3, 16, 16)
    first = network.stages[0][0]
    weights = network._weights()
    assert weights[0].tolist() == [[0, 0, 1], [0, 0.5, 0.5], [0, 0, 1], [pytest.approx(1 / 3)] * 3]
    a, b, c = *first.shortcut, first.deepest
    half = (b[0](x) + c[1](c[0](x))) / 2
    ends = [torch.max_pool2d(y, 2) for y in (a[0](x), b[1](half), c[3](c[2](half)))]  # pooled, then joined
    torch.testing.assert_close(first(x, weights[0]), sum(ends) / 3)


def test_drop_path_keeps_an_input_of_each_join_and_half_of_the_steps_a_single_column() -> None:
    network = fractal(drop_path=0.5).train()
    ends, columns = network.ends, set()
    for _ in range(100):
        weights = network._weights()
        read = live(weights, ends).any(dim=-1)
        assert torch.allclose(weights.sum(dim=-1)[read], torch.ones(1))
        assert not weights[:, ~ends].any()
        last = weights[:, -1]  # where all columns end
        if all(torch.equal(row, last[0]) for row in last) and last[0].max() == 1:
            columns.add(int(last[0].argmax()))
    assert columns == {0, 1, 2}
    single = sum(bool((network._weights()[:, -1].max(dim=-1).values == 1).all()) for _ in range(500))
    # Half of the steps, and of the others those in which all three blocks happen to keep one column.
    of_three = math.comb(3, 1) / 8 + 1 / 8  # one kept, or none and one saved
    assert single / 500 == pytest.approx(0.5 + 0.5 * of_three**3, abs=0.07)


def test_the_layers_that_drop_path_leaves_live_are_those_with_a_gradient() -> None:
    network, images = fractal(drop_path=0.4).double().train(), torch.randn(8, 3, 16, 16).double()
    same_work(network)
    drawn, shares = network._weights, set()
    for _ in range(20):
        weights = drawn()
        network._weights = lambda weights=weights: weights
        network.zero_grad()
        network(images).square().sum().backward()
        expected = live(weights, network.ends)
        for number, stage in enumerate(network.stages):
            for (row, c), layer in stage[0].layers().items():
                assert bool(layer.conv.weight.grad.any()) == bool(expected[number, row, c])
        shares.add(int(expected.sum()))
    assert {3, 6, 12} < shares <= set(range(3, 22))  # each column alone, and others; all layers are 21


def test_a_column_alone_is_all_that_is_computed() -> None:
    """In evaluation too: the shallow answer is cheap. 3 blocks of 1, 2 or 4 layers and the linear one."""
    with torch.device("meta"):
        network = build_model("fractalnet", depth=12, blocks=3)
    assert isinstance(network, FractalNet)
    blocks = [(3, 64, 32), (64, 128, 16), (128, 256, 8)]  # channels in and out, pixels
    for column in range(3):
        network.only = column
        layers = sum(9 * side**2 * out * (into + (2**column - 1) * out) for into, out, side in blocks)
        assert multiply_adds(network, 3, 32) == layers + 256 * 10


def test_activation_memory_of_a_network_that_drops_is_that_of_all_its_layers() -> None:
    with torch.device("meta"):
        dropping = build_model("stochastic_depth", depth=20, shortcut="A")
        residual = build_model("residual", depth=20)
    ours, theirs = (activation_bytes(one, 3, 32)[0] for one in (dropping, residual))
    assert theirs <= ours < 1.5 * theirs  # the product of weight and branch keeps the branch


def test_fractalnet_without_drop_path_trains_on_the_mean() -> None:
    network = fractal(drop_path=0.0)
    assert torch.equal(network.train()._weights(), copy.deepcopy(network).eval()._weights())
    assert network.draws.calls == 0


def test_bypasses_go_around_every_second_fire_module_or_with_1x1_layers_around_all() -> None:
    """SqueezeNet, section 6: fire3, 5, 7 and 9 keep the number of maps; complex adds 341,248 parameters."""
    sizes = {}
    for option in ("simple", "complex"):
        network = build_model(
            "squeezenet_bypass", depth=18, num_classes=1000, version="v1.0", shortcut=option
        )
        fires = [block for stage in network.stages for block in stage if isinstance(block, Fire)]
        kinds = [type(fire.shortcut) for fire in fires]
        assert kinds == [type(None) if option == "simple" else XavierConv2d, nn.Identity] * 4
        sizes[option] = parameters(network)
        for fire in fires:  # what comes out is the bypass alone
            for layer in (fire.expand1, fire.expand3):
                nn.init.zeros_(layer.weight)
            x = torch.randn(2, fire.squeeze.in_channels, 4, 4)
            assert fire.out_channels == 8 * fire.squeeze.out_channels
            assert not fire(x).any() if fire.shortcut is None else torch.equal(fire(x), fire.shortcut(x))
    ends = [(96, 128), (128, 256), (256, 384), (384, 512)]
    more = sum(into * out + out for into, out in ends)
    assert sizes["complex"] - sizes["simple"] == more == 341_248
    assert f"{4 * sizes['complex'] / 1e6:.1f} MB" == "6.4 MB"


def test_squeezenet_begins_with_the_values_of_its_authors() -> None:
    """Caffe's `xavier`, uniform of variance 1 / fan_in, and a classifier of std 0.01. He's are twice that."""
    network = build_model("squeezenet", depth=18, num_classes=1000, version="v1.1")
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d) and layer.weight.numel() > 10_000:
            weight, fan_in = layer.weight, layer.weight[0].numel()
            wanted = 0.01**2 if name == "conv10" else 1 / fan_in
            assert weight.var().item() == pytest.approx(wanted, rel=0.05), name
            assert name == "conv10" or weight.abs().max() <= math.sqrt(3 / fan_in)
            assert not layer.bias.any()


def test_what_the_pages_say_of_the_plain_ancestors() -> None:
    """He et al., section 3.3: 34 layers take 18% of VGG-19's operations. AlexNet's weight is in its end."""
    with torch.device("meta"):
        vgg, plain, alexnet = (
            build_model(name, depth=depth, num_classes=1000)
            for name, depth in (("vgg", 19), ("plain_resnet_imagenet", 34), ("alexnet", 8))
        )
    operations = [multiply_adds(network, 3, 224) for network in (vgg, plain, alexnet)]
    assert operations[:2] == [19_632_062_464, 3_644_493_824]
    assert 0.18 < operations[1] / operations[0] < 0.19
    end = sum(value.numel() for name, value in alexnet.named_parameters() if name.startswith("fc"))
    assert end == 58_631_144 and round(100 * end / parameters(alexnet)) == 96
    assert round(operations[2] / end) == 12  # a linear layer does a multiply-add a weight


def test_activation_memory_of_plain_20_is_what_its_maps_take() -> None:
    """Of 19 convolutions each output is kept for BN, its ReLU for the next layer, and the image; float32."""
    with torch.device("meta"):
        network = build_model("plain", depth=20)
    maps = 7 * 16 * 32**2 + 6 * 32 * 16**2 + 6 * 64 * 8**2
    kept, largest = activation_bytes(network, 3, 32)
    assert largest == 4 * 16 * 32**2
    assert kept == pytest.approx(4 * (2 * maps + 3 * 32**2 + 64), rel=0.01)
