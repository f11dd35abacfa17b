"""Checks of values, each with a message that says what would be right."""

import ctypes
import dataclasses
import math
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

from degradation.errors import BadRequest

LARGEST_EXACT = 2**53  # up to here every whole number is a float


def at_least(key: str, value: float | None, low: int) -> None:
    if value is None or value < low:
        raise BadRequest(f"{key}={value}: at least {low}")


def whole(key: str, value: object, low: int) -> None:
    """The same of a value whose type nothing has checked."""
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise BadRequest(f"{key}={value}: a whole number, at least {low}")


def above(key: str, value: float, low: float) -> None:
    if not (value > low and math.isfinite(value)):
        raise BadRequest(f"{key}={value}: a finite number above {low}")


def between(key: str, value: float | None, low: float, high: float) -> None:
    if value is None or not low <= value <= high:
        raise BadRequest(f"{key}={value}: " + (f"only {low}" if low == high else f"from {low} to {high}"))


def one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadRequest(
            f"{key}={value}: " + ("only " if len(allowed) == 1 else "one of ") + ", ".join(allowed)
        )


def possible(accelerator: str) -> None:
    """Refuse, before torch is imported, an accelerator that this machine can't have."""
    impossible = accelerator == "mps" and sys.platform != "darwin"
    if accelerator in ("cuda", "gpu") and sys.platform == "linux":
        try:
            ctypes.CDLL("libcuda.so.1")  # the driver's own library
        except OSError:
            impossible = True
    if impossible:
        raise BadRequest(
            f"trainer.accelerator={accelerator}: this machine does not have it; auto takes what it has"
        )


def number(key: str, value: float) -> float:
    """One form of equal numbers, so that one setting has one name: 0, 0.0 and -0.0 are 0, 1e0 is 1."""
    try:
        real = float(value)
    except OverflowError:
        raise BadRequest(f"{key}={value}: too large a number") from None
    return int(real) if real.is_integer() and abs(real) < LARGEST_EXACT else real


def fill(kind: type, tree: Any, prefix: str = "") -> Any:
    """Make the dataclass `kind` from a mapping, key by key.

    Raises:
        BadRequest: a key is unknown or missing, or a value has the wrong type.
    """
    if not isinstance(tree, Mapping):
        raise BadRequest(f"{prefix.rstrip('.')}={tree}: a group of keys belongs here")
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in tree:
        if key not in fields:
            raise BadRequest(f"{prefix}{key}: no such key; there are {', '.join(prefix + f for f in fields)}")
    values = {}
    for name, field in fields.items():
        if name in tree:
            values[name] = _value(hints[name], tree[name], f"{prefix}{name}")
        elif field.default is dataclasses.MISSING:
            raise BadRequest(f"{prefix}{name}: missing")
    return kind(**values)


def _value(kind: Any, value: Any, key: str) -> Any:
    """Check one value against its type hint; an int does for a float, a bool never for an int."""
    if dataclasses.is_dataclass(kind):
        return fill(typing.cast(type, kind), value, f"{key}.")
    if isinstance(kind, types.UnionType):
        if value is None:
            return None
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if typing.get_origin(kind) is tuple:
        part = typing.get_args(kind)[0]
        if not isinstance(value, list | tuple):
            such = "[3,3,3]" if part is int else "[0.5,0.75]"
            raise BadRequest(f"{key}={value}: a list, such as {such}")
        return tuple(_value(part, item, key) for item in value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return number(key, value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        words = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
        raise BadRequest(f"{key}={value}: {words[kind]} belongs here")
    return value


def all_keys(kind: Any, prefix: str = "") -> list[str]:
    """The keys of a dataclass of dataclasses, dotted."""
    found = []
    for name, hint in typing.get_type_hints(kind).items():
        found += all_keys(hint, f"{prefix}{name}.") if dataclasses.is_dataclass(hint) else [prefix + name]
    return found
