"""The depths that families have: formulas, lists, and what blocks of so many layers add up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEEPEST = 100_000
COUNTS = "blocks_per_stage"  # the key that says how many blocks each stage has; null: as many in each
Keys = Mapping[str, Any]


@dataclass(frozen=True)
class Depths:
    """The depths that a family has, ascending, and the formula that says them."""

    formula: str
    values: Sequence[int]


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


def stacked(
    layers: Callable[[Keys], int],
    rest: Callable[[int], int] = lambda stages: 2,
    otherwise: Callable[[Keys], Depths] | None = None,
) -> Callable[[Keys], Depths]:
    """The rule of networks that are stages of blocks.

    Args:
        layers: own keys -> the layers of a block.
        rest: how many stages -> the layers outside of blocks; the stem and the linear layer are 2.
        otherwise: the rule where `blocks_per_stage` is null; None: as many blocks in each of three stages.
    """

    def depths(keys: Keys) -> Depths:
        counts = keys.get(COUNTS)
        if counts:
            return listed(layers(keys) * sum(counts) + rest(len(counts)))
        return otherwise(keys) if otherwise else arithmetic(3 * layers(keys), rest(3))

    return depths
