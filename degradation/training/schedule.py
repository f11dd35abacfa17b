"""The learning rate as a function of the step."""

from typing import Any

from degradation.config.optimization import Schedule

WINDOW = 100  # steps between two looks at the running error, and over which it is taken


class StepSchedule:
    """Falls by gamma at each milestone; a warm-up replaces its first part and leaves the milestones alone."""

    def __init__(self, lr: float, settings: Schedule, steps: int) -> None:
        self.base, self.gamma, self.warmup = lr, settings.gamma, settings.warmup
        self.milestones = settings.steps(steps)
        self.warming = self.warmup.until_error is not None

    def lr(self, step: int) -> float:
        """The learning rate of step `step`, from 0."""
        warmup = self.warmup
        if warmup.lr is not None and (self.warming or (warmup.steps is not None and step < warmup.steps)):
            return warmup.lr
        passed = sum(step >= milestone for milestone in self.milestones)
        return self.base / (1 / self.gamma) ** passed  # divided by 10: 0.01, not 0.010000000000000002

    def observe(self, error: float) -> None:
        """Take note of the running training error, in percent, over the last `WINDOW` steps' batches."""
        if self.warmup.until_error is not None and error < self.warmup.until_error:
            self.warming = False

    def state(self) -> dict[str, Any]:
        return {"warming": self.warming}

    def restore(self, state: dict[str, Any]) -> None:
        self.warming = state["warming"]
