"""What a sweep set out to train, kept beside its run folders: so that who watches knows what still waits."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from degradation.files import read_json, write_json
from degradation.sweeps.job import Job

PLAN = "sweep.json"


def write_plans(jobs: Sequence[Job], at_once: int) -> None:
    """Write the networks of each experiment, and how many train at once. A sweep before is added to."""
    folders = dict.fromkeys(job.request.folder.parent for job in jobs)
    for folder in folders:
        networks = {job.name: job.cost() for job in jobs if job.request.folder.parent == folder}
        with contextlib.suppress(OSError):  # only for others to read
            folder.mkdir(parents=True, exist_ok=True)
            plan = {"at_once": at_once, "networks": read_plan(folder)["networks"] | networks}
            write_json(folder / PLAN, plan)


def read_plan(experiment: Path) -> dict[str, Any]:
    """`at_once`, and `networks`: name -> cost, what it takes relative to others; empty where not known."""
    try:
        found = read_json(experiment / PLAN)
    except (OSError, ValueError):
        found = {}
    networks = found.get("networks")
    return {
        "at_once": found.get("at_once", 1),
        "networks": networks if isinstance(networks, dict) else {},
    }
