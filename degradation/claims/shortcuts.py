"""Claims on ways around layers: in other families, scaled, and what takes their place."""

from degradation.claims.claim import Claim, Errors, Group

PHOTOGRAPHS, DRAWN, FULL = "families_cifar10", "families_shapes", "resnet34_shapes"
ONLY_DRAWN = ("resnet_imagenet",)  # not in the report on photographs
TABLE_2 = "He et al. 2015, section 4.1, Table 2, Fig. 4"
DEEPEST = (  # family, layers, setting, how a claim calls them, source
    ("bottleneck", 83, "", "Bottlenecks", "He et al. 2015, section 4.1"),
    ("preact", 56, "", "Pre-activation networks", "He et al. 2016; lecture 9"),
    ("wide", 58, "widen=2", "Wide networks", "Zagoruyko and Komodakis 2016; lecture 9"),
    ("resnext", 56, "cardinality=4", "ResNeXt", "Xie et al. 2017, section 5; the write-up on ResNeXt"),
    ("inception_resnet", 50, "", "Inception-ResNet", "Szegedy et al. 2016; the write-up on ResNeXt"),
    ("densenet", 58, "block=bottleneck", "DenseNet", "Huang et al. 2017; lecture 9"),
    ("fractalnet", 48, "blocks=3", "FractalNet", "Larsson et al. 2017; lecture 9"),
    (
        "resnet_imagenet",
        34,
        "data.size=64",
        "ResNet-34 on 64 px",
        "He et al. 2015, section 4.1, Table 2",
    ),
)


def _needs(family: str, depth: int, variant: str, called: str, source: str) -> Claim:
    behind = f" ({variant})" if variant else ""
    reports = (DRAWN,) if family in ONLY_DRAWN else (PHOTOGRAPHS, DRAWN)
    pairs = (
        Errors(report, (f"plain_{family}-{depth}{behind}",), (f"{family}-{depth}{behind}",))
        for report in reports
    )
    return Claim(f"{called}: without the ways around, training is worse.", source, tuple(pairs))


FAMILIES = Group(
    "Ways around, in other families",
    (
        "python scripts/train.py -m experiment=families_cifar10,resnet34_shapes",
        "python scripts/train.py -m experiment=families_shapes seed=0,1,2",
    ),
    (
        *(_needs(*one) for one in DEEPEST),
        Claim(
            "As built for ImageNet, a plain network of 34 layers trains worse than one of 18.",
            TABLE_2,
            (Errors(FULL, ("plain_resnet_imagenet-34",), ("plain_resnet_imagenet-18",)),),
        ),
        Claim(
            "With shortcuts 34 layers are better than 18.",
            TABLE_2,
            (Errors(FULL, ("resnet_imagenet-18",), ("resnet_imagenet-34",)),),
        ),
    ),
)

LADDERS = ("ladder_cifar10", "ladder_shapes")


def _change(
    says: str, source: str, change: str, on_shapes: str = "", family: str = "plain", worse: bool = False
) -> Claim:
    """That a change lowers the training error of 56 layers, or raises it.

    Args:
        on_shapes: the change where ladder_shapes has other numbers.
    """
    as_it_is = (f"{family}-56",)
    found = []
    for report, called in zip(LADDERS, (change, on_shapes or change), strict=True):
        changed = (f"{family}-56 ({called})",)
        more, less = (changed, as_it_is) if worse else (as_it_is, changed)
        found.append(Errors(report, more, less))
    return Claim(says, source, tuple(found))


CHANGES = Group(
    "What rescues a plain network, and what harms a residual one",
    ("python scripts/train.py -m experiment=ladder_cifar10,ladder_shapes",),
    (
        _change(
            "Begun near the identity (Dirac) a deep plain network ends lower.",
            "after Zagoruyko and Komodakis 2017, whose weights stay parameterised so in training",
            "init=dirac",
        ),
        Claim(
            "Begun near the identity, a deep plain network ends below a shallow one.",
            "follows from He et al. 2015, section 3.1, if the start is what matters",
            tuple(
                Errors(report, ("plain-20 (init=dirac)",), ("plain-56 (init=dirac)",)) for report in LADDERS
            ),
        ),
        _change(
            "Begun looks-linear it ends lower, too.",
            "Balduzzi et al. 2017",
            "init=looks_linear",
        ),
        _change("Orthogonal initial values help.", "Saxe et al. 2014", "init=orthogonal"),
        _change("A lower learning rate helps.", "what most try first", "lr=0.025", "lr=0.0125"),
        _change(
            "A warm-up, or a longer one, helps.",
            "after He et al. 2015, section 4.2, of ResNet-110, which starts sooner with it and ends alike",
            "warmup.steps=390",
            "warmup.lr=0.005, warmup.steps=64",
        ),
        _change(
            "A shortcut that is scaled by a half is worse than the identity.",
            "He et al. 2016, section 3, Table 1",
            "skip_scale=0.5",
            family="residual",
            worse=True,
        ),
    ),
)
