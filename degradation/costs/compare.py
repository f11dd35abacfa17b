"""What every network costs, measured on this machine, a process each so that none's memory is another's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

import pandas as pd
import torch

from degradation.costs import cost
from degradation.costs.child import ENDED, talking
from degradation.costs.compare_table import CELLS
from degradation.costs.found import Found, Row
from degradation.costs.networks import BATCH, CLASSES, Network
from degradation.models.count import activation_bytes, multiply_adds, parameters
from degradation.training.commit import commit
from degradation.training.device import describe
from degradation.training.provenance import versions

ROUNDS = 3
LONGEST_CALL = 20.0  # seconds
LONGEST_REST = 120.0  # seconds for all else between two messages: imports, repetitions


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        minutes: for all; what is left then stays empty. The cheapest networks come first.
        rounds: how often all are measured, one round behind the other: what else the machine does for a
            while then strikes one round of a network, not all.
        batch: None: `networks.BATCH`.
    """

    networks: Sequence[Network]
    accelerator: str
    threads: int
    minutes: float
    rounds: int
    batch: int | None = None


@dataclass(frozen=True)
class Compared:
    """What was counted and measured.

    Attributes:
        counts: a row a network in the plan's order: `network`, `size` (pixels), `batch`, `parameters`,
            `multiply_adds`, `activation_bytes` (of an image in training), the config as `config.model.*`.
        rounds: a row a network and round: `network`, `round` (from 1), and of each cell of `CELLS` its
            seconds, `<cell>_peak` (bytes) and `<cell>_joules` (an image), or `<cell>_why` it was not
            measured.
        facts: machine, versions, commit, seconds.
    """

    counts: pd.DataFrame
    rounds: pd.DataFrame
    facts: Row


def measure(plan: Plan, found: Found, say: Callable[[str], None]) -> Compared:
    """Measure all networks of the plan, but for what is found already."""
    networks = [counted(network, plan) for network in plan.networks]
    cheapest = sorted(networks, key=lambda pair: pair[0]["multiply_adds"] * pair[0]["batch"])
    for number in range(1, plan.rounds + 1):
        for place, (row, job) in enumerate(cheapest, 1):
            left = 60 * plan.minutes - found.seconds()
            cells = found.row(partial(once, job, plan, left), network=row["network"], round=number)
            # What can't be measured isn't tried again.
            job["cells"] = [cell for cell in CELLS if cell in cells]
            shown = ", ".join(f"{cell} {cells[cell]:.3g} s" for cell in job["cells"]) or "nothing"
            say(f"round {number} of {plan.rounds} [{place}/{len(networks)}] {row['network']}: {shown}")
    device = torch.device(plan.accelerator)
    facts = {"device": describe(device), "kind": device.type, "threads": plan.threads, "commit": commit()}
    facts |= {"versions": versions(), "seconds": found.seconds(), "minutes": plan.minutes}
    return Compared(pd.DataFrame([row for row, _ in networks]), pd.DataFrame(found.rows), facts)


def counted(network: Network, plan: Plan) -> tuple[Row, Row]:
    """The network's counts, made on the meta device, and the job of measuring it."""
    job = network.job(CLASSES[network.size])
    with torch.device("meta"):
        built = cost.build(job)
    kept, largest = activation_bytes(built, 3, network.size)
    batch = plan.batch or BATCH[network.size]
    job |= {"batch": batch, "activations": kept, "largest": largest}
    job |= {"threads": plan.threads, "accelerator": plan.accelerator, "cells": CELLS}
    row = {
        "network": network.name,
        "size": network.size,
        "batch": batch,
        "parameters": parameters(built),
        "multiply_adds": multiply_adds(built, 3, network.size),
        "activation_bytes": kept,
        **{f"config.model.{key}": value for key, value in network.keys().items()},
    }
    return row, job


def once(job: Row, plan: Plan, seconds_left: float) -> Row:
    """Measure the job's cells in a process of its own; one that stays empty has its reason."""
    if seconds_left <= 0:
        return {f"{cell}_why": f"the {plan.minutes:g} minutes were up" for cell in job["cells"]}
    cells: Row = {}
    with talking(cost.measure, job) as heard:
        why = listen(heard, cells, seconds_left)
    left = [cell for cell in job["cells"] if cell not in cells and f"{cell}_why" not in cells]
    return cells | {f"{cell}_why": why for cell in left}


def listen(ours: Connection, cells: Row, seconds_left: float) -> str:
    """Write what the process says into the cells; returns why it was not heard to the end, or nothing."""
    end, patience, cell = time.monotonic() + seconds_left, LONGEST_REST, ""
    while True:
        wait = min(patience, end - time.monotonic())
        if not ours.poll(max(wait, 0)):
            if time.monotonic() >= end:
                return "the time for all networks was up"
            return f"a call took longer than {patience:.0f} s"
        try:
            what, *values = ours.recv()
        except EOFError:
            return ENDED
        if what == "end":
            return ""
        patience = LONGEST_CALL if what == "start" else LONGEST_REST
        if what == "start":
            cell = values[0]
        elif what == "skipped":
            cells[f"{cell}_why"] = values[0]
        elif what == "measured":
            (found,) = values
            cells |= {cell: found["seconds"], f"{cell}_peak": found["peak_bytes"]}
            if "joules" in found:
                cells[f"{cell}_joules"] = found["joules"]
