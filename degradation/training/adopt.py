"""A network that others trained -> a run folder, measured on our images.

What isn't known stays missing: the curves have one row, at step 0, with the errors measured here; the record
has no seconds and no hashes of initial values and batches, and of the config only the network, the images and
what was said of the training.
"""

import copy
import functools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from degradation.config.request import Request
from degradation.data import Dataset, load
from degradation.data.augment import Resident
from degradation.data.stream import EMPTY_CHAIN
from degradation.errors import BadRequest
from degradation.files import locked
from degradation.models.foreign import PADDINGS, has_padding, translate
from degradation.runs import schema
from degradation.training import checkpoint, device
from degradation.training.classifier import Classifier
from degradation.training.folder import read_record, write_config
from degradation.training.given import read
from degradation.training.parts import make_images, make_network, make_optimizer
from degradation.training.provenance import describe_run
from degradation.training.recorder import Recorder
from degradation.training.schedule import StepSchedule

ENOUGH = 1000  # training images on which it is seen where option A has its zero channels
OF_TRAINING = ("train.", "optimizer.", "schedule.", "trainer.")
UNKNOWN = ("seconds", "init_sha256", "init_shared_sha256", "stream_sha256", "threads", "deterministic")
HEADER = """\
# A network that others trained, from {source} (sha256 {digest}). Keys of training stand
# here because a config has all of them: what is known of it stands in record.json.
"""


def adopt(
    wanted: Request,
    path: Path,
    *,
    said: Collection[str] = (),
    padding: str | None = None,
    origin: str | None = None,
    train_error: bool = True,
    echo: bool = True,
) -> Path:
    """Make the run folder of weights that others trained, and measure their errors.

    Args:
        wanted: the network, and the images with the normalisation that it was trained with.
        path: a state dict, or a checkpoint that holds one.
        said: the config keys of training (`train.steps`) that the request has because they are known.
        padding: one of `foreign.PADDINGS`; None: the one with the lower loss on some training images.
        origin: who trained it, where the file is to be found, its licence; in words.
        train_error: measure the error on all training images too, which takes five times as long.

    Returns:
        The run folder.

    Raises:
        BadRequest: the weights can't be read or don't fit, or the folder holds another run.
    """
    state, digest = read(path)
    before = look_for(wanted, digest)
    if before is not None:
        if echo:
            print(f"{wanted.folder} has this network already: nothing to do")
        return wanted.folder
    own = wanted.settings.train
    wanted = wanted.with_train(precision=own.precision or "float32", threads=own.threads or 1, compile="none")
    on = torch.device(device.choose_accelerator(wanted.settings.trainer.accelerator))
    dataset = load(wanted.settings.data)
    train, test = make_images(dataset, on)
    network = make_network(wanted.settings, dataset)
    paddings = [padding] if padding else PADDINGS if has_padding(network) else PADDINGS[:1]
    try:
        values = {name: translate(network, state, name) for name in paddings}
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from None
    classifier = _classifier(network, wanted, on)
    chosen = _recognised(classifier, values, train) if len(values) > 1 else paddings[0]
    network.load_state_dict(values[chosen])
    row: dict[str, float] = {"step": 0}
    if train_error:
        _, row["train_error"] = classifier.evaluate(train)
    row["test_loss"], row["test_error"] = classifier.evaluate(test)
    record = _record(wanted, network, dataset, on, said) | {
        schema.SOURCE: path.name,
        schema.SOURCE_SHA256: digest,
        schema.ORIGIN: origin or None,
    }
    where = f", its zero channels {chosen}" if has_padding(network) else ""
    _write(wanted, classifier, record, row, f"adopted from {path.name}{where}", echo)
    return wanted.folder


def look_for(wanted: Request, digest: str) -> dict[str, Any] | None:
    """The record of these weights, if they were adopted before.

    Raises:
        BadRequest: the folder holds something else.
    """
    record = read_record(wanted.folder)
    if record is None:
        return None
    if record.get(schema.SOURCE_SHA256) != digest:
        what = record.get(schema.SOURCE) or "a network trained here"
        raise BadRequest(
            f"{wanted.folder} holds another run ({what}): choose another experiment_name= or seed="
        )
    return record


def _classifier(network: nn.Module, wanted: Request, on: torch.device) -> Classifier:
    settings = wanted.settings
    assert settings.train.precision and settings.train.threads
    device.set_numerics(settings.train.threads)
    schedule = StepSchedule(settings.optimizer.lr, settings.schedule, settings.train.steps)
    make = functools.partial(make_optimizer, settings)
    return Classifier(network.to(on), make, schedule, settings.train.precision).to(on)


def _recognised(classifier: Classifier, values: Mapping[str, Mapping[str, Tensor]], train: Resident) -> str:
    """The padding that the weights were trained with: the other one has the higher loss."""
    some = copy.copy(train)
    some.pixels, some.labels = train.pixels[:ENOUGH], train.labels[:ENOUGH]
    losses = {}
    for name, state in values.items():
        classifier.network.load_state_dict(state)
        losses[name], _ = classifier.evaluate(some)
    return min(losses, key=losses.__getitem__)


def _record(
    wanted: Request, network: nn.Module, dataset: Dataset, on: torch.device, said: Collection[str]
) -> dict[str, Any]:
    record = describe_run(wanted, network, dataset, on) | dict.fromkeys(UNKNOWN) | {"step": 0, "steps": 0}
    known = {
        key: value
        for key, value in record["config"].items()
        if key in said or not key.startswith(OF_TRAINING)
    }
    return record | {"config": known}


def _write(
    wanted: Request,
    classifier: Classifier,
    record: dict[str, Any],
    row: dict[str, float],
    words: str,
    echo: bool,
) -> None:
    """Write the run folder; the record, which says complete, last."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with locked(wanted.folder / schema.LOCK):
        if look_for(wanted, record[schema.SOURCE_SHA256]) is not None:  # by another process, meanwhile
            return
        recorder = Recorder(wanted.folder, record, echo)
        write_config(wanted, HEADER.format(source=record[schema.SOURCE], digest=record[schema.SOURCE_SHA256]))
        recorder.add_row(row)
        state = {"classifier": classifier.state(), "rows": recorder.state()}
        checkpoint.save(wanted.folder, state | {"seconds": 0.0, "stream_sha256": EMPTY_CHAIN})
        clean = f"clean training error {row['train_error']:.2f}%, " if "train_error" in row else ""
        recorder.log(f"{wanted.name}: {words}: {clean}test error {row['test_error']:.2f}%")
        recorder.mark(schema.COMPLETE)
