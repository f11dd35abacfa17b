"""All config keys, typed and checked. Values stand in conf/*.yaml; here stand types and ranges."""

import dataclasses
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from degradation.checks import above, at_least, between, fill, one_of
from degradation.errors import BadRequest
from degradation.families import family
from degradation.optimization import Optimizer, Schedule

COMPILE = ("none", "default", "max-autotune-no-cudagraphs")  # the last two are modes of torch.compile
CLASSES = 10  # of both data sets
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,79}")


@dataclass(frozen=True)
class Model:
    """The network: keywords of `build_model`."""

    family: str
    depth: int
    width: int
    shortcut: str | None

    def check(self) -> None:
        rules = family(self.family)
        rules.check_depth(self.depth)
        rules.shortcut(self.shortcut)
        at_least("model.width", self.width, 1)


@dataclass(frozen=True)
class Data:
    """The data set. size, count and test_count belong to shapes; root, download and verify to cifar10."""

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

    def check(self) -> None:
        one_of("data.name", self.name, ("cifar10", "shapes"))
        own = {"cifar10": ("root", "download", "verify"), "shapes": ("size", "count", "test_count")}
        for name, keys in own.items():
            for key in keys:
                if (getattr(self, key) is None) == (name == self.name):
                    rule = "needs" if name == self.name else "does not take"
                    raise BadRequest(f"data.{key}={getattr(self, key)}: data={self.name} {rule} this key")
        at_least("data.seed", self.seed, 0)
        if self.name == "shapes":
            between("data.size", self.size, 8, 256)
            at_least("data.count", self.count, 1)
            at_least("data.test_count", self.test_count, 1)
        for key, value, whole in (
            ("subset", self.subset, self.whole(train=True)),
            ("test_subset", self.test_subset, self.whole(train=False)),
        ):
            if value is not None:
                between(f"data.{key}", value, 1, whole)

    def whole(self, train: bool) -> int:
        """How many images the training or test set has before a subset is taken."""
        if self.name == "cifar10":
            return 50_000 if train else 10_000
        return (self.count if train else self.test_count) or 0

    def images(self) -> int:
        """How many training images are in use."""
        return self.subset or self.whole(train=True)


@dataclass(frozen=True)
class Train:
    """The training loop. Steps are updates. Precision, threads, compile: None is chosen at the start."""

    steps: int
    batch_size: int
    evaluate_every: int
    evaluate_train_every: int | None
    checkpoint_every: int
    max_minutes: float | None
    precision: str | None
    threads: int | None
    engine: str
    compile: str | None

    def check(self) -> None:
        for key in ("steps", "batch_size", "evaluate_every", "checkpoint_every"):
            at_least(f"train.{key}", getattr(self, key), 1)
        for key in ("evaluate_train_every", "threads"):
            if getattr(self, key) is not None:
                at_least(f"train.{key}", getattr(self, key), 1)
        if self.max_minutes is not None:
            above("train.max_minutes", self.max_minutes, 0)
        if self.precision is not None:
            one_of("train.precision", self.precision, ("float32", "bf16"))
        one_of("train.engine", self.engine, ("plain", "fast"))
        if self.compile is not None:
            one_of("train.compile", self.compile, COMPILE)
            if self.engine == "plain" and self.compile != "none":
                raise BadRequest(f"train.compile={self.compile}: only with train.engine=fast")


@dataclass(frozen=True)
class Trainer:
    """Passed to Lightning's Trainer."""

    accelerator: str
    devices: int
    deterministic: bool

    def check(self) -> None:
        one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu", "cuda", "mps"))
        at_least("trainer.devices", self.devices, 1)


@dataclass(frozen=True)
class Settings:
    """One run's whole config."""

    runs: str
    experiment_name: str
    seed: int
    fresh: bool
    model: Model
    data: Data
    train: Train
    optimizer: Optimizer
    schedule: Schedule
    trainer: Trainer

    def check(self) -> None:
        """Check every range, and what two keys say together.

        Raises:
            BadRequest: names the key, its value and what would be right.
        """
        for part in (self.model, self.data, self.train, self.optimizer, self.schedule, self.trainer):
            part.check()
        between("seed", self.seed, 0, 2**63 - 1)
        devices = self.trainer.devices
        if devices > 1 and (self.train.engine != "plain" or self.train.batch_size % devices):
            raise BadRequest(
                f"trainer.devices={devices}: takes train.engine=plain and a train.batch_size that it divides"
            )
        if not NAME.fullmatch(self.experiment_name):
            raise BadRequest(
                f"experiment_name={self.experiment_name}: one folder's name "
                "(letters, digits, _ . + -, not starting with . or -, at most 80)"
            )
        if not self.runs.strip():
            raise BadRequest("runs='': name a folder for the run folders")


def from_mapping(tree: Mapping[str, Any]) -> Settings:
    """Turn a composed config into checked settings.

    Raises:
        BadRequest: a key is unknown or missing, a value has the wrong type or lies out of its range.
    """
    settings = unchecked(tree)
    settings.check()
    return settings


def unchecked(tree: Mapping[str, Any]) -> Settings:
    """The same without the ranges: keys and types alone."""
    settings: Settings = fill(Settings, tree)
    return settings


def to_mapping(settings: Settings) -> dict[str, Any]:
    """The settings as nested plain dicts and lists, without the keys that the data set does not take."""
    tree = dataclasses.asdict(settings)
    tree["schedule"]["milestones"] = list(tree["schedule"]["milestones"])
    own_nulls = ("subset", "test_subset")
    tree["data"] = {k: v for k, v in tree["data"].items() if v is not None or k in own_nulls}
    return tree


def all_keys(kind: Any = Settings, prefix: str = "") -> list[str]:
    """All config keys, dotted."""
    found = []
    for name, hint in typing.get_type_hints(kind).items():
        found += all_keys(hint, f"{prefix}{name}.") if dataclasses.is_dataclass(hint) else [prefix + name]
    return found
