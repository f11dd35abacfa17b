"""What every network costs, measured on this machine, a process each so that none's memory is another's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import torch

from degradation.costs import cost
from degradation.costs.child import ENDED, talking
from degradation.costs.networks import BATCH, CLASSES, Network
from degradation.models.count import activation_bytes, multiply_adds, parameters
from degradation.training.commit import commit
from degradation.training.device import describe
from degradation.training.provenance import versions

CELLS = ("forward_one", "training_one", "forward_batch", "training_batch")
SPREAD = ("low", "high", "repeats")  # of a cell: seconds, seconds, how many
LONGEST_CALL = 20.0  # seconds
LONGEST_REST = 120.0  # seconds for all else between two messages: imports, repetitions

Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        minutes: for all; what is left then stays empty. The cheapest networks come first.
        batch: None: `networks.BATCH`.
    """

    networks: Sequence[Network]
    accelerator: str
    threads: int
    minutes: float
    batch: int | None = None


@dataclass
class Compared:
    """Rows, one a network in the plan's order, and what is said once.

    Attributes:
        rows: `network`, `size` (pixels), `batch`, `parameters`, `multiply_adds`, `activation_bytes` (of an
            image in training), the config as `config.model.*`, and of each cell of `CELLS`: its seconds (the
            median), `<cell>_low` and `<cell>_high` (seconds) of `<cell>_repeats`, `<cell>_peak` (bytes) and
            `<cell>_joules` (an image), or `<cell>_why` it was not measured.
        facts: machine, versions, commit, seconds.
    """

    rows: list[Row] = field(default_factory=list)
    facts: Row = field(default_factory=dict)


def measure(plan: Plan, say: Callable[[str], None]) -> Compared:
    """Measure all networks of the plan."""
    since = time.monotonic()
    rows = [counted(network, plan) for network in plan.networks]
    for number, row in enumerate(sorted(rows, key=lambda row: row["multiply_adds"] * row["batch"]), 1):
        left = 60 * plan.minutes - (time.monotonic() - since)
        fill(row, plan, left)
        shown = ", ".join(f"{cell} {row[cell]:.3g} s" if cell in row else f"{cell} –" for cell in CELLS)
        say(f"[{number}/{len(rows)}] {row['network']}: {shown}")
    for row in rows:
        del row["job"]
    device = torch.device(plan.accelerator)
    facts = {"device": describe(device), "kind": device.type, "threads": plan.threads, "commit": commit()}
    seconds = time.monotonic() - since
    return Compared(rows, {**facts, "versions": versions(), "seconds": seconds, "minutes": plan.minutes})


def counted(network: Network, plan: Plan) -> Row:
    """The row's counts, made on the meta device, and the `job` of measuring it."""
    job = network.job(CLASSES[network.size])
    with torch.device("meta"):
        built = cost.build(job)
    kept, largest = activation_bytes(built, 3, network.size)
    batch = plan.batch or BATCH[network.size]
    job |= {"batch": batch, "activations": kept, "largest": largest}
    job |= {"threads": plan.threads, "accelerator": plan.accelerator}
    return {
        "network": network.name,
        "size": network.size,
        "batch": batch,
        "parameters": parameters(built),
        "multiply_adds": multiply_adds(built, 3, network.size),
        "activation_bytes": kept,
        **{f"config.model.{key}": value for key, value in network.keys().items()},
        "job": job,
    }


def fill(row: Row, plan: Plan, seconds_left: float) -> None:
    """Measure a row's cells in a process of its own; a cell that stays empty has its reason."""
    if seconds_left <= 0:
        row.update({f"{cell}_why": f"the {plan.minutes:g} minutes were up" for cell in CELLS})
        return
    with talking(cost.measure, row["job"]) as heard:
        why = listen(heard, row, seconds_left)
    for cell in CELLS:
        if cell not in row and f"{cell}_why" not in row:
            row[f"{cell}_why"] = why


def listen(ours: Connection, row: Row, seconds_left: float) -> str:
    """Write what the process says into the row; returns why it was not heard to the end, or nothing."""
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
            row[f"{cell}_why"] = values[0]
        elif what == "measured":
            found = values[0]
            row[cell] = found["seconds"]
            row |= {f"{cell}_{key}": found[key] for key in SPREAD}
            row[f"{cell}_peak"] = found["peak_bytes"]
            if "joules" in found:
                row[f"{cell}_joules"] = found["joules"]
