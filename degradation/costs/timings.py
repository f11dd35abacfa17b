"""Timings of some training steps, and of what the machine can do at most."""

import functools
import logging
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import pytorch_lightning as pl
import torch

from degradation.config.request import Request
from degradation.costs.convolutions import convolutions, seconds
from degradation.costs.usual import Usual, make_loader
from degradation.data import load
from degradation.training.build import make_engine, make_run
from degradation.training.classifier import Classifier
from degradation.training.commit import commit
from degradation.training.device import choose_accelerator, set_numerics, synchronize
from degradation.training.device import describe as words
from degradation.training.group import Group, Starts
from degradation.training.lightning import make_trainer, quietly
from degradation.training.parts import make_images, make_network, resolve
from degradation.training.provenance import versions
from degradation.training.stop import Stop

Barrier = Callable[[], None]


class Stopwatch(pl.Callback):
    """Times the steps after the first `warm` ones, of any Trainer.

    Args:
        stops: numbers of `training_step`s: the time runs from the end of the first to the end of the second.
        barrier: called before the time runs, so that several processes start together.
    """

    def __init__(self, stops: tuple[int, int], barrier: Barrier) -> None:
        self.stops, self.barrier = stops, barrier
        self.done, self.seconds, self.since = 0, float("nan"), 0.0

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        self.done += 1
        if self.done in self.stops:
            synchronize(trainer.strategy.root_device)
            if self.done == self.stops[0]:
                self.barrier()
                self.since = time.perf_counter()
            else:
                self.seconds = time.perf_counter() - self.since


def usual(
    wanted: Request, steps: tuple[int, int], workers: int, tf32: bool, barrier: Barrier
) -> dict[str, float]:
    """Time the usual way.

    Args:
        wanted: the network, the data and the batch size.
        steps: how many to warm up with, how many to time.
        workers: processes of the DataLoader.
        tf32: PyTorch's default, which uses TF32 in convolutions on a GPU; False: not even there.

    Returns:
        `seconds` of the timed steps.
    """
    settings = wanted.settings
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = tf32, False
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    dataset = load(settings.data)
    module = Usual(make_network(settings, dataset), settings)
    padding = dataset.train.pixels.shape[1] // 8
    loader = make_loader(dataset.train, padding, settings.train.batch_size, workers, sum(steps))
    watch = Stopwatch((steps[0], sum(steps)), barrier)
    trainer = pl.Trainer(
        accelerator=choose_accelerator(settings.trainer.accelerator),
        devices=1,
        max_steps=sum(steps),
        callbacks=[watch],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    with warnings.catch_warnings():  # of Lightning: that more workers may be faster
        warnings.simplefilter("ignore")
        trainer.fit(module, loader)
    return {"seconds": watch.seconds}


def suite(wanted: Sequence[Request], steps: tuple[int, int], barrier: Barrier) -> dict[str, float]:
    """Time this suite's own way, for one network or a group.

    Returns:
        `seconds` of the timed steps, `flops` of training on an image (a mean over the networks); on a CPU, of
        one network, also `outside`: the part of the time outside forward, backward and optimizer.
    """
    stop = Stop()
    trainer = make_trainer(wanted[0].settings.trainer, stop)
    device = trainer.strategy.root_device
    requests = [resolve(one, device) for one in wanted]
    dataset = load(requests[0].settings.data)
    images = make_images(dataset, device)
    for one in requests:
        one.folder.mkdir(parents=True)
    runs = [make_run(one, dataset, images, stop, echo=False) for one in requests]
    engine = make_engine(requests[0].settings, dataset, images[0], stop)
    starts = list(Starts(engine, 0, sum(steps)))
    watch = Stopwatch((starts.index(steps[0]), len(starts)), barrier)
    trainer.callbacks.append(watch)  # type: ignore[attr-defined]
    inside = Inside(runs[0].classifier, watch)
    with quietly():
        trainer.fit(Group(runs, engine), Starts(engine, 0, sum(steps)))
    multiply_adds = sum(run.recorder.record["multiply_adds"] for run in runs) / len(runs)
    found = {"seconds": watch.seconds, "flops": 6 * multiply_adds}  # 2 forward, 4 backward
    if device.type == "cpu" and len(runs) == 1:
        found["outside"] = 1 - inside.seconds / watch.seconds
    return found


class Inside:
    """Takes the time that a classifier's `update` takes, while a stopwatch runs."""

    def __init__(self, classifier: Classifier, watch: Stopwatch) -> None:
        self.seconds, update = 0.0, classifier.update

        def timed(images: torch.Tensor, labels: torch.Tensor) -> None:
            since = time.perf_counter()
            update(images, labels)
            if watch.since:
                self.seconds += time.perf_counter() - since

        classifier.update = timed  # type: ignore[method-assign]


def describe(wanted: Request) -> dict[str, Any]:
    """The machine, and how the suite trains on it."""
    device = torch.device(choose_accelerator(wanted.settings.trainer.accelerator))
    train = resolve(wanted, device).settings.train
    return {
        "device": words(device),
        "kind": device.type,
        "precision": train.precision,
        "engine": train.engine,
        "compile": train.compile,
        "versions": versions(),
        "commit": commit(),
    }


def limits(accelerator: str, small: bool) -> dict[str, float]:
    """What the device does at most: matrix products in FLOP/s, a copy in bytes/s (read and written).

    Args:
        small: in a second, to see that it works.
    """
    device = torch.device(choose_accelerator(accelerator))
    set_numerics(torch.get_num_threads())
    side = (256 if small else 2048) if device.type == "cpu" else 8192
    found = {}
    for name, kind in (("bf16", torch.bfloat16), ("float32", torch.float32)):
        left = torch.randn(side, side, device=device, dtype=kind)
        right = torch.randn(side, side, device=device, dtype=kind)
        found[f"{name}_flops"] = 2 * side**3 / fastest(lambda a=left, b=right: a @ b, device)  # type: ignore[misc]
    source = torch.zeros((1 << 22) if small else (1 << 28), dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    found["copy_bytes"] = 2 * source.numel() / fastest(lambda: target.copy_(source), device)
    return found


def kernels(wanted: Request) -> dict[str, float]:
    """What the convolutions alone take, in the precision of training, on one thread of a CPU as in a sweep.

    Returns:
        `seconds` of a step, and of each pass `forward`, `data`, `weight`.
    """
    device = torch.device(choose_accelerator(wanted.settings.trainer.accelerator))
    settings = resolve(wanted, device).settings
    assert settings.train.threads and settings.train.precision
    set_numerics(settings.train.threads)
    kind = torch.bfloat16 if settings.train.precision == "bf16" else torch.float32
    dataset = load(settings.data)
    with torch.device("meta"):
        network = make_network(settings, dataset)
    size, channels = dataset.train.pixels.shape[2:]
    found = convolutions(network, settings.train.batch_size, channels, size)
    passes = seconds(found, kind, device, functools.partial(fastest, times=3))
    return {"seconds": sum(passes.values()), **passes}


def fastest(work: Callable[[], Any], device: torch.device, times: int = 10) -> float:
    """Seconds of the fastest of some calls, after two that warm up."""
    found = []
    for _ in range(times + 2):
        synchronize(device)
        since = time.perf_counter()
        work()
        synchronize(device)
        found.append(time.perf_counter() - since)
    return min(found[2:])
