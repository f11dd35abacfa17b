"""What is known of a family of networks without building one: depths, keys, shortcuts, plain twin."""

from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from degradation.errors import BadRequest
from degradation.families.depths import COUNTS, Depths, Keys

# What the plain twin is, by the shortcut that it lacks. `exact`: the same parameters, bitwise the same
# initial values; `subset`: it lacks the shortcuts' parameters, all others equal; `matched`: shapes differ.
KINDS = {
    **dict.fromkeys(("none", "A", "pooled", "dropout", "simple"), "exact"),
    **dict.fromkeys(("B", "C", "gated", "exclusive", "columns", "complex"), "subset"),
    "dense": "matched",
}


@dataclass(frozen=True)
class Key:
    """A config key (`model.<name>`) that not every family takes.

    Attributes:
        own: the value that null stands for; None: null is the published network, and stands in no record.
        choices: the values that it may take; empty: a number from `low` to `high`.
        many: it is a list of such numbers.
    """

    own: Any
    choices: tuple[Any, ...] = ()
    low: float = 1
    high: float = 4096
    many: bool = False

    def check(self, name: str, value: Any) -> None:
        """Raises:
        BadRequest: the value is none of those that the key takes.
        """
        if value is None:
            return
        if self.choices and value not in self.choices:
            null = "; null is the published network" if self.own is None else ""
            right = ("only " if len(self.choices) == 1 else "one of ") + ", ".join(map(str, self.choices))
            raise BadRequest(f"model.{name}={value}: {right}{null}")
        numbers = value if self.many else [value]
        if not self.choices and not (numbers and all(self.low <= one <= self.high for one in numbers)):
            what = "a list of numbers, each " if self.many else ""
            raise BadRequest(f"model.{name}={value}: {what}from {self.low:g} to {self.high:g}")


@dataclass(frozen=True)
class Family:
    """What is known of a family without building a network.

    Attributes:
        builder: "module:function"; called with `depth`, `width`, `shortcut`, `num_classes`, `in_channels` and
            the family's own keys.
        depths: own keys -> the depths that there are.
        shortcuts: own keys -> the values that `shortcut` may take, the family's own first.
        twin: name of the plain twin; None: it can't have one, or the question makes no sense for it.
        width: what `width` is where it is null: filters of the first stage.
        keys: the keys of its own.
        least_size: own keys -> the smallest images, in pixels.
        size: the images that its paper builds it for.
        beside: where there is no twin: the family that is held against it in the twin's place, if any.
    """

    name: str
    builder: str
    depths: Callable[[Keys], Depths]
    shortcuts: Callable[[Keys], tuple[str, ...]]
    twin: str | None
    width: int = 16
    keys: Mapping[str, Key] = field(default_factory=dict)
    least_size: Callable[[Keys], int] = lambda keys: 1
    size: int = 32
    beside: str = ""

    def resolve(self, given: Keys) -> dict[str, Any]:
        """The family's own keys, with its own values for those that are absent or None.

        Raises:
            BadRequest: a key that the family does not take, or a value that the key doesn't.
        """
        for name, value in given.items():
            if value is not None and name not in self.keys:
                takes = f"; they take {', '.join(self.keys)}" if self.keys else ""
                raise BadRequest(f"model.{name}={value}: {self.name} networks don't take this key{takes}")
        values = {}
        for name, key in self.keys.items():
            value = given.get(name)
            values[name] = key.own if value is None else value
            key.check(name, values[name])
        return values

    def shortcut(self, value: str | None, keys: Keys | None = None) -> str:
        """The shortcut that `value` stands for: None is the family's own.

        Raises:
            BadRequest: the family does not take that shortcut.
        """
        options = self.shortcuts(self.resolve(keys or {}))
        if value is None:
            return options[0]
        if value not in options:
            raise BadRequest(f"model.shortcut={value}: {self.name} networks take {' or '.join(options)}")
        return value

    def kind(self, shortcut: str) -> str:
        """What the plain twin of a network with this shortcut is: one of `KINDS`' values, or `none`."""
        return KINDS.get(shortcut, "none") if self.twin else "none"

    def check_depth(self, depth: int, keys: Keys | None = None) -> None:
        """Raises:
        BadRequest: the family has no such depth; names the nearest that it has.
        """
        own = self.resolve(keys or {})
        depths = self.depths(own)
        if depth in depths.values:
            return
        if own.get(COUNTS):
            raise BadRequest(
                f"model.depth={depth}: {self.name} networks of {list(own[COUNTS])} blocks have "
                f"{depths.formula} layers (model.{COUNTS})"
            )
        place = bisect(depths.values, depth)
        nearest = " and ".join(str(one) for one in depths.values[max(place - 1, 0) : place + 1])
        raise BadRequest(
            f"model.depth={depth}: {self.name} networks have {depths.formula} layers, the nearest: {nearest}"
        )

    def check_size(self, size: int, keys: Keys | None = None) -> None:
        """Raises:
        BadRequest: images of so many pixels are too small.
        """
        least = self.least_size(self.resolve(keys or {}))
        if size < least:
            raise BadRequest(
                f"data.size={size}: {self.name} networks halve images too often; at least {least}"
            )
