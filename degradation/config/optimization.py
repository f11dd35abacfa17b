"""The config keys of optimizer and schedule, typed and checked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from degradation.config.checks import above, at_least, between
from degradation.errors import BadRequest


@dataclass(frozen=True)
class Optimizer:
    """SGD's keys, as in the paper, and one that makes it Adam (Kingma and Ba 2015).

    Attributes:
        adam: how much of the mean squared gradient a step keeps (their beta 2, 0.999), with `momentum` as
            their beta 1; None: SGD.
    """

    lr: float
    momentum: float
    weight_decay: float
    adam: float | None = None

    def check(self) -> None:
        above("optimizer.lr", self.lr, 0)
        between("optimizer.momentum", self.momentum, 0, 1)
        between("optimizer.weight_decay", self.weight_decay, 0, 1)
        if self.adam is not None:
            for key, value in (("adam", self.adam), ("momentum", self.momentum)):
                if not 0 <= value < 1:
                    raise BadRequest(f"optimizer.{key}={value}: with Adam at least 0, and below 1")

    def per_gradient(self, lr: float) -> float:
        """How long a step without momentum is next to the gradient: the learning rate; NaN with Adam, whose
        steps don't follow the gradient's length."""
        return lr if self.adam is None else math.nan


@dataclass(frozen=True)
class Warmup:
    """A first learning rate, for some steps or until the running training error (percent) falls below."""

    lr: float | None
    steps: int | None
    until_error: float | None

    def check(self) -> None:
        if self.lr is None:
            if self.steps is not None or self.until_error is not None:
                raise BadRequest(
                    f"schedule.warmup.steps={self.steps}, schedule.warmup.until_error={self.until_error}: "
                    "a warm-up needs its learning rate, schedule.warmup.lr"
                )
            return
        above("schedule.warmup.lr", self.lr, 0)
        if (self.steps is None) == (self.until_error is None):
            raise BadRequest(
                f"schedule.warmup.steps={self.steps}, schedule.warmup.until_error={self.until_error}: "
                "with schedule.warmup.lr give just one of the two"
            )
        if self.steps is not None:
            at_least("schedule.warmup.steps", self.steps, 1)
        if self.until_error is not None:
            between("schedule.warmup.until_error", self.until_error, 0, 100)


@dataclass(frozen=True)
class Schedule:
    """The learning rate falls by `gamma` at each milestone: a step, or below 1 a fraction of the steps."""

    milestones: tuple[float, ...]
    gamma: float
    warmup: Warmup

    def check(self) -> None:
        for milestone in self.milestones:
            above("schedule.milestones", milestone, 0)
            if milestone >= 1 and milestone != int(milestone):
                raise BadRequest(f"schedule.milestones={milestone}: a whole step, or a fraction below 1")
        above("schedule.gamma", self.gamma, 0)
        self.warmup.check()

    def steps(self, total: int) -> tuple[int, ...]:
        """The milestones as steps of a run of `total` steps, ascending; see `milestone_steps`."""
        return milestone_steps(self.milestones, total)


def milestone_steps(milestones: Sequence[float], total: int) -> tuple[int, ...]:
    """Milestones as steps of a run of `total` steps, ascending.

    A fraction is step 1 at least: a run's first step always has the whole learning rate. One at `total` or
    beyond is never reached.
    """
    return tuple(sorted(max(1, round(m * total)) if m < 1 else int(m) for m in milestones))
