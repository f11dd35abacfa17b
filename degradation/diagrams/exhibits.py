"""What docs/models/ shows of each family: the blocks that are drawn, and the sizes that are counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from degradation.families.catalog import FAMILIES


@dataclass(frozen=True)
class Drawn:
    """A module of a network that is drawn.

    Attributes:
        title: what stands over it.
        path: its dotted name in the network.
        keys: those of the network, without the depth.
        plus: what sums are called.
        times: what products with a number are called; empty: they are passed over.
    """

    title: str
    family: str
    depth: int
    path: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    plus: str = "+"
    times: str = ""


@dataclass(frozen=True)
class Exhibit:
    """A page of docs/models/.

    Attributes:
        sizes: depth and keys of the networks that are counted.
        drawn: the blocks of its diagram, from left to right.
        note: a run's `model.*` -> what its width makes of the family's own keys, or nothing.
    """

    sizes: tuple[tuple[int, Mapping[str, Any]], ...]
    drawn: tuple[Drawn, ...]
    note: Callable[[Mapping[str, Any]], str] = lambda model: ""


def twins(family: str, depth: int, path: str, *, plus: str = "+", **keys: Any) -> tuple[Drawn, Drawn]:
    """The same block of the plain twin and of the network."""
    twin = str(FAMILIES[family].twin)
    return Drawn(twin, twin, depth, path, keys), Drawn(family, family, depth, path, keys, plus)


def filters(model: Mapping[str, Any]) -> str:
    """Of a wide network's stages."""
    first = model["width"] * model["widen"]
    ordinary = ", those of an ordinary network: nothing wide was trained" if first <= ORDINARY else ""
    return (
        f"at width {model['width']}, `widen={model['widen']}` makes stages of {first}, {2 * first} and "
        f"{4 * first} filters{ordinary}."
    )


def paths(model: Mapping[str, Any]) -> str:
    """Of a ResNeXt's first stage."""
    each = max(model["width"] * model["base_width"] // 64, 1)
    return (
        f"at width {model['width']}, `cardinality={model['cardinality']}` with "
        f"`base_width={model['base_width']}` is {model['cardinality']}x{each}d."
    )


def sizes(*depths: int, **keys: Any) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    return tuple((depth, keys) for depth in depths)


def forms(depth: int, path: str) -> tuple[Drawn, ...]:
    """ResNeXt's block as paths and as a grouped convolution."""
    plain, grouped = twins("resnext", depth, path)
    parts = [
        Drawn(
            f"resnext, form ({form}),\n3 of its 8 paths",
            "resnext",
            depth,
            path,
            {"cardinality": 3, "form": form},
        )
        for form in "ab"
    ]
    return (
        plain,
        *parts,
        Drawn("resnext, form (c)", "resnext", depth, path, grouped.keys),
    )


ORDER = ("first", "second", "third")
ENDS = ((0, "first"), (4, "last"))
ORDINARY = 16  # filters of the first stage of He et al.'s networks
EXHIBITS = {
    "residual": Exhibit(
        (
            *sizes(20, 32, 44, 56, 110, 1202),
            *sizes(20, 56, shortcut="B"),
            *sizes(20, 56, shortcut="C"),
            *sizes(56, shortcut="gated"),
            *sizes(56, block="single"),
        ),
        (
            *twins("residual", 20, "stages.1.1"),
            Drawn("residual, where the\nshape changes: option A", "residual", 20, "stages.1.0"),
        ),
    ),
    "bottleneck": Exhibit(
        (*sizes(29, 56, 83, 110, 164), *sizes(164, shortcut="B")),
        (
            *twins("bottleneck", 29, "stages.1.1"),
            Drawn(
                "bottleneck, where the\nshape changes: option B",
                "bottleneck",
                29,
                "stages.1.0",
                {"shortcut": "B"},
            ),
        ),
    ),
    "preact": Exhibit(
        (*sizes(20, 56, 110), *sizes(164, block="bottleneck")),
        (
            *twins("preact", 20, "stages.1.1"),
            Drawn("preact, the\nfirst block", "preact", 20, "stages.0.0"),
            Drawn(
                "preact, block=bottleneck,\nwhere the shape changes",
                "preact",
                29,
                "stages.1.0",
                {"block": "bottleneck"},
            ),
        ),
    ),
    "wide": Exhibit(
        (*sizes(16, widen=8), *sizes(28, widen=10), *sizes(40, widen=4)),
        (
            *twins("wide", 16, "stages.1.1", widen=8),
            Drawn("wide, the first block\n(widen=8)", "wide", 16, "stages.0.0", {"widen": 8}),
        ),
        note=filters,
    ),
    "resnext": Exhibit((*sizes(29), *sizes(29, cardinality=16)), forms(29, "stages.0.1"), note=paths),
    "inception_resnet": Exhibit(sizes(14, 26, 50), twins("inception_resnet", 26, "stages.1.1")),
    "stochastic_depth": Exhibit(
        sizes(110),
        (
            Drawn("residual", "residual", 20, "stages.1.1"),
            Drawn("stochastic_depth", "stochastic_depth", 20, "stages.1.1", times="× 0 or 1"),
            Drawn(
                "stochastic_depth, where\nthe shape changes",
                "stochastic_depth",
                20,
                "stages.1.0",
                times="× 0 or 1",
            ),
        ),
    ),
    "densenet": Exhibit(
        (
            *sizes(40),
            *sizes(100, block="bottleneck"),
            *sizes(190, block="bottleneck", width=40),
        ),
        twins("densenet", 13, "stages.0"),
    ),
    "fractalnet": Exhibit(
        sizes(20, 40),
        twins("fractalnet", 20, "stages.1.0", plus="mean"),
    ),
    "resnet_imagenet": Exhibit(
        (
            *sizes(18, 34, 50, 101, 152),
            *sizes(18, 34, shortcut="A"),
            *sizes(50, widen=2, stride_at="3x3"),
        ),
        (
            *twins("resnet_imagenet", 34, "stages.1.0"),
            Drawn("resnet_imagenet, 50 layers", "resnet_imagenet", 50, "stages.1.0"),
        ),
    ),
    "resnext_imagenet": Exhibit(sizes(50, 101, 152), twins("resnext_imagenet", 50, "stages.1.0")),
    "densenet_imagenet": Exhibit(
        (*sizes(121), *sizes(161, width=48), *sizes(169, 201)), twins("densenet_imagenet", 121, "stages.0.1")
    ),
    "squeezenet": Exhibit(
        tuple(size for one in ("v1.0", "torchvision", "v1.1", "cifar") for size in sizes(18, version=one)),
        (
            Drawn("the first fire module", "squeezenet", 18, "stages.0.1", {"version": "v1.0"}),
            Drawn("the last, after its pooling", "squeezenet", 18, "stages.2", {"version": "v1.0"}),
        ),
    ),
    "squeezenet_bypass": Exhibit(
        tuple(size for one in ("simple", "complex") for size in sizes(18, version="v1.0", shortcut=one)),
        (
            *twins("squeezenet_bypass", 18, "stages.0.2"),
            Drawn(
                "squeezenet_bypass, complex,\nwhere the maps get more",
                "squeezenet_bypass",
                18,
                "stages.1.1",
                {"shortcut": "complex"},
            ),
        ),
    ),
    "nin": Exhibit(
        sizes(9),
        tuple(
            Drawn(f"the {which} mlpconv", "nin", 9, f"stages.{place}") for place, which in enumerate(ORDER)
        ),
    ),
    "vgg": Exhibit(
        (
            *sizes(11, 13, 16, 19),
            *sizes(11, 13, 16, 19, batch_norm=True),
            *sizes(11, 13, 16, 19, version="cifar"),
        ),
        (
            *(Drawn(f"vgg-16, the {which} stage", "vgg", 16, f"stages.{place}") for place, which in ENDS),
            Drawn("vgg-16 with BN,\nthe last stage", "vgg", 16, "stages.4", {"batch_norm": True}),
        ),
    ),
    "alexnet": Exhibit(
        sizes(8),
        tuple(
            Drawn(f"the {which} stage", "alexnet", 8, f"stages.{place}") for place, which in enumerate(ORDER)
        ),
    ),
}
