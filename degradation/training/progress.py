"""How far a run is, and how long it will take."""

import math
import time
from collections.abc import Callable

WARM_UP = 2  # steps that say nothing of the others
FIRST_ESTIMATE = 20  # steps
EVERY = 30.0  # seconds between two lines, at least


class Progress:
    """Says after the first steps how long the run will take, and from time to time how much is left.

    Args:
        say: where a line goes.
        note: where the numbers go: `step`, `seconds_left`, `seconds_in_all` and `images_per_second` (NaN
            while not known).
        steps: the run's length.
        evaluated: images still to evaluate after a step; one costs about a third of a trained one.
        batch_size: images a step.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        note: Callable[..., None],
        steps: int,
        evaluated: Callable[[int], int],
        batch_size: int,
    ) -> None:
        self.say, self.note, self.steps = say, note, steps
        self.evaluated, self.batch_size = evaluated, batch_size
        self.told, self.done, self.timed, self.seconds = time.monotonic(), 0, 0, 0.0

    def after_steps(self, step: int, count: int, seconds: float) -> None:
        """The last `count` steps, up to step `step` (from 1), took `seconds`."""
        known = self.timed > 0 and self.done >= FIRST_ESTIMATE
        if self.done >= WARM_UP:
            self.timed += count
            self.seconds += seconds
        self.done += count
        if step >= self.steps:
            return
        if self.timed and self.done >= FIRST_ESTIMATE and not known:
            self._tell(step, f"about {self.left(step)} left, {self.images_per_second():.0f} images/s")
        elif time.monotonic() - self.told > EVERY:
            self._tell(step, f"about {self.left(step)} left")

    def while_evaluating(self, step: int, name: str) -> None:
        if time.monotonic() - self.told > EVERY:
            self._tell(step, f"evaluating the {name} set")

    def _tell(self, step: int, text: str) -> None:
        self.told = time.monotonic()
        self.say(f"step {step} of {self.steps}: {text}")
        self.note(
            step=step,
            seconds_left=self.seconds_left(step),
            seconds_in_all=self.seconds_left(0),
            images_per_second=self.images_per_second(),
        )

    def images_per_second(self) -> float:
        return self.batch_size * self.timed / self.seconds if self.timed else math.nan

    def seconds_left(self, step: int) -> float:
        """From step `step` to the end."""
        images = (self.steps - step) * self.batch_size + self.evaluated(step) / 3
        return images / self.images_per_second()

    def left(self, step: int) -> str:
        """How long from step `step` to the end, in words."""
        return duration(self.seconds_left(step)) if self.timed else "an unknown time"


def duration(seconds: float) -> str:
    """A length of time as a person would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
