"""All families of networks. One that is registered here is tested by that alone (tests/test_families.py)."""

from collections.abc import Callable
from typing import Any

from degradation.errors import BadRequest
from degradation.families.family import Depths, Family, Key, Keys

DEEPEST = 100_000


def arithmetic(step: int, offset: int) -> Depths:
    """step * n + offset layers, n from 1."""
    return Depths(f"{step}n+{offset}", range(step + offset, DEEPEST, step))


def listed(*values: int) -> Depths:
    return Depths(
        ", ".join(str(one) for one in values[:-1]) + " or " * (len(values) > 1) + str(values[-1]), values
    )


def doubled(base: int) -> Depths:
    """base * 2^m layers, m from 0."""
    return Depths(f"{base} times a power of two", [base * 2**m for m in range(12)])


def pair(
    name: str,
    builder: str,
    depths: Callable[[Keys], Depths],
    *options: str,
    twin: str | None = None,
    **more: Any,
) -> list[Family]:
    """A family and its plain twin, which is the same builder's network with `shortcut="none"`.

    Args:
        options: the shortcuts that the family takes, its own first.
        twin: the plain twin's name where it isn't `plain_<name>`.
        more: further attributes of `Family`.
    """
    twin = twin or f"plain_{name}"
    more.setdefault("shortcuts", lambda keys: options)
    plain = {**more, "shortcuts": lambda keys: ("none",)}
    builder = f"degradation.models.{builder}"
    return [
        Family(twin, builder, depths, twin=twin, **plain),
        Family(name, builder, depths, twin=twin, **more),
    ]


def alone(name: str, builder: str, depths: Depths, *options: str, **more: Any) -> list[Family]:
    """A family without a plain twin."""
    builder = f"degradation.models.{builder}"
    return [Family(name, builder, lambda keys: depths, lambda keys: options, twin=None, **more)]


BLOCK = Key("basic", choices=("basic", "bottleneck"))
STRIDE_AT = Key("1x1", choices=("1x1", "3x3"))


def by_block(basic: Any, bottleneck: Any) -> Callable[[Keys], Any]:
    """A rule that depends on `model.block`."""
    return lambda keys: bottleneck if keys["block"] == "bottleneck" else basic


FAMILIES = {
    family.name: family
    for family in [
        *pair("residual", "cifar:residual", lambda keys: arithmetic(6, 2), *("A", "B", "C"), twin="plain"),
        *pair(
            "bottleneck",
            "cifar:bottleneck",
            lambda keys: arithmetic(9, 2),
            *("A", "B", "C"),
            keys={"stride_at": STRIDE_AT},
        ),
        *pair(
            "preact",
            "preact:preact",
            by_block(arithmetic(6, 2), arithmetic(9, 2)),
            keys={"block": BLOCK},
            shortcuts=by_block(("A", "B", "C"), ("B", "A", "C")),
        ),
        *pair("wide", "preact:wide", lambda keys: arithmetic(6, 4), "B", "A", "C", keys={"widen": Key(8)}),
        *pair(
            "resnext",
            "resnext:resnext",
            lambda keys: arithmetic(9, 2),
            *("B", "A", "C"),
            width=64,
            keys={
                "cardinality": Key(8),
                "base_width": Key(64),
                "form": Key("c", choices=("a", "b", "c")),
            },
        ),
        *pair(
            "inception_resnet",
            "inception_resnet:inception_resnet",
            lambda keys: arithmetic(12, 2),
            "A",
            "B",
            "C",
        ),
        *alone(
            "stochastic_depth",
            "stochastic_depth:stochastic_depth",
            arithmetic(6, 2),
            *("pooled", "A", "B", "C"),
            keys={"survival": Key(0.5, low=0.0, high=1.0)},
        ),
        *pair(
            "densenet",
            "densenet:densenet",
            by_block(arithmetic(3, 4), arithmetic(6, 4)),
            "dense",
            width=12,
            keys={"block": BLOCK},
            least_size=lambda keys: 4,
        ),
        *pair(
            "fractalnet",
            "fractalnet:fractalnet",
            lambda keys: doubled(keys["blocks"]),
            "columns",
            width=64,
            keys={"blocks": Key(5, high=8), "drop_path": Key(0.15, low=0.0, high=0.99)},
            least_size=lambda keys: 2 ** keys["blocks"],
        ),
        *pair(
            "resnet_imagenet",
            "imagenet:resnet",
            lambda keys: listed(18, 34, 50, 101, 152),
            *("B", "A", "C"),
            width=64,
            size=224,
            keys={"stride_at": STRIDE_AT, "widen": Key(1)},
        ),
        *pair(
            "resnext_imagenet",
            "imagenet:resnext",
            lambda keys: listed(50, 101, 152),
            *("B", "A", "C"),
            width=64,
            size=224,
            keys={"cardinality": Key(32), "base_width": Key(4)},
        ),
        *pair(
            "densenet_imagenet",
            "densenet:densenet_imagenet",
            lambda keys: listed(121, 161, 169, 201),
            "dense",
            width=32,
            size=224,
            least_size=lambda keys: 29,
        ),
        *pair(
            "squeezenet_bypass",
            "squeezenet:squeezenet",
            lambda keys: listed(18),
            *("simple", "complex"),
            twin="squeezenet",
            size=224,
            keys={"version": Key("v1.1", choices=("v1.0", "v1.1", "torchvision", "cifar"))},
            least_size=lambda keys: {"v1.0": 21, "torchvision": 21, "v1.1": 17, "cifar": 4}[keys["version"]],
        ),
        *alone("nin", "nin:nin", listed(9), "none", width=32, least_size=lambda keys: 4),
        *alone(
            "vgg",
            "vgg:vgg",
            listed(11, 13, 16, 19),
            "none",
            width=64,
            size=224,
            keys={
                "version": Key("imagenet", choices=("imagenet", "cifar")),
                "batch_norm": Key(False, choices=(False, True)),
            },
            least_size=lambda keys: {"imagenet": 32, "cifar": 1}[keys["version"]],
        ),
        *alone(
            "alexnet",
            "alexnet:alexnet",
            listed(8),
            "none",
            width=64,
            size=224,
            least_size=lambda keys: 63,
        ),
    ]
}
OWN_KEYS = tuple(dict.fromkeys(name for family in FAMILIES.values() for name in family.keys))


def family(name: str) -> Family:
    """Look a family up by its name.

    Raises:
        BadRequest: there is no such family.
    """
    if name == "plain_stochastic_depth":
        raise BadRequest(
            f"model.family={name}: a plain network can't drop blocks: without a shortcut nothing passes a "
            "dropped one; compare stochastic_depth with residual"
        )
    if name not in FAMILIES:
        raise BadRequest(f"model.family={name}: not one of {', '.join(FAMILIES)}")
    return FAMILIES[name]
