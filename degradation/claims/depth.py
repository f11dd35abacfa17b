"""Claims on what depth does to training, and why."""

from degradation.claims.claim import NEVER, Claim, Errors, Group, Why, deep_minus_shallow

FIGURES = ("long_cifar10", "cifar10", "cifar10_small", "shapes_seeds")
SLOPE = "gradient norm, first quarter of the layers over the last (log10)"


def _in_each(family: str, measure: str = "train_error") -> tuple[Errors, ...]:
    return tuple(deep_minus_shallow(report, family, measure=measure) for report in FIGURES)


DEPTH = Group(
    "What depth does",
    tuple(f"python scripts/train.py -m experiment={name}" for name in FIGURES),
    (
        Claim(
            "A deeper plain network has the higher training error.",
            "He et al. 2015, section 1, Fig. 1; lecture 9",
            _in_each("plain"),
        ),
        Claim(
            "So it is no overfitting: where the training error is higher, the test error is too.",
            "He et al. 2015, section 1; lecture 9",
            _in_each("plain", "test_error"),
        ),
        Claim(
            "With shortcuts the deeper network has the lower training error.",
            "He et al. 2015, section 4.2, Fig. 6",
            _in_each("residual"),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "With shortcuts the deeper network has the lower test error.",
            "He et al. 2015, section 4.2, Table 6",
            _in_each("residual", "test_error"),
            low=NEVER,
            high=0.0,
            why="Depth pays after many steps: of 164 epochs, `cifar10` trains 20, `cifar10_small` 3.",
        ),
        Claim(
            "Depth costs a plain network more than one with shortcuts.",
            "He et al. 2015, sections 1 and 4",
            tuple(
                Errors(report, ("plain-56", "residual-20"), ("plain-20", "residual-56")) for report in FIGURES
            ),
        ),
        Claim(
            "Beyond 1,000 layers the training error stays low and the test error rises.",
            "He et al. 2015, section 4.2",
            (),
            why="ResNet-1202 takes 23 times the operations of ResNet-56: too many for two CPU cores.",
        ),
    ),
)
LOOKED_INTO = ("why_cifar10", "why_shapes")
ENDED = ("long_cifar10", *LOOKED_INTO)  # whose networks are asked at their end
RATE = "rate b of error ~ steps^-b, at the first learning rate"
WITNESS = "error of the witness minus the shallow network's (points)"
START, LATER = "initialisation", "the first look after the start"


def _why(
    analysis: str,
    quantity: str,
    kind: str,
    state: str = "",
    family: str = "plain",
    names: tuple[str, ...] = LOOKED_INTO,
) -> tuple[Why, ...]:
    return tuple(Why(f"{name}_why", analysis, quantity, kind, state, family) for name in names)


def _gap_at_end(analysis: str, quantity: str, state: str = "") -> tuple[Why, ...]:
    return _why(analysis, quantity, "gap", state, "residual", ENDED)


WHY = Group(
    "Why",
    (
        "python scripts/train.py -m experiment=why_cifar10,why_shapes",
        "python scripts/why.py runs/why_cifar10",
        "python scripts/why.py runs/why_shapes",
        "python scripts/why.py runs/long_cifar10 --only signals,convergence,lesions",
        "python scripts/why.py reports/cifar10 --only convergence",
    ),
    (
        Claim(
            "A solution as good exists: added layers that compute the identity leave the error as it is.",
            "He et al. 2015, section 1; lecture 9; a write-up",
            _why("witness", WITNESS, "mean"),
            low=-0.01,
            high=0.01,
        ),
        Claim(
            "Gradients vanish: on their way back to the first layers they die out.",
            "three of the write-ups; lecture 9",
            _why("signals", SLOPE, "mean", START) + _why("along", SLOPE, "mean", LATER),
            low=NEVER,
            high=0.0,
            why="At the start they grow on their way back. Whether it is the cause, no such number shows.",
        ),
        Claim(
            "Gradients vanish or explode the more, the deeper the network.",
            "the first write-up on ResNet",
            _why("signals", SLOPE, "growth", START),
            why="They explode.",
        ),
        Claim(
            "Residual functions have smaller responses than plain layers.",
            "He et al. 2015, section 4.2, Fig. 7",
            _gap_at_end("signals", "std of responses, mean over layers", "checkpoint"),
        ),
        Claim(
            "Deleting a block of a trained network costs less where there are shortcuts.",
            "Veit et al. 2016, section 4.1",
            _gap_at_end("lesions", "median change of error by one deletion (points)"),
        ),
        Claim(
            "The deeper a plain network, the more slowly its error falls.",
            "He et al. 2015, section 4.1",
            _why("convergence", RATE, "growth", names=("cifar10", "long_cifar10", "why_shapes")),
            low=NEVER,
            high=0.0,
        ),
    ),
)
