"""The networks: `build_model("residual", depth=56, shortcut="A")` makes one.

    family, depth and the family's keys -> a Module, (batch, channels, height, width) -> (batch, classes)

Read `blocks.py` (a block), `shortcuts.py` (what goes around it), `cifar.py` (the paper's networks of them),
`forms.py` (other places of BN and ReLU), then the family in question, a file each; `imagenet.py` holds those
of large images. `initial.py` gives initial values, `given.py` those of a file, `draws.py` random numbers in
training, `dropped.py` leaves layers out of a step, `count.py` counts parameters and operations, `layers.py`
the same layer by layer with what each sees of the image, `signals.py` measures responses and gradients.
"""

import importlib
from typing import Any

from torch import nn

from degradation.families.catalog import FAMILIES, family

__all__ = ["FAMILIES", "build_model"]


def build_model(
    name: str,
    *,
    depth: int,
    width: int | None = None,
    shortcut: str | None = None,
    num_classes: int = 10,
    in_channels: int = 3,
    **keys: Any,
) -> nn.Module:
    """Build a network; its initial values are drawn from torch's global generator.

    Args:
        name: a key of `FAMILIES`.
        depth: number of weighted layers.
        width: filters of the first stage (the paper's 16); None is the family's own.
        shortcut: `none`, `A`, `B`, `C` or what else the family takes; None is its own.
        keys: those that the family takes beside, such as `block="bottleneck"`; see `FAMILIES[name].keys`.

    Returns:
        A module (batch, in_channels, height, width) -> (batch, num_classes), any height and width from
        `FAMILIES[name].least_size` on.

    Raises:
        ValueError: unknown family, a depth that it does not have (the nearest are named), a shortcut or a key
            that it does not take, or a number below 1.
    """
    rules = family(name)
    own = rules.resolve(keys)
    rules.check_depth(depth, own)
    width = rules.width if width is None else width
    numbers: dict[str, Any] = {"width": width, "num_classes": num_classes, "in_channels": in_channels}
    for key, value in numbers.items():
        if value < 1:
            raise ValueError(f"{key}={value}: at least 1")
    module, function = rules.builder.split(":")
    network = getattr(importlib.import_module(module), function)(
        depth=depth, shortcut=rules.shortcut(shortcut, own), **numbers, **own
    )
    assert isinstance(network, nn.Module)
    return network
