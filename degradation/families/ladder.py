"""What might rescue a plain network, or a residual one without BN: one change of the network each.

null is the network of the paper; such a key stands in no record, and enters no name.
"""

from degradation.errors import BadRequest

FAMILIES = ("plain", "residual")
KEYS = ("init", "skip_scale", "norm")
INITS = ("orthogonal", "looks_linear", "dirac", "lsuv", "zero_last_bn")  # null: He normal

NORMS = ("none", "skipinit", "fixup")  # null: BN


def check(
    family: str, init: str | None, skip_scale: float | None, norm: str | None, width: int | None
) -> None:
    """Raises:
    BadRequest: the family does not take the key, or the key the value.
    """
    for key, value in (("init", init), ("skip_scale", skip_scale), ("norm", norm)):
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
    if init is not None and (norm == "fixup" or (norm is not None and init == "zero_last_bn")):
        raise BadRequest(f"model.init={init}: model.norm={norm} has initial values of its own, or no BN")
