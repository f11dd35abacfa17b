"""A complete run folder -> its network with the trained weights, its images, and what it recorded."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from degradation.config.images import Data
from degradation.config.settings import Settings
from degradation.data import Dataset, load
from degradation.data.subset import balanced_subset
from degradation.errors import BadRequest
from degradation.models.initial import initial_sha256
from degradation.runs import schema
from degradation.runs.store import NETWORK
from degradation.training import checkpoint
from degradation.training.checkpoint import newest
from degradation.training.folder import read_config, read_record
from degradation.training.parts import make_network, make_resident
from degradation.training.schedule import StepSchedule

Loaded = dict[Data, tuple[Dataset, str]]  # each with its digest, which takes as long as a look at all images
Batch = tuple[Tensor, Tensor]  # float32 (images, channels, height, width), int64 (images,)


@dataclass(frozen=True)
class Started:
    """A network as it was before training, whose weights may be gone.

    Attributes:
        folder: where it was read from, for messages.
        record: what its run recorded.
        dataset: the images that it was trained and tested on.
    """

    folder: Path
    record: Mapping[str, Any]
    settings: Settings
    dataset: Dataset

    @property
    def named(self) -> dict[str, Any]:
        """What tells its rows of a table from those of other networks."""
        return {key: self.record[key] for key in NETWORK}

    @property
    def first_lr(self) -> float:
        """The learning rate of its first step, which a warm-up lowers; NaN with Adam (`per_gradient`)."""
        own = self.settings
        first = StepSchedule(own.optimizer.lr, own.schedule, own.train.steps).lr(0)
        return own.optimizer.per_gradient(first)

    def initial(self) -> nn.Module | None:
        """The network as it was before the first step, in evaluation mode; None of a run that has no start.

        Raises:
            BadRequest: its values aren't those that the run began with (`init_sha256`).
        """
        recorded = self.record["init_sha256"]
        if not recorded:
            return None
        network = make_network(self.settings, self.dataset)
        if initial_sha256(network) != recorded:
            raise BadRequest(
                f"{self.folder}: initial values differ from those that it began with (init_sha256): read it "
                "with the version that trained it"
            )
        return network.eval()

    def training_images(self, count: int) -> Batch:
        """As many training images of each class as of any other, as they are, the mean subtracted; fewer than
        `count` where the smallest class has too few. All of them where there are no more than `count`."""
        return self._batch(True, count)

    def test_images(self, count: int) -> Batch:
        """The same of the test images."""
        return self._batch(False, count)

    def _batch(self, train: bool, count: int) -> Batch:
        images = self.dataset.train if train else self.dataset.test
        _, of_class = np.unique(images.labels, return_counts=True)
        even = int(of_class.min()) * len(of_class)  # more than these aren't as many of each
        count = len(images) if count >= len(images) else min(count, even)
        some = balanced_subset(images, count, self.settings.data.seed, "--images")
        return make_resident(some, self.dataset, torch.device("cpu")).views(slice(None))


@dataclass(frozen=True)
class Trained(Started):
    """The same network once it is trained.

    Attributes:
        network: with the checkpoint's weights and running statistics, in evaluation mode, on the CPU.
        lr: the learning rate of its last step; NaN where the checkpoint doesn't say, and with Adam.
    """

    network: nn.Module
    lr: float

    def at(self, path: Path) -> nn.Module:
        """The network with the weights of a file that the run kept, in evaluation mode.

        Raises:
            BadRequest: it is damaged, or of another network.
        """
        network = copy.deepcopy(self.network)
        try:
            network.load_state_dict(checkpoint.load(path)["classifier"]["network"])
        except checkpoint.Damaged as error:
            raise BadRequest(f"{self.folder}: {error}") from None
        except (KeyError, TypeError, RuntimeError):
            raise BadRequest(f"{path}: not of this network") from None
        return network


Kind = TypeVar("Kind", bound=Started)


def deepest(runs: Sequence[Kind]) -> list[Kind]:
    """The deepest network of each family and variant, in each seed that has it."""
    depths: dict[tuple[Any, ...], int] = {}
    for run in runs:
        kind = run.record["family"], run.record["variant"]
        depths[kind] = max(run.record["depth"], depths.get(kind, 0))
    return [run for run in runs if run.record["depth"] == depths[run.record["family"], run.record["variant"]]]


def load_runs(
    folders: Sequence[Path], root: str | None = None, say: Callable[[str], None] = lambda text: None
) -> list[Trained]:
    """Read run folders; those of one data set share its images.

    Args:
        root: where the images lie, if elsewhere than when the networks were trained (`data.root`).
        say: is told of a damaged checkpoint where the one before it is used.

    Raises:
        BadRequest: see `load_run`.
    """
    datasets: Loaded = {}
    return [load_run(folder, root, datasets, say) for folder in folders]


def load_run(
    folder: Path,
    root: str | None = None,
    datasets: Loaded | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Trained:
    """Read one run folder.

    Args:
        datasets: those that were loaded already.

    Raises:
        BadRequest: it isn't a run folder, the run isn't complete, its checkpoint is missing or damaged, or
            the images aren't those that it was trained on.
    """
    record = read_record(folder)
    if record is None:
        raise BadRequest(f"{folder} is not a run folder: it has no {schema.RECORD}")
    if record["status"] != schema.COMPLETE:
        raise BadRequest(f"{folder}: {record['status']}, not complete: train it to its last step first")
    state = newest(folder, say)
    if state is None:
        raise BadRequest(f"{folder}: no checkpoint ({schema.LAST}): its weights are needed; train it again")
    if state["classifier"]["step"] != record["step"]:
        raise BadRequest(
            f"{folder}: its weights are those of step {state['classifier']['step']}, it ended at "
            f"{record['step']} ({schema.LAST} is damaged or gone): train it again (fresh=true)"
        )
    settings = read_settings(folder, root)
    dataset = images_of(folder, record, settings.data, {} if datasets is None else datasets)
    network = make_network(settings, dataset)
    own = state["classifier"]
    try:
        network.load_state_dict(own["network"])
    except RuntimeError:
        raise BadRequest(
            f"{folder}: its weights don't fit a {record['family']}-{record['depth']}: read it with the "
            "version that trained it"
        ) from None
    lr = settings.optimizer.per_gradient(float(own.get("lr", "nan")))
    return Trained(folder, record, settings, dataset, network.eval(), lr)


def images_of(folder: Path, record: Mapping[str, Any], data: Data, datasets: Loaded) -> Dataset:
    """The data set of a run.

    Args:
        datasets: those that were loaded already; it joins them.

    Raises:
        BadRequest: the images aren't there, or aren't those that the run was trained on.
    """
    if data not in datasets:
        images = load(data)
        datasets[data] = images, images.sha256()
    images, digest = datasets[data]
    if record["data_sha256"] and digest != record["data_sha256"]:
        raise BadRequest(f"{folder}: was trained on other images (data_sha256) than those in data.root")
    return images


def read_settings(folder: Path, root: str | None = None) -> Settings:
    """The settings in a run's config.yaml.

    Args:
        root: another `data.root`.

    Raises:
        BadRequest: the file is missing or damaged, or not of this version.
    """
    settings = read_config(folder).settings
    if root is not None and settings.data.root is not None:
        return replace(settings, data=replace(settings.data, root=root))
    return settings
