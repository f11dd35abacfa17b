"""Claims on ways around layers: in other families, and in other forms."""

from degradation.claims.claim import Claim, Errors, Group

REPORT = "families_shapes"
DEEPEST = (  # family, layers, setting, how a claim calls them, source
    ("bottleneck", 83, "", "Bottlenecks", "He et al. 2015, section 4.1"),
    ("preact", 56, "", "Pre-activation networks", "He et al. 2016; lecture 9"),
    ("wide", 58, "model.widen=2", "Wide networks", "Zagoruyko and Komodakis 2016; lecture 9"),
    ("resnext", 56, "model.cardinality=4", "ResNeXt", "Xie et al. 2017, section 5; the write-up on ResNeXt"),
    ("inception_resnet", 50, "", "Inception-ResNet", "Szegedy et al. 2016; the write-up on ResNeXt"),
    ("densenet", 58, "model.block=bottleneck", "DenseNet", "Huang et al. 2017; lecture 9"),
    ("fractalnet", 48, "model.blocks=3", "FractalNet", "Larsson et al. 2017; lecture 9"),
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
    pair = Errors(REPORT, (f"plain_{family}-{depth}{behind}",), (f"{family}-{depth}{behind}",))
    return Claim(f"{called}: without the ways around, training is worse.", source, (pair,))


FAMILIES = Group(
    "Ways around, in other families",
    ("python scripts/train.py -m experiment=families_shapes",),
    tuple(_needs(*one) for one in DEEPEST),
)
