"""The networks that `scripts/compare.py` compares: a short list of settings. Not all are a paper's."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from degradation.config.settings import Model
from degradation.families.catalog import family

BATCH = {32: 128, 224: 8, 299: 8}  # by image size: what a network is timed with, beside a single image
CLASSES = {32: 10, 224: 1000, 299: 1000}


@dataclass(frozen=True)
class Network:
    """One network of the comparison.

    Attributes:
        name: what it is called there.
        model: its config; None: a reference point, `name` in torchvision.models.
        size: of its images, in pixels.
    """

    name: str
    model: Model | None
    size: int

    def keys(self) -> dict[str, Any]:
        """The config's keys that have a value; of a reference point none."""
        own = {} if self.model is None else dataclasses.asdict(self.model)
        return {key: value for key, value in own.items() if value is not None}

    def job(self, classes: int) -> dict[str, Any]:
        """What `cost.build` takes."""
        keys = self.keys()
        model = {"name": keys.pop("family"), **keys} if keys else None
        return {"name": self.name, "model": model, "classes": classes, "size": self.size}


def ours(name: str, *depths: int, **keys: Any) -> list[Network]:
    """Networks of a family at some depths, with the images of its paper."""
    said = "".join(f" {key}={value}" for key, value in keys.items())
    size = 32 if keys.get("version") == "cifar" else family(name).size
    return [
        Network(
            f"{name}-{depth}{said}",
            Model(**{"family": name, "depth": depth, "width": None, "shortcut": None, **keys}).resolve(),
            size,
        )
        for depth in depths
    ]


def reference(name: str, size: int = 224) -> Network:
    return Network(name, None, size)


NETWORKS = (
    *ours("plain", 20, 32, 44, 56),
    *ours("residual", 20, 32, 44, 56, 110, 1202),
    *ours("plain_bottleneck", 56),
    *ours("bottleneck", 29, 56, 83, 110, 164),
    *ours("plain_preact", 110),
    *ours("preact", 110),
    *ours("preact", 164, 1001, block="bottleneck"),
    *ours("plain_wide", 16),
    *ours("wide", 16, widen=8),
    *ours("wide", 28, widen=10),
    *ours("wide", 40, widen=4),
    *ours("plain_resnext", 29),
    *(network for form in "abc" for network in ours("resnext", 29, form=form)),
    *(network for form in "abc" for network in ours("resnext", 29, width=16, form=form)),
    *ours("resnext", 29, cardinality=16),
    *ours("plain_inception_resnet", 26),
    *ours("inception_resnet", 26, 50),
    *ours("stochastic_depth", 110),
    *ours("plain_densenet", 40),
    *ours("densenet", 40),
    *ours("densenet", 100, block="bottleneck"),
    *ours("densenet", 190, block="bottleneck", width=40),
    *ours("plain_fractalnet", 20),
    *ours("fractalnet", 20, 40),
    *ours("squeezenet", 18, version="cifar"),
    *ours("nin", 9),
    *ours("plain_resnet_imagenet", 18, 34),
    *ours("resnet_imagenet", 18, 34, 50, 101, 152),
    *ours("resnet_imagenet", 50, widen=2, stride_at="3x3"),  # Wide ResNet-50-2
    *ours("plain_resnext_imagenet", 50),
    *ours("resnext_imagenet", 50),
    *ours("plain_densenet_imagenet", 121),
    *ours("densenet_imagenet", 121),
    *ours("squeezenet", 18, version="v1.0"),
    *ours("squeezenet", 18, version="v1.1"),
    reference("alexnet"),
    reference("vgg16"),
    reference("vgg19"),
    reference("googlenet"),
    reference("inception_v3", 299),  # torchvision's nearest to Inception-v4
)
SMALL = (
    *ours("plain", 20),
    *ours("residual", 20),
    *ours("resnext", 29, width=8, form="a"),
    *ours("resnext", 29, width=8),
    *ours("squeezenet", 18, version="v1.1"),
)
