"""What networks are called in words and pictures."""

import re

GROUPS = "model|optimizer|schedule|train"  # of keys; `data.size` would be hard to read without its own


def label(family: str, variant: str, depth: int | None = None) -> str:
    """`plain-56`, `residual-56 (shortcut=B)`: without a depth the whole line of networks.

    Args:
        variant: what a run's name holds, such as `model.shortcut=B,optimizer.lr=0.1`; empty for none.
    """
    name = family if depth is None else f"{family}-{depth}"
    return f"{name} ({short(variant)})" if variant else name


def short(variant: str) -> str:
    """A variant without the groups of its keys, which only a command needs: `shortcut=B, lr=0.1`.

    Adam at the beta 2 that it was published with is `Adam`.
    """
    spaced = re.sub(r",(?=[\w.]+=)", ", ", variant)
    ungrouped = re.sub(rf"(^|, )({GROUPS})\.(?=[\w.]+=)", r"\1", spaced)
    return re.sub(r"(^|, )adam=0\.999(?=,|$)", r"\1Adam", ungrouped)
