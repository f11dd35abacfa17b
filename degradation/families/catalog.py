"""All families of networks. One that is registered here is tested by that alone (tests/test_families.py)."""

from collections.abc import Callable
from typing import Any

from degradation.errors import BadRequest
from degradation.families.depths import COUNTS, Depths, Keys, arithmetic, doubled, listed, stacked
from degradation.families.family import Family, Key


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


# The places of BN and ReLU in He et al. 2016, Fig. 4, a to d; null is e, full pre-activation.
FORMS = ("original", "bn_after_addition", "relu_before_addition", "relu_only")
STAGES = {COUNTS: Key(None, many=True)}
MODIFIED = ("gated", "exclusive", "dropout")  # shortcuts of He et al. 2016, Table 1


def by_block(basic: Any, bottleneck: Any) -> Callable[[Keys], Any]:
    """A rule that depends on `model.block`."""
    return lambda keys: bottleneck if keys["block"] == "bottleneck" else basic


def resnet_imagenet(keys: Keys) -> Depths:
    """Where no counts are given the depth says which block a network has."""
    if keys["block"] is not None:
        raise BadRequest(f"model.block={keys['block']}: the depth says it, but with model.{COUNTS}")
    return listed(18, 34, 50, 101, 152)


FAMILIES = {
    family.name: family
    for family in [
        *pair(
            "residual",
            "cifar:residual",
            stacked(lambda keys: 1 if keys["block"] == "single" else 2),
            twin="plain",
            shortcuts=lambda keys: ("A", "B", "C", *(() if keys["block"] == "single" else MODIFIED)),
            keys={"block": Key(None, choices=("single",)), **STAGES},
        ),
        *pair(
            "bottleneck",
            "cifar:bottleneck",
            stacked(lambda keys: 3),
            *("A", "B", "C"),
            keys={"stride_at": STRIDE_AT, **STAGES},
        ),
        *pair(
            "preact",
            "preact:preact",
            stacked(by_block(2, 3)),
            keys={"block": BLOCK, "form": Key(None, choices=FORMS), **STAGES},
            shortcuts=by_block(("A", "B", "C"), ("B", "A", "C")),
        ),
        *pair(
            "wide",
            "preact:wide",
            stacked(lambda keys: 2, rest=lambda stages: 1 + stages),
            *("B", "A", "C"),
            keys={"widen": Key(8), **STAGES},
        ),
        *pair(
            "resnext",
            "resnext:resnext",
            stacked(lambda keys: 3),
            *("B", "A", "C"),
            width=64,
            keys={
                "cardinality": Key(8),
                "base_width": Key(64),
                "form": Key("c", choices=("a", "b", "c")),
                **STAGES,
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
            beside="residual",
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
            stacked(by_block(2, 3), otherwise=resnet_imagenet),
            *("B", "A", "C"),
            width=64,
            size=224,
            keys={
                "stride_at": STRIDE_AT,
                "widen": Key(1),
                "block": Key(None, choices=("basic", "bottleneck")),
                **STAGES,
            },
        ),
        *pair(
            "resnext_imagenet",
            "imagenet:resnext",
            stacked(lambda keys: 3, otherwise=lambda keys: listed(50, 101, 152)),
            *("B", "A", "C"),
            width=64,
            size=224,
            keys={"cardinality": Key(32), "base_width": Key(4), **STAGES},
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


def own(name: str) -> str:
    """The family that a plain twin is of, the first where it is of several; any other name as it is."""
    return next((one.name for one in FAMILIES.values() if one.twin == name and one.name != name), name)
