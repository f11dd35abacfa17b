"""The config keys of the data set, typed and checked."""

from dataclasses import dataclass

from degradation.config.checks import above, at_least, between, one_of
from degradation.errors import BadRequest

LARGEST_SEED = 2**63 - 1  # a report holds it as an int64
MOST_SHAPES = 10_000_000  # images; how many are too many for this machine, data/ says
CIFAR10_SIZE = 32  # pixels
CIFAR10_SMALLER = (16, 8)  # to which they can be averaged
CIFAR10_IMAGES, CIFAR10_TEST_IMAGES = 50_000, 10_000
COLOURS = 3  # channels of the images of all data sets
DATA_KEYS = {  # those of `Data` that only some data sets take
    "cifar10": ("root", "download", "verify", "size"),
    "shapes": ("size", "count", "test_count"),
    "folder": ("root", "size"),
}


@dataclass(frozen=True)
class Data:
    """The data set. Which ones take root to test_count, `DATA_KEYS` says.

    Attributes:
        mean, std: one number, or one a channel, subtracted from the pixels and divided by, in [0, 1]; None:
            the mean image of the training images, and no division, as in the paper.
    """

    name: str
    seed: int
    subset: int | None
    test_subset: int | None
    root: str | None = None
    download: bool | None = None
    verify: bool | None = None
    size: int | None = None
    count: int | None = None
    test_count: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None

    def check(self) -> None:
        one_of("data.name", self.name, tuple(DATA_KEYS))
        self.check_normalisation()
        for key in dict.fromkeys(key for keys in DATA_KEYS.values() for key in keys):
            takes = key in DATA_KEYS[self.name]
            free = (self.name, key) == ("cifar10", "size")  # null: as they are
            if (getattr(self, key) is None) == takes and not free:
                rule = "needs" if takes else "does not take"
                raise BadRequest(f"data.{key}={getattr(self, key)}: data={self.name} {rule} this key")
        between("data.seed", self.seed, 0, LARGEST_SEED)
        if self.name == "cifar10" and self.size not in (None, *CIFAR10_SMALLER):
            right = " or ".join(map(str, CIFAR10_SMALLER))
            raise BadRequest(f"data.size={self.size}: {right}; null is {CIFAR10_SIZE}, as they are")
        if self.name == "folder":
            between("data.size", self.size, 8, 512)
        if self.name == "shapes":
            between("data.size", self.size, 8, 256)
            between("data.count", self.count, 1, MOST_SHAPES)
            between("data.test_count", self.test_count, 1, MOST_SHAPES)
        for key, value, whole in (
            ("subset", self.subset, self.whole(train=True)),
            ("test_subset", self.test_subset, self.whole(train=False)),
        ):
            if value is None:
                continue
            if whole is None:
                at_least(f"data.{key}", value, 1)
            else:
                between(f"data.{key}", value, 1, whole)

    def check_normalisation(self) -> None:
        for key, values in (("mean", self.mean), ("std", self.std)):
            if values is not None and len(values) not in (1, COLOURS):
                raise BadRequest(
                    f"data.{key}={list(values)}: one number, or one for each of {COLOURS} colours"
                )
        for value in self.mean or ():
            between("data.mean", value, 0, 1)
        for value in self.std or ():
            above("data.std", value, 0)
        if self.std is not None and self.mean is None:
            raise BadRequest("data.std: goes with data.mean; the mean image alone is not divided")

    def whole(self, train: bool) -> int | None:
        """How many images the training or test set has before a subset is taken; None: the folder says."""
        if self.name == "folder":
            return None
        if self.name == "cifar10":
            return CIFAR10_IMAGES if train else CIFAR10_TEST_IMAGES
        return (self.count if train else self.test_count) or 0

    def pixels(self) -> int:
        """How many pixels high and wide its images are."""
        return self.size or CIFAR10_SIZE
