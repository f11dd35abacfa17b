"""Put the parts of one network's run together, at the step where its checkpoint is."""

from pathlib import Path

from degradation.config.logger import CSV
from degradation.config.request import Request
from degradation.config.settings import Settings
from degradation.data import Dataset
from degradation.data.augment import Resident
from degradation.data.stream import Stream
from degradation.errors import BadRequest
from degradation.runs import schema
from degradation.training import checkpoint, device, together
from degradation.training.fast.steps import FastSteps
from degradation.training.folder import look, lost, write_config
from degradation.training.group import Engine, PlainSteps
from degradation.training.kept import Kept
from degradation.training.logger import RowLogger
from degradation.training.parts import Pair, make_classifier, make_network
from degradation.training.provenance import describe_run, history
from degradation.training.recorder import Recorder
from degradation.training.run import Along, Run
from degradation.training.shared_norm import share_norms
from degradation.training.signals import Signals
from degradation.training.stop import Stop


def make_run(wanted: Request, dataset: Dataset, images: Pair, stop: Stop, echo: bool) -> Run:
    """Put the parts of one network together, at the step where its checkpoint is.

    Args:
        images: what `make_images` made of the data set; they say on which device to train.

    Raises:
        BadRequest: the images differ from those that the run began with, or no checkpoint is whole.
    """
    settings, on = wanted.settings, images[0].pixels.device
    assert settings.train.threads
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
    classifier = make_classifier(settings, network, on)
    leads = together.rank(settings.trainer.devices) == 0
    recorder = Recorder(wanted.folder, record, echo, leads)
    if leads and settings.logger != CSV:
        recorder.follower = RowLogger(wanted)
    recorder.forget_progress()
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
        found.append(Signals(folder, train.signals_every, images, settings.optimizer))
    return found


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
