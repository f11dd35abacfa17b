"""What might rescue a plain network, or a residual one without BN: one change of the network each.

null is the network of the paper; such a key stands in no record, and enters no name.
"""

from collections.abc import Mapping
from typing import Any

from degradation.errors import BadRequest

FAMILIES = ("plain", "residual")
KEYS = ("init", "skip_scale", "norm", "gate_bias")
GATES = ("gated", "exclusive")  # the shortcuts that have one
INITS = ("orthogonal", "looks_linear", "dirac", "lsuv", "small_linear", "zero_last_bn")  # null: He normal

NORMS = ("none", "skipinit", "fixup")  # null: BN


def check(
    family: str,
    shortcut: str | None,
    blocks: Mapping[str, Any],
    *,
    init: str | None,
    skip_scale: float | None,
    norm: str | None,
    gate_bias: float | None,
    width: int | None,
) -> None:
    """Check the ladder's keys, and what they say together with the network's.

    Args:
        blocks: the family's own keys.

    Raises:
        BadRequest: the family does not take the key, or the key the value.
    """
    given = {"init": init, "skip_scale": skip_scale, "norm": norm, "gate_bias": gate_bias}
    for key, value in given.items():
        if value is not None and family not in FAMILIES:
            raise BadRequest(f"model.{key}={value}: only {' and '.join(FAMILIES)} networks take this key")
    if init is not None and init not in INITS:
        raise BadRequest(f"model.init={init}: one of {', '.join(INITS)}; null is He normal")
    if init == "zero_last_bn" and family == "plain":
        raise BadRequest("model.init=zero_last_bn: without shortcuts nothing passes such a block")
    if init == "looks_linear" and width is not None and width % 2:
        raise BadRequest(f"model.width={width}: model.init=looks_linear mirrors one half of the filters")
    if skip_scale is not None and family == "plain":
        raise BadRequest(f"model.skip_scale={skip_scale}: plain networks have no shortcut to scale")
    if skip_scale is not None and not 0 <= skip_scale <= 1:
        raise BadRequest(f"model.skip_scale={skip_scale}: from 0 to 1")
    if norm is not None and norm not in NORMS:
        raise BadRequest(f"model.norm={norm}: one of {', '.join(NORMS)}; null is batch normalisation")
    if norm in ("skipinit", "fixup") and family == "plain":
        raise BadRequest(f"model.norm={norm}: without shortcuts nothing passes a branch that begins as 0")
    other = [f"model.{key}={value}" for key, value in blocks.items() if value is not None]
    if norm is not None and (other or shortcut not in (None, "none", "A", "B", "C")):
        why = f"not beside {other[0] if other else f'model.shortcut={shortcut}'}"
        raise BadRequest(f"model.norm={norm}: {why}: networks without BN have blocks of two layers")
    if gate_bias is not None and shortcut not in GATES:
        raise BadRequest(f"model.gate_bias={gate_bias}: only model.shortcut={' or '.join(GATES)} has gates")
    if gate_bias is not None and not -20 <= gate_bias <= 20:
        raise BadRequest(f"model.gate_bias={gate_bias}: from -20 to 20")
    if init is not None and (norm == "fixup" or (norm is not None and init == "zero_last_bn")):
        raise BadRequest(f"model.init={init}: model.norm={norm} has initial values of its own, or no BN")
