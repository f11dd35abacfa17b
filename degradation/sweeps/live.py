"""What a sweep shows: one live table on a terminal, elsewhere one line per change of state. A `Watcher`."""

import contextlib
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from degradation.runs import schema
from degradation.sweeps.job import IN_USE, STOPPED, WAITING, Job
from degradation.sweeps.time_left import TimeLeft
from degradation.training.progress import duration

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

COLOURS = {
    schema.COMPLETE: "green",
    schema.RUNNING: "cyan",
    schema.FAILED: "red",
    schema.INTERRUPTED: "yellow",
    IN_USE: "yellow",
}
EVERY = 1.0  # seconds between two looks at the networks' logs
LOOK = 3.0  # seconds between two looks at how long they will take
SHORT = 60.0  # seconds: not worth a word


class LiveTable:
    """Shows the jobs of a sweep; use it in a `with` block.

    Args:
        time_left: how long they will take; None: that isn't told.
    """

    def __init__(self, jobs: Sequence[Job], time_left: TimeLeft | None = None) -> None:
        self.jobs, self.time_left = jobs, time_left
        self.seconds_left, self._looked = math.nan, time.monotonic()
        self.folders = list(dict.fromkeys(str(job.request.folder.parent) for job in jobs))
        self.live: Live | None = None
        self._refreshed = 0.0

    def __enter__(self) -> "LiveTable":
        complete = sum(job.state == schema.COMPLETE for job in self.jobs)
        say(f"{len(self.jobs)} networks in {', '.join(self.folders)}, {complete} of them complete already")
        for job in self.jobs:
            if job.note:
                say(f"{job.name}: {job.note}")
        if sys.stdout.isatty():
            from rich.live import Live

            self.live = Live(self._draw(), refresh_per_second=2)
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live is not None:
            self.live.update(self._draw())
            self.live.stop()
        for job in self.jobs:
            if job.state not in (schema.COMPLETE, schema.RUNNING, WAITING, STOPPED):
                why = f": {job.message}" if job.message else ""
                say(f"{job.name}: {job.state}{why}", sys.stderr)
        idle = sum(job.state == STOPPED for job in self.jobs)
        if idle:
            say(f"{idle} of {len(self.jobs)} networks were not started; the same command goes on", sys.stderr)
        if kind is None and any(job.state == schema.COMPLETE for job in self.jobs):
            say(f"its report: python scripts/plot_curves.py {' '.join(self.folders)} (or: degradation plot)")

    def changed(self, job: Job) -> None:
        if self.live is None and job.state in COLOURS:
            ended = sum(other.state not in (WAITING, schema.RUNNING) for other in self.jobs)
            took = f" after {job.seconds:.0f} s" if job.seconds else ""
            why = f": {job.message}" if job.message else ""
            left = self._left() if job.state == schema.COMPLETE else ""
            say(f"[{ended}/{len(self.jobs)}] {job.name}: {job.state}{took}{why}{left and f'; {left}'}")

    def tick(self) -> None:
        """Look at the networks, and draw the table again, now and then."""
        if self.time_left is not None and time.monotonic() - self._looked > LOOK:
            known = not math.isnan(self.seconds_left)
            self._looked, self.seconds_left = time.monotonic(), self.time_left.seconds()
            if self.live is None and not known and self._left():
                say(self._left())
        if self.live is not None and time.monotonic() - self._refreshed > EVERY:
            self._refreshed = time.monotonic()
            self.live.update(self._draw())

    def _left(self) -> str:
        """How long the sweep will still take, in words; empty where that isn't known, or is short."""
        worth_saying = self.seconds_left >= SHORT
        return f"all in about {duration(self.seconds_left)}" if worth_saying else ""

    def _draw(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table("network", "state", "time", "", expand=False, caption=self._left() or None)
        for job in self.jobs:
            running = job.state == schema.RUNNING
            seconds = time.monotonic() - job.started if running else job.seconds
            text = _last_line(job.request.folder / schema.LOG) if running else job.message
            style = COLOURS.get(job.state, "dim")
            took = f"{int(seconds) // 60}:{int(seconds) % 60:02d}" if seconds else ""
            table.add_row(job.name, Text(job.state, style), took, Text(text))  # a message may hold brackets
        return table


def say(text: str, to: TextIO | None = None) -> None:
    """Print a line; where it can't be (a log on a full disk), the networks train on all the same."""
    with contextlib.suppress(OSError):
        print(text, file=to or sys.stdout, flush=True)


def _last_line(path: Path) -> str:
    """The last thing that a network wrote to its log, without the time."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 2000, 0))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][20:].strip() if lines else ""
