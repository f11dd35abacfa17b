"""All config keys, typed and checked. Values stand in conf/*.yaml; here stand types and ranges."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from degradation.config.checks import above, at_least, between, fill, one_of
from degradation.config.images import LARGEST_SEED, Data
from degradation.config.logger import CSV, Logger
from degradation.config.optimization import Optimizer, Schedule
from degradation.errors import BadRequest
from degradation.families import ladder
from degradation.families.catalog import OWN_KEYS, family

COMPILE = ("none", "default", "max-autotune-no-cudagraphs")  # the last two are modes of torch.compile
# Keys of the network that stand in a config only where they are given.
NULLED = (*OWN_KEYS, *ladder.KEYS, "weights", "weights_sha256")
FAST_SAVES = 60.0  # seconds between two checkpoints with train.engine=fast
LONGEST_LOSS = 86_400  # seconds of work that a kill may cost
MOST_THREADS = 1024  # of more, OpenMP can't start all
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,79}")


@dataclass(frozen=True)
class Model:
    """The network: keywords of `build_model`. Which families take block to batch_norm, catalog.py says;
    which take init to norm, ladder.py.

    Attributes:
        weights: a file whose weights are the initial ones, in place of the seed's.
        weights_sha256: the first digits of that file's digest, by which the run is known wherever it lies.
    """

    family: str
    depth: int
    width: int | None
    shortcut: str | None
    block: str | None = None
    stride_at: str | None = None
    widen: int | None = None
    cardinality: int | None = None
    base_width: int | None = None
    form: str | None = None
    survival: float | None = None
    blocks: int | None = None
    drop_path: float | None = None
    version: str | None = None
    batch_norm: bool | None = None
    blocks_per_stage: tuple[int, ...] | None = None
    init: str | None = None
    skip_scale: float | None = None
    norm: str | None = None
    gate_bias: float | None = None
    weights: str | None = None
    weights_sha256: str | None = None

    def own(self) -> dict[str, Any]:
        """The keys that not every family takes."""
        return {name: getattr(self, name) for name in OWN_KEYS}

    def check(self) -> None:
        rules, own = family(self.family), self.own()
        rules.check_depth(self.depth, own)
        rules.shortcut(self.shortcut, own)
        steps = {key: getattr(self, key) for key in ladder.KEYS}
        ladder.check(self.family, self.shortcut, own, width=self.width, **steps)
        if self.width is not None:
            at_least("model.width", self.width, 1)
        if self.weights is not None and self.init is not None:
            raise BadRequest(f"model.init={self.init}: the initial values are those of model.weights")

    def resolve(self) -> "Model":
        """The same with the family's own values where a key is None."""
        rules, own = family(self.family), self.own()
        width = rules.width if self.width is None else self.width
        shortcut = rules.shortcut(self.shortcut, own)
        return dataclasses.replace(self, width=width, shortcut=shortcut, **rules.resolve(own))


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
    signals_every: int | None = None
    keep_every: int | None = None
    save_seconds: float | None = None
    urgent: int = 0

    @property
    def between_saves(self) -> float:
        """Seconds: a checkpoint that is due sooner after the last one is left out, but at the end."""
        if self.save_seconds is not None:
            return self.save_seconds
        return FAST_SAVES if self.engine == "fast" else 0

    def images_to_evaluate(self, step: int, train: int, test: int) -> int:
        """How many images will be evaluated after a step.

        Args:
            train, test: the size of both sets.
        """
        tests = -(-self.steps // self.evaluate_every) - step // self.evaluate_every
        clean = self.evaluate_train_every
        trains = -(-self.steps // clean) - step // clean if clean else 1
        return tests * test + trains * train

    def check(self) -> None:
        for key in ("steps", "batch_size", "evaluate_every", "checkpoint_every"):
            at_least(f"train.{key}", getattr(self, key), 1)
        for key in ("evaluate_train_every", "signals_every", "keep_every"):
            if getattr(self, key) is not None:
                at_least(f"train.{key}", getattr(self, key), 1)
        if self.signals_every is not None and self.engine != "plain":
            raise BadRequest(f"train.signals_every={self.signals_every}: only with train.engine=plain")
        if self.threads is not None:
            between("train.threads", self.threads, 1, MOST_THREADS)
        if self.save_seconds is not None:
            between("train.save_seconds", self.save_seconds, 0, LONGEST_LOSS)
        at_least("train.urgent", self.urgent, 0)
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
    """One run's whole config.

    Attributes:
        start: a checkpoint whose weights and BN statistics are the initial ones, in place of the seed's.
        start_sha256: the first digits of that file's digest, by which the run is known wherever it lies.
    """

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
    start: str | None = None
    start_sha256: str | None = None
    logger: Logger = CSV

    def check(self) -> None:
        """Check every range, and what two keys say together.

        Raises:
            BadRequest: names the key, its value and what would be right.
        """
        parts = (self.model, self.data, self.train, self.optimizer, self.schedule, self.trainer, self.logger)
        for part in parts:
            part.check()
        between("seed", self.seed, 0, LARGEST_SEED)
        if self.start is not None and self.model.weights is not None:
            raise BadRequest(f"start={self.start}: not beside model.weights, which is a beginning, too")
        family(self.model.family).check_size(self.data.pixels(), self.model.own())
        devices = self.trainer.devices
        if devices > 1 and (self.train.engine != "plain" or self.train.batch_size % devices):
            raise BadRequest(
                f"trainer.devices={devices}: takes train.engine=plain and a train.batch_size that it divides"
            )
        if self.optimizer.adam is not None and self.train.engine != "plain":
            raise BadRequest(f"optimizer.adam={self.optimizer.adam}: only with train.engine=plain")
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
    """The settings as nested plain dicts and lists, without the keys that family, data set and logger don't
    take; without a logger, too, where there is none but curves.csv."""
    tree = dataclasses.asdict(settings)
    tree["logger"] = {k: v for k, v in tree["logger"].items() if v is not None}
    if settings.logger == CSV:
        del tree["logger"]
    tree["schedule"]["milestones"] = list(tree["schedule"]["milestones"])
    tree = {k: v for k, v in tree.items() if v is not None or k not in ("start", "start_sha256")}
    tree["optimizer"] = {k: v for k, v in tree["optimizer"].items() if v is not None}
    tree["model"] = {k: _plain(v) for k, v in tree["model"].items() if v is not None or k not in NULLED}
    own_nulls = ("subset", "test_subset")
    tree["data"] = {k: _plain(v) for k, v in tree["data"].items() if v is not None or k in own_nulls}
    return tree


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
