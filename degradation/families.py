"""The families of networks: depth rule, allowed keys, plain twin, and the dotted path of the builder."""

from dataclasses import dataclass, field

from degradation.errors import BadRequest


@dataclass(frozen=True)
class Family:
    """What is known of a family without building a network.

    Attributes:
        builder: "module:class"; called with `depth` and the family's keys.
        shortcuts: the values that `shortcut` may take, the family's own first.
        twin: name of the plain twin.
        pair: for each shortcut, what that twin is: `exact` (same parameters, bitwise the same initial
            values), `subset` (it lacks the shortcuts' parameters), `matched` or `none`.
    """

    name: str
    builder: str
    shortcuts: tuple[str, ...]
    twin: str
    pair: dict[str, str] = field(default_factory=dict)

    def shortcut(self, value: str | None) -> str:
        """The shortcut that `value` stands for: None is the family's own.

        Raises:
            BadRequest: the family does not take that shortcut.
        """
        if value is None:
            return self.shortcuts[0]
        if value not in self.shortcuts:
            raise BadRequest(
                f"model.shortcut={value}: {self.name} networks take {' or '.join(self.shortcuts)}"
            )
        return value

    def check_depth(self, depth: int) -> int:
        """Return n of depth = 6n + 2 (section 4.2).

        Raises:
            BadRequest: the family has no such depth; names the nearest that it has.
        """
        if depth >= 8 and depth % 6 == 2:
            return (depth - 2) // 6
        below = 6 * ((depth - 2) // 6) + 2
        nearest = f"{below} and {below + 6}" if below >= 8 else "8"
        raise BadRequest(
            f"model.depth={depth}: {self.name} networks have 6n+2 layers, the nearest: {nearest}"
        )


FAMILIES = {
    family.name: family
    for family in (
        Family("plain", "degradation.models.cifar:CifarNet", ("none",), "plain", {"none": "exact"}),
        Family(
            "residual",
            "degradation.models.cifar:CifarNet",
            ("A", "B", "C"),
            "plain",
            {"A": "exact", "B": "subset", "C": "subset"},
        ),
    )
}


def family(name: str) -> Family:
    """Look a family up by its name.

    Raises:
        BadRequest: there is no such family.
    """
    if name not in FAMILIES:
        raise BadRequest(f"model.family={name}: not one of {', '.join(FAMILIES)}")
    return FAMILIES[name]
