"""How long a step of a network takes here, measured before any is trained.

As a program (`python -m degradation.training.pace`) it reads requests as a line of JSON from standard input,
takes steps of each in turn for some seconds, and prints after each turn what is known of that network.
"""

import dataclasses
import functools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil
import torch

from degradation.config import request
from degradation.config.images import Data
from degradation.config.request import Request
from degradation.data import Dataset, Images, load
from degradation.data.stream import Stream
from degradation.training import device
from degradation.training.classifier import EVALUATION_BATCH
from degradation.training.parts import (
    Pair,
    make_classifier,
    make_images,
    make_network,
    make_resident,
    resolve,
)

SECONDS, TURN = 4.0, 0.1  # in all, and for a network at a time: whatever else runs here slows all of them
START = 3.5  # times what is imported here: so long a training takes to its first step, for Lightning the most
CPU = torch.device("cpu")


@dataclass
class Pace:
    """How long a network takes, in seconds.

    Attributes:
        start: until its first step.
        step: for a step, on the average of those that were timed.
        image: for an image that is evaluated.
        train, test: how many images there are.
    """

    start: float
    step: float
    image: float
    train: int
    test: int


class Stepper:
    """Takes steps of a network and times them, but for the first, which is slow."""

    def __init__(self, wanted: Request, dataset: Dataset, images: Pair, start: float) -> None:
        settings = resolve(wanted, CPU).settings
        device.set_numerics(settings.train.threads or 1)
        self.images, test = images
        self.stream = Stream(len(self.images), settings.train.batch_size, self.images.padding, settings.seed)
        self.classifier = make_classifier(settings, make_network(settings, dataset), CPU)
        self._step(0)
        self.pace = Pace(start, 0.0, self._evaluate(dataset), len(self.images), len(test))
        self.steps, self.seconds = 0, 0.0

    def turn(self) -> Pace:
        """Some steps, one at least."""
        since, took = time.perf_counter(), 0.0
        while took < TURN:
            self.steps += 1
            self._step(self.steps)
            took = time.perf_counter() - since
        self.seconds += took
        self.pace.step = self.seconds / self.steps
        return self.pace

    def _step(self, step: int) -> None:
        self.classifier.update(*self.images.crops(self.stream.batch(step)))

    def _evaluate(self, dataset: Dataset) -> float:
        """Seconds an image."""
        test, count = dataset.test, EVALUATION_BATCH["cpu"]
        some = make_resident(Images(test.pixels[:count], test.labels[:count]), dataset, CPU)
        since = time.perf_counter()
        self.classifier.measure(some)
        return (time.perf_counter() - since) / len(some)


def measure(wanted: Sequence[Request], imported: float) -> Iterator[tuple[int, Pace]]:
    """A network's place among those that are asked for, and its pace as far as it is known.

    Args:
        imported: seconds that the imports took.
    """
    began = time.monotonic()

    @functools.cache
    def images(data: Data) -> tuple[Dataset, Pair, float]:
        since, dataset = time.monotonic(), load(data)
        return dataset, make_images(dataset, CPU), START * imported + time.monotonic() - since

    steppers = []
    for place, one in enumerate(wanted):
        steppers.append(Stepper(one, *images(one.settings.data)))
        yield place, steppers[place].turn()
    while time.monotonic() - began < SECONDS:
        for place, stepper in enumerate(steppers):
            yield place, stepper.turn()


def main() -> None:
    wanted = [request.from_mapping(tree) for tree in json.loads(sys.stdin.buffer.readline())]
    imported = time.time() - psutil.Process().create_time()
    for place, pace in measure(wanted, imported):
        print(json.dumps({"place": place, **dataclasses.asdict(pace)}), flush=True)


if __name__ == "__main__":
    main()
