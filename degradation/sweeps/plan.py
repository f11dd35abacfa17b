"""What a sweep set out to train, left beside its run folders: so that who watches knows what still waits."""

import contextlib
from collections.abc import Sequence

from degradation.files import write_json
from degradation.runs.planned import PLAN, read_plan
from degradation.sweeps.job import Job


def write_plans(jobs: Sequence[Job], at_once: int) -> None:
    """Write the networks of each experiment, and how many train at once. A sweep before is added to."""
    folders = dict.fromkeys(job.request.folder.parent for job in jobs)
    for folder in folders:
        networks = {job.name: job.cost() for job in jobs if job.request.folder.parent == folder}
        with contextlib.suppress(OSError):  # only for others to read
            folder.mkdir(parents=True, exist_ok=True)
            plan = {"at_once": at_once, "networks": read_plan(folder)["networks"] | networks}
            write_json(folder / PLAN, plan)
