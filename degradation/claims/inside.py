"""Claims on what goes on inside: what a FractalNet's columns know, and what a DenseNet's layers read."""

from degradation.claims.claim import NEVER, Claim, Group, Why

COLUMNS_REPORT, REUSE_REPORT = "columns_cifar10", "reuse_cifar10"


def _columns(quantity: str, kind: str = "mean") -> tuple[Why]:
    return (Why(f"{COLUMNS_REPORT}_why", "columns", quantity, kind, "BN measured again", "fractalnet"),)


COLUMNS = Group(
    "A shallow answer in a deep network",
    (
        f"python scripts/train.py -m experiment={COLUMNS_REPORT}",
        f"python scripts/why.py runs/{COLUMNS_REPORT} --only columns",
    ),
    (
        Claim(
            "A FractalNet's deepest column alone answers better than its shallowest.",
            "Larsson et al. 2017, abstract and section 4.3",
            _columns("test error, deepest column minus shallowest (points)"),
            low=NEVER,
            high=0.0,
            why="Each column has BN's statistics measured again. In six epochs the deep ones learn little.",
        ),
        Claim(
            "All columns together are better than the best of them alone.",
            "Larsson et al. 2017, section 4.3",
            _columns("test error, all columns minus the best alone (points)"),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "Among shallower ones the deepest column trains better than the plain network of as many layers.",
            "Larsson et al. 2017, section 4.3, Fig. 3",
            _columns("training error, column of 48 layers alone (%)", "gap"),
        ),
    ),
)


def _reuse(quantity: str) -> tuple[Why]:
    return (Why(f"{REUSE_REPORT}_why", "reuse", quantity, "mean", "checkpoint", "densenet"),)


REUSE = Group(
    "What a DenseNet reads",
    (
        f"python scripts/train.py -m experiment={REUSE_REPORT}",
        f"python scripts/why.py runs/{REUSE_REPORT} --only reuse",
    ),
    (
        Claim(
            "Deep layers read early ones: in a block's second half, the first half gets at least half the "
            "weight that the second gets.",
            "Huang et al. 2017, section 5, Fig. 5; the number is ours",
            _reuse("layers of a block's second half: weight on its first half over that on its second"),
            low=0.5,
            why="So it is at the start, too, where no layer is preferred; four epochs change little.",
        ),
        Claim(
            "What a block is given by a transition gets the least weight.",
            "Huang et al. 2017, section 5, Fig. 5",
            _reuse("layers: weight on what blocks from the second on are given, over that on all others"),
            low=NEVER,
            high=1.0,
        ),
        Claim(
            "The linear layer leans towards the last layers.",
            "Huang et al. 2017, section 5, Fig. 5",
            _reuse("linear layer: weight on the block's second half over that on its first"),
            low=1.0,
        ),
    ),
)
