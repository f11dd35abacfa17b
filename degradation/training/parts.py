"""The parts of a run that hold numbers: images, network, optimizer. Nothing here needs Lightning."""

import functools
from collections.abc import Iterable

import torch
from torch import nn

from degradation.config.request import Request
from degradation.config.settings import Settings
from degradation.data import Dataset, Images
from degradation.data.augment import Resident
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.models.initial_ladder import initialise_as, scale_skips, set_gates
from degradation.models.unnormalised import UnnormalisedNet, unnormalised
from degradation.training import device
from degradation.training.classifier import Classifier
from degradation.training.folder import look
from degradation.training.given import begin
from degradation.training.schedule import StepSchedule

LOOKED_AT = 256  # training images, by an initialisation that looks at some
Pair = tuple[Resident, Resident]


def resolve(wanted: Request, on: torch.device) -> Request:
    """Fill in the precision and the threads where the config leaves them open; on resume, as they were."""
    record = look(wanted)
    stored = record["config"] if record else {}
    own = wanted.settings.train
    fast_gpu = own.engine == "fast" and on.type == "cuda"
    return wanted.with_train(
        precision=own.precision or stored.get("train.precision") or device.choose_precision(on),
        threads=own.threads
        or stored.get("train.threads")
        or (1 if on.type == "cpu" else torch.get_num_threads()),
        compile=own.compile or stored.get("train.compile") or ("default" if fast_gpu else "none"),
    )


def make_images(dataset: Dataset, on: torch.device) -> Pair:
    """The training and the test images on their device; every network of a group uses the same."""
    padding = dataset.train.pixels.shape[1] // 8
    train, test = (make_resident(part, dataset, on, padding) for part in (dataset.train, dataset.test))
    return train, test


def make_resident(images: Images, dataset: Dataset, on: torch.device, padding: int = 0) -> Resident:
    """Some images of a data set on a device, normalised as all of them are."""
    mean, scale = torch.from_numpy(dataset.mean_image()), dataset.scale()
    return Resident(images, mean, on, padding, None if scale is None else torch.from_numpy(scale))


def make_network(settings: Settings, dataset: Dataset) -> nn.Module:
    """The network with the initial values that the seed gives it, or the file that it starts from.

    Raises:
        BadRequest: the file isn't of this network.
    """
    model = settings.model
    network = build_model(
        model.family,
        depth=model.depth,
        width=model.width,
        shortcut=model.shortcut,
        **model.own(),
        num_classes=dataset.classes,
        in_channels=dataset.train.pixels.shape[3],
    )
    if model.norm is not None:
        assert model.width and model.shortcut
        sizes = {"width": model.width, "num_classes": dataset.classes}
        sizes["in_channels"] = dataset.train.pixels.shape[3]
        network = unnormalised(model.norm, depth=model.depth, shortcut=model.shortcut, **sizes)
    initialise(network, settings.seed)
    if isinstance(network, UnnormalisedNet):
        network.begin()
    if model.init is not None:
        some = Images(dataset.train.pixels[:LOOKED_AT], dataset.train.labels[:LOOKED_AT])
        images, _ = make_resident(some, dataset, torch.device("cpu")).views(slice(None))
        initialise_as(model.init, network, settings.seed, images)
    if model.skip_scale is not None:
        scale_skips(network, model.skip_scale)
    if model.gate_bias is not None:
        set_gates(network, model.gate_bias)
    begin(network, settings)
    return network


def make_optimizer(settings: Settings, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """SGD as in the paper, one kernel for all parameters where the engine is fast; or Adam."""
    own = settings.optimizer
    if own.adam is not None:
        betas = (own.momentum, own.adam)
        return torch.optim.Adam(parameters, lr=own.lr, betas=betas, weight_decay=own.weight_decay)
    return torch.optim.SGD(
        parameters,
        lr=own.lr,
        momentum=own.momentum,
        weight_decay=own.weight_decay,
        fused=True if settings.train.engine == "fast" else None,
    )


def make_classifier(settings: Settings, network: nn.Module, on: torch.device) -> Classifier:
    """The network on its device, with its optimizer and its schedule."""
    assert settings.train.precision
    schedule = StepSchedule(settings.optimizer.lr, settings.schedule, settings.train.steps)
    optimizer = functools.partial(make_optimizer, settings)
    return Classifier(network.to(on), optimizer, schedule, settings.train.precision).to(on)
