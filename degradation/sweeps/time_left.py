"""How long a sweep will still take, told from the networks that it trains."""

import math
import time
from collections.abc import Sequence

from degradation.runs import schema
from degradation.sweeps.job import Job
from degradation.sweeps.watch import Seen, look, seconds_left
from degradation.training.folder import has_checkpoint


class TimeLeft:
    """How long until the last network of a sweep has ended.

    A network says how long it will take after its first steps. What the others take is told from what they
    cost beside it.

    Args:
        jobs: all of the sweep. Of those that are interrupted the steps that a checkpoint holds don't count.
        at_once: how many train at a time.
    """

    def __init__(self, jobs: Sequence[Job], at_once: int) -> None:
        self.at_once = at_once
        self.seen = {
            job: Seen(job.name, step=steps_done(job), steps=job.request.settings.train.steps) for job in jobs
        }

    def seconds(self) -> float:
        """From now on; NaN while no network has said anything."""
        now = time.time()
        for job, before in self.seen.items():
            seen = look(job.request.folder, now) if job.state == schema.RUNNING else before
            if not math.isnan(seen.seconds_left):
                self.seen[job] = seen  # kept when it has ended: others are told from it
            self.seen[job].state = job.state
        return seconds_left([(seen, job.cost()) for job, seen in self.seen.items()], self.at_once)


def steps_done(job: Job) -> int:
    """Steps that a checkpoint holds."""
    goes_on = has_checkpoint(job.request.folder) and not job.request.settings.fresh
    return int(job.record().get("step") or 0) if goes_on else 0
