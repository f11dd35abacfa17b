"""What `degradation watch` shows: a table of an experiment's networks, or plain lines for pipes."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from degradation.runs import schema
from degradation.sweeps import live
from degradation.sweeps.job import WAITING
from degradation.sweeps.watch import DEAD, STALLED, Experiment, Seen
from degradation.training.progress import duration

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = live.COLOURS | {STALLED: "bold red", DEAD: "bold red"}
BARS = "▁▂▃▄▅▆▇█"
CURVE = 12  # characters
HEADER = ("network", "state", "step", "training %", "test %", "images/s", "left", "training error")
DASH = "–"


def cells(seen: Seen) -> tuple[str, ...]:
    """A row of the table: as `HEADER`, with a dash for what isn't known."""
    step = DASH if math.isnan(seen.step) else f"{seen.step:,.0f}"
    steps = "" if math.isnan(seen.steps) else f" of {seen.steps:,.0f}"
    left = DASH if math.isnan(seen.seconds_left) else duration(seen.seconds_left)
    numbers = (f"{value:.2f}" if value >= 0 else DASH for value in (seen.train_error, seen.test_error))
    speed = f"{seen.images_per_second:,.0f}" if seen.images_per_second >= 0 else DASH
    return (seen.name, seen.state, step + steps, *numbers, speed, left, curve(seen.curve))


def curve(errors: Sequence[float]) -> str:
    """The running training error from the first to the last evaluation, as bars from 0 to 100%."""
    if not errors:
        return ""
    places = [round(index * (len(errors) - 1) / max(CURVE - 1, 1)) for index in range(CURVE)]
    chosen = errors if len(errors) <= CURVE else [errors[place] for place in places]
    return "".join(BARS[min(int(error / 100 * len(BARS)), len(BARS) - 1)] for error in chosen)


def summary(one: Experiment) -> str:
    """How many are complete, and when the rest will be."""
    states = [seen.state for seen in one.networks]
    counts = [f"{states.count(schema.COMPLETE)} of {len(states)} networks complete"]
    others = (schema.RUNNING, WAITING, STALLED, DEAD, schema.FAILED, schema.INTERRUPTED)
    counts += [f"{states.count(state)} {state}" for state in others if state in states]
    if schema.RUNNING in states and not math.isnan(one.seconds_left):
        counts.append(f"all in about {duration(one.seconds_left)}")
    return f"{one.name}: {', '.join(counts)}"


def said(seen: Seen) -> str:
    """What went wrong, if anything did."""
    return seen.message if seen.state in (STALLED, DEAD, schema.FAILED) else ""


def plain(one: Experiment) -> str:
    """An experiment as lines of aligned columns, with what went wrong under each."""
    rows = [HEADER, *(cells(seen) for seen in one.networks)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    messages = ["", *(said(seen) for seen in one.networks)]
    lines = [summary(one)]
    for row, message in zip(rows, messages, strict=True):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        lines += [f"    {message}"] if message else []
    return "\n".join(lines)


def table(one: Experiment) -> "Table":
    """An experiment as a table of rich's."""
    from rich.table import Table
    from rich.text import Text

    wrong = "\n".join(f"{seen.name}: {said(seen)}" for seen in one.networks if said(seen))
    made = Table(title=summary(one), title_justify="left", caption=Text(wrong), caption_justify="left")
    for name in HEADER:
        made.add_column(name, no_wrap=True)
    for seen in one.networks:
        row = cells(seen)
        made.add_row(row[0], Text(row[1], COLOURS.get(seen.state, "dim")), *row[2:])
    return made
