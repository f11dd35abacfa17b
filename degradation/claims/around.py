"""Claims on what lies around a block's layers: which shortcut, what in its way, where BN and ReLU stand."""

from degradation.claims.claim import NEVER, Claim, Errors, Group

SHORTCUTS_REPORT, GATES_REPORT, FORMS_REPORT = "shortcuts_cifar10", "gates_cifar10", "forms_cifar10"
NONE, A, B, C, SINGLE = (
    "plain-56",
    "residual-56",
    "residual-56 (shortcut=B)",
    "residual-56 (shortcut=C)",
    "residual-56 (block=single)",
)
TABLE_3, TABLE_1, FIG_4 = (
    "He et al. 2015, section 4.1, Table 3",
    "He et al. 2016, section 3.1, Table 1",
    "He et al. 2016, section 4.1, Fig. 4, Table 2",
)


def _shortcuts(*more: str, less: tuple[str, ...]) -> Errors:
    return Errors(SHORTCUTS_REPORT, more, less)


SHORTCUTS = Group(
    "Which shortcut",
    (f"python scripts/train.py -m experiment={SHORTCUTS_REPORT}",),
    (
        Claim(
            "Each of the shortcuts A, B and C is better than none.",
            TABLE_3,
            tuple(_shortcuts(NONE, less=(one,)) for one in (A, B, C)),
        ),
        Claim("B is better than A.", TABLE_3, (_shortcuts(A, less=(B,)),)),
        Claim("C is better than B.", TABLE_3, (_shortcuts(B, less=(C,)),)),
        Claim(
            "Projections aren't essential: C adds less to A than A does to none.",
            TABLE_3,
            (_shortcuts(NONE, C, less=(A, A)),),
        ),
        Claim(
            "Around a single layer, y = W1 x + x, a shortcut is no advantage.",
            "He et al. 2015, section 3.2",
            (_shortcuts(NONE, less=(SINGLE,)),),
            low=NEVER,
            high=0.0,
        ),
    ),
)


def _gate(option: str, bias: int) -> str:
    return f"residual-110 (gate_bias={bias}, shortcut={option})"


IDENTITY = "residual-110"


def _worse(says: str, network: str, than: str = IDENTITY, why: str = "") -> Claim:
    return Claim(says, TABLE_1, (Errors(GATES_REPORT, (network,), (than,)),), why=why)


GATES = Group(
    "Whether a shortcut has to be the identity",
    (f"python scripts/train.py -m experiment={GATES_REPORT}",),
    (
        Claim(
            "With a warm-up 110 layers train if they have shortcuts, better than without.",
            "He et al. 2015, section 4.2",
            (Errors(GATES_REPORT, ("plain-110",), (IDENTITY,)),),
        ),
        _worse("Scaled by a half it is worse than the identity.", "residual-110 (skip_scale=0.5)"),
        _worse("1x1 convolutions in 110 layers are worse.", "residual-110 (shortcut=C)"),
        _worse("Dropout on it is worse.", "residual-110 (shortcut=dropout)"),
        _worse("Gates that begin half open are worse.", _gate("gated", 0)),
        _worse(
            "The more open gates begin, the better: at -6 better than at 0.",
            _gate("gated", 0),
            than=_gate("gated", -6),
        ),
        _worse("Exclusive gates that begin half open are worse.", _gate("exclusive", 0)),
        _worse(
            "So are those that begin open.",
            _gate("exclusive", -6),
            why="They all but shut the branches, so the network begins near the identity. What that costs in "
            "the end, 520 steps don't say.",
        ),
    ),
)
ORIGINAL = "preact-110 (form=original)"


def _form(says: str, more: str, less: str, low: float = 0.0, high: float = float("inf")) -> Claim:
    return Claim(says, FIG_4, (Errors(FORMS_REPORT, (more,), (less,)),), low=low, high=high)


FORMS = Group(
    "Where BN and ReLU belong",
    (f"python scripts/train.py -m experiment={FORMS_REPORT}",),
    (
        _form(
            "BN after the addition is worse than the original.",
            "preact-110 (form=bn_after_addition)",
            ORIGINAL,
        ),
        _form(
            "ReLU before the addition is worse than the original.",
            "preact-110 (form=relu_before_addition)",
            ORIGINAL,
        ),
        _form(
            "ReLU-only pre-activation is much as the original: within two points.",
            "preact-110 (form=relu_only)",
            ORIGINAL,
            low=-2.0,
            high=2.0,
        ),
        _form("Full pre-activation is better than the original.", ORIGINAL, "preact-110"),
    ),
)
