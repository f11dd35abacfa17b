"""Put the parts of one network's run together, at the step where its checkpoint is."""

import functools
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn

from degradation.config.request import Request
from degradation.config.settings import Settings
from degradation.data import Dataset, Images
from degradation.data.augment import Resident
from degradation.data.stream import Stream
from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.models.initial_ladder import initialise_as, scale_skips
from degradation.models.unnormalised import UnnormalisedNet, unnormalised
from degradation.runs import schema
from degradation.training import checkpoint, device, together
from degradation.training.classifier import Classifier
from degradation.training.fast import FastSteps
from degradation.training.folder import look, lost, write_config
from degradation.training.group import Engine, PlainSteps
from degradation.training.kept import Kept
from degradation.training.provenance import describe_run, history
from degradation.training.recorder import Recorder
from degradation.training.run import Along, Run
from degradation.training.schedule import StepSchedule
from degradation.training.shared_norm import share_norms
from degradation.training.signals import Signals
from degradation.training.stop import Stop

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


def make_run(wanted: Request, dataset: Dataset, images: Pair, stop: Stop, echo: bool) -> Run:
    """Put the parts of one network together, at the step where its checkpoint is.

    Args:
        images: what `make_images` made of the data set; they say on which device to train.

    Raises:
        BadRequest: the images differ from those that the run began with, or no checkpoint is whole.
    """
    settings, on = wanted.settings, images[0].pixels.device
    assert settings.train.threads and settings.train.precision
    device.set_numerics(
        settings.train.threads, fast=settings.train.engine == "fast" and not settings.trainer.deterministic
    )
    network = make_network(settings, dataset)
    record = describe_run(wanted, network, dataset, on)
    before = look(wanted)
    if before and before["data_sha256"] != record["data_sha256"]:
        raise BadRequest(
            f"{wanted.folder}: began with other images (data_sha256): use another experiment_name="
        )
    if settings.trainer.devices > 1:
        share_norms(network)
    schedule = StepSchedule(settings.optimizer.lr, settings.schedule, settings.train.steps)
    classifier = Classifier(
        network.to(on), functools.partial(make_optimizer, settings), schedule, settings.train.precision
    ).to(on)
    leads = together.rank(settings.trainer.devices) == 0
    recorder = Recorder(wanted.folder, record, echo, leads)
    run = Run(settings.train, classifier, recorder, *images, stop.check)
    state = checkpoint.newest(wanted.folder, recorder.log)
    if state is not None:
        run.resume(state)
        recorder.log(f"{wanted.name}: resumed at step {run.step} of {settings.train.steps}")
    else:
        gone = lost(wanted.folder, before) if before else ""
        if gone:
            recorder.log(f"{wanted.name}: {gone}; its rows in {schema.CURVES} are dropped")
            recorder.restore([])
        recorder.log(f"{wanted.name}: {settings.train.steps} steps on {record['device']}")
    run.along = make_along(settings, wanted.folder, images[0]) if leads else []
    for one in run.along:
        one.resume(run.step)
    recorder.record[schema.HISTORY] = history(before, record, run.step)
    run.mark(schema.RUNNING)  # before config.yaml: a run folder that says anything has a record
    if leads:
        write_config(wanted)
    return run


def make_along(settings: Settings, folder: Path, images: Resident) -> list[Along]:
    """What looks at the network along the way, of those that are asked for."""
    train = settings.train
    found: list[Along] = [Kept(folder, train.keep_every)]
    if train.signals_every:
        found.append(Signals(folder, train.signals_every, images, settings.optimizer.weight_decay))
    return found


def make_network(settings: Settings, dataset: Dataset) -> nn.Module:
    """The network with the initial values that the seed gives it, or the file that it starts from.

    Raises:
        BadRequest: the file is no checkpoint of this network.
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
    if settings.start is not None:
        _start(network, settings.start)
    return network


def _start(network: nn.Module, path: str) -> None:
    try:
        network.load_state_dict(checkpoint.load(Path(path).expanduser())["classifier"]["network"])
    except FileNotFoundError:
        raise BadRequest(f"start={path}: not there") from None
    except checkpoint.Damaged as error:
        raise BadRequest(f"start={path}: {error}") from None
    except (KeyError, TypeError, RuntimeError):
        raise BadRequest(f"start={path}: not a checkpoint of this network") from None


def make_optimizer(settings: Settings, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """SGD as in the paper; one kernel for all parameters where the engine is fast."""
    own = settings.optimizer
    return torch.optim.SGD(
        parameters,
        lr=own.lr,
        momentum=own.momentum,
        weight_decay=own.weight_decay,
        fused=True if settings.train.engine == "fast" else None,
    )


def make_engine(settings: Settings, dataset: Dataset, images: Resident, stop: Stop) -> Engine:
    """What does the steps.

    Raises:
        BadRequest: the device is none that the engine knows.
    """
    train = settings.train
    stream = Stream(len(dataset.train), train.batch_size, images.padding, settings.seed)
    if train.engine == "plain":
        return PlainSteps(stream, images)
    if images.pixels.device.type == "mps":
        raise BadRequest("train.engine=fast: on CUDA and CPUs; Apple's MPS takes train.engine=plain")
    every = [train.evaluate_every, train.checkpoint_every, train.evaluate_train_every or train.steps]
    every += [train.keep_every] if train.keep_every else []
    return FastSteps(stream, images, every, stop.check, train.compile or "none", train.urgent)
