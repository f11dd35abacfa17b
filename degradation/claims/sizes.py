"""Claims on where operations are best spent: depth, width or the number of paths."""

from degradation.claims.claim import Claim, Errors, Group

CARDINALITY_REPORT, WIDTH_REPORT = "cardinality_cifar10", "width_cifar10"
ONE = "resnext-29 (cardinality=1)"
EQUAL = (  # of equal cost, as the paper calls them
    ("2x40d", "resnext-29 (base_width=40, cardinality=2)"),
    ("4x24d", "resnext-29 (base_width=24, cardinality=4)"),
    ("8x14d", "resnext-29 (base_width=14)"),
    ("32x4d", "resnext-29 (base_width=4, cardinality=32)"),
)
MOST, TWICE = EQUAL[-1][1], "resnext-29 (base_width=4, cardinality=64)"
CARDINALITY = Group(
    "Depth, width or more paths",
    (f"python scripts/train.py -m experiment={CARDINALITY_REPORT}",),
    (
        Claim(
            "At equal cost more paths are better than one: 2x40d, 4x24d, 8x14d, 32x4d than 1x64d.",
            "Xie et al. 2017, section 5.1, Table 3; the write-up on ResNeXt",
            tuple(Errors(CARDINALITY_REPORT, (ONE,), (network,)) for _, network in EQUAL),
            why="Networks a quarter as wide, 600 steps: the paths are thin, and just begin to learn.",
        ),
        Claim(
            "Twice the cost is better spent on paths than on depth or on width.",
            "Xie et al. 2017, section 5.1, Table 4",
            tuple(
                Errors(CARDINALITY_REPORT, (other,), (TWICE,))
                for other in (
                    "resnext-56 (cardinality=1)",
                    "resnext-29 (base_width=100, cardinality=1)",
                )
            ),
        ),
        Claim(
            "ResNeXt is no worse than Inception-ResNet of the same cost, and simpler to design.",
            "Xie et al. 2017, sections 2 and 5; the write-up on ResNeXt",
            (Errors(CARDINALITY_REPORT, ("inception_resnet-26 (width=12)",), (MOST,)),),
            why="Only the first half is measured.",
        ),
    ),
)
WIDTH = Group(
    "Width against depth",
    (f"python scripts/train.py -m experiment={WIDTH_REPORT}",),
    (
        Claim(
            "Wider is better at each depth: four times as wide than once.",
            "Zagoruyko and Komodakis 2016, section 3, Table 4; lecture 9",
            tuple(
                Errors(WIDTH_REPORT, (f"wide-{depth} (widen=1)",), (f"wide-{depth} (widen=4)",))
                for depth in (10, 16, 28)
            ),
        ),
        Claim(
            "Of as many parameters the wide network is no worse than the thin one that is 12 times as deep.",
            "Zagoruyko and Komodakis 2016, section 3; lecture 9",
            (Errors(WIDTH_REPORT, ("wide-196 (widen=1)",), ("wide-16 (widen=4)",)),),
        ),
        Claim(
            "Thin pre-activation networks train to 1,001 layers.",
            "He et al. 2016, section 1",
            (),
            why="A step of 1,001 layers takes too long on two CPU cores.",
        ),
    ),
)
