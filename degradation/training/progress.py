"""How far a run is, and how long it will take."""

import time
from collections.abc import Callable

FIRST_ESTIMATE = 20  # steps
EVERY = 30.0  # seconds between two lines, at least


class Progress:
    """Says after the first steps how long the run will take, and from time to time how much is left.

    Args:
        say: where a line goes.
        steps: the run's length.
        evaluated: images still to evaluate after a step; one costs about a third of a trained one.
        batch_size: images a step.
    """

    def __init__(
        self, say: Callable[[str], None], steps: int, evaluated: Callable[[int], int], batch_size: int
    ) -> None:
        self.say, self.steps, self.evaluated, self.batch_size = say, steps, evaluated, batch_size
        self.told, self.done, self.seconds = time.monotonic(), 0, 0.0

    def after_step(self, step: int, seconds: float) -> None:
        """Step `step` (from 1) took `seconds`."""
        self.done += 1
        if self.done > 2:  # the first steps also warm up
            self.seconds += seconds
        if self.done == FIRST_ESTIMATE and step < self.steps:
            rate = self.batch_size * (self.done - 2) / self.seconds
            self._tell(f"step {step} of {self.steps}: about {self.left(step)} left, {rate:.0f} images/s")
        elif time.monotonic() - self.told > EVERY:
            self._tell(f"step {step} of {self.steps}: about {self.left(step)} left")

    def while_evaluating(self, step: int, name: str) -> None:
        if time.monotonic() - self.told > EVERY:
            self._tell(f"step {step} of {self.steps}: evaluating the {name} set")

    def _tell(self, text: str) -> None:
        self.told = time.monotonic()
        self.say(text)

    def left(self, step: int) -> str:
        """How long from step `step` to the end, in words."""
        if self.done <= 2:
            return "an unknown time"
        image = self.seconds / (self.done - 2) / self.batch_size
        return duration(image * ((self.steps - step) * self.batch_size + self.evaluated(step) / 3))


def duration(seconds: float) -> str:
    """A length of time as a person would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
