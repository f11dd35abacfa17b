"""The networks. `build_model("residual", depth=56, shortcut="A")` makes one."""

import importlib
from typing import Any

from torch import nn

from degradation.families import FAMILIES, family

__all__ = ["FAMILIES", "build_model"]


def build_model(
    name: str,
    *,
    depth: int,
    width: int = 16,
    shortcut: str | None = None,
    num_classes: int = 10,
    in_channels: int = 3,
) -> nn.Module:
    """Build a network; its initial values are drawn from torch's global generator.

    Args:
        name: a key of `FAMILIES`.
        depth: number of weighted layers.
        width: filters of the first stage (the paper's 16).
        shortcut: `none`, `A`, `B` or `C`; None is the family's own.

    Returns:
        A module (batch, in_channels, height, width) -> (batch, num_classes), any height and width.

    Raises:
        ValueError: unknown family, a depth that it does not have (the nearest are named), a shortcut that
            it does not take, or a number below 1.
    """
    rules = family(name)
    rules.check_depth(depth)
    numbers: dict[str, Any] = {"width": width, "num_classes": num_classes, "in_channels": in_channels}
    for key, value in numbers.items():
        if value < 1:
            raise ValueError(f"{key}={value}: at least 1")
    module, function = rules.builder.split(":")
    network = getattr(importlib.import_module(module), function)(
        depth=depth, shortcut=rules.shortcut(shortcut), **numbers
    )
    assert isinstance(network, nn.Module)
    return network
