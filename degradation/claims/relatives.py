"""Claims on the plain ancestors, and on networks that drop layers in training."""

from degradation.claims.claim import NEVER, Claim, Errors, Group, Why

ANCESTORS_REPORT, DROPS_REPORT = "ancestors_cifar10", "drops_cifar10"
CIFAR = "version=cifar"
PLAIN, SIMPLE, COMPLEX = (
    f"squeezenet-18 ({CIFAR})",
    f"squeezenet_bypass-18 ({CIFAR})",
    f"squeezenet_bypass-18 (shortcut=complex, {CIFAR})",
)


def _vgg(depth: int, batch_norm: bool) -> str:
    return f"vgg-{depth} ({'batch_norm=true, ' if batch_norm else ''}{CIFAR}, width=16)"


def _ancestors(more: str, less: str, measure: str = "train_error") -> Errors:
    return Errors(ANCESTORS_REPORT, (more,), (less,), measure)


ANCESTORS = Group(
    "The plain ancestors",
    (f"python scripts/train.py -m experiment={ANCESTORS_REPORT}",),
    (
        Claim(
            "Without BN a deep VGG doesn't train from random values: 19 layers are worse than 11.",
            "Simonyan and Zisserman 2015, section 3.1; lecture 9",
            (_ancestors(_vgg(19, False), _vgg(11, False)),),
        ),
        Claim(
            "BN lets it train.",
            "Ioffe and Szegedy 2015; He et al. 2015, section 1",
            tuple(_ancestors(_vgg(depth, False), _vgg(depth, True)) for depth in (11, 19)),
        ),
        Claim(
            "With BN, too, 19 layers without ways around are worse than 11.",
            "He et al. 2015, section 1, of plain networks",
            (_ancestors(_vgg(19, True), _vgg(11, True)),),
        ),
        Claim(
            "SqueezeNet is better with simple bypasses than without.",
            "Iandola et al. 2016, section 6, Table 3; lecture 9",
            (_ancestors(PLAIN, SIMPLE, "test_error"),),
            why="In three epochs the one without stays at chance.",
        ),
        Claim(
            "Simple bypasses are better than complex ones.",
            "Iandola et al. 2016, section 6, Table 3",
            (_ancestors(COMPLEX, SIMPLE, "test_error"),),
        ),
        Claim(
            "AlexNet is more accurate than what there was before it.",
            "lecture 9",
            (),
            why="It halves images five times: 63 pixels at least, and the photographs here have 32.",
        ),
    ),
)
DROPS = Group(
    "Dropping layers in training",
    (
        f"python scripts/train.py -m experiment={DROPS_REPORT}",
        f"python scripts/why.py runs/{DROPS_REPORT} --only along",
    ),
    (
        Claim(
            "Stochastic depth lowers the test error.",
            "Huang et al. 2016, section 4, Table 1; lecture 9",
            (
                Errors(
                    DROPS_REPORT,
                    ("residual-110",),
                    ("stochastic_depth-110 (shortcut=A)",),
                    "test_error",
                ),
            ),
            why="The paper trains for 500 epochs, here it is 3.",
        ),
        Claim(
            "It gives the first layers larger gradients.",
            "Huang et al. 2016, section 5",
            (
                Why(
                    f"{DROPS_REPORT}_why",
                    "along",
                    "gradient norm, first quarter of the layers (log10)",
                    "gap",
                    "all looks after the start",
                    "stochastic_depth",
                ),
            ),
            low=NEVER,
            high=0.0,
            why="Measured with no block dropped, each weighed by its share, as in evaluation.",
        ),
    ),
)
