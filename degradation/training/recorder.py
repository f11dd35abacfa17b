"""The recorder writes a run folder: curves.csv, record.json, log.txt."""

import contextlib
import csv
import functools
import io
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from degradation import errors
from degradation.files import write_atomic, write_json
from degradation.runs import schema

Row = dict[str, float]


class Follower(Protocol):
    """Who is handed the rows, too: see `logger.RowLogger`."""

    name: str

    def add(self, rows: Sequence[Row]) -> None:
        """All rows until now."""

    def end(self, status: str) -> None:
        """The run has ended, for now."""


class Recorder:
    """One run's rows and its record, and where they are written.

    Args:
        folder: the run folder, which exists.
        record: the record's first contents; `record.json` is written by `mark`.
        echo: print what is logged, too.
        writes: False in all but the first of several processes: nothing is written or printed.

    Attributes:
        follower: is handed the rows, too. Where it fails, the run goes on.
    """

    def __init__(self, folder: Path, record: dict[str, Any], echo: bool = True, writes: bool = True) -> None:
        self.folder, self.echo, self.writes = folder, echo, writes
        self.record: dict[str, Any] = {key: record.get(key) for key in schema.RECORD_KEYS}
        self.record |= {key: record[key] for key in schema.OPTIONAL if record.get(key) is not None}
        self.rows: list[Row] = []
        self.follower: Follower | None = None

    def log(self, text: str) -> None:
        """Write a line to log.txt, and print it."""
        if not self.writes:
            return
        # A log that can't be written is no reason to stop: if there is one, the next checkpoint meets it.
        with contextlib.suppress(OSError), (self.folder / schema.LOG).open("a") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
        if self.echo:
            with contextlib.suppress(OSError):
                print(text, file=sys.stdout, flush=True)

    def forget_progress(self) -> None:
        """Of before an interruption: what is left is told anew, after the first steps."""
        if self.writes:
            with contextlib.suppress(OSError):
                (self.folder / schema.PROGRESS).unlink(missing_ok=True)

    def note(self, **progress: float) -> None:
        """Write how far the run is to progress.json, with the time, for whoever watches."""
        if self.writes:
            with contextlib.suppress(OSError):  # as with the log
                write_json(self.folder / schema.PROGRESS, {"time": time.time(), **progress})

    def add_row(self, row: Row) -> None:
        """Add an evaluation's row; NaN where not measured."""
        self.rows.append({name: row.get(name, math.nan) for name in schema.CURVE_COLUMNS})
        self.write_curves()

    def write_curves(self) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(schema.CURVE_COLUMNS)
        for row in self.rows:
            writer.writerow(["" if math.isnan(value) else repr(value) for value in row.values()])
        if self.writes:
            write_atomic(self.folder / schema.CURVES, text.getvalue())
        if self.follower is not None:
            self._follow(functools.partial(self.follower.add, self.rows), "the next row brings this one")

    def mark(self, status: str, message: str | None = None, **values: Any) -> None:
        """Set the run's state and write record.json; its errors are the last row's, never the best."""
        last = self.rows[-1] if self.rows else {}
        self.record.update({name: last.get(name, math.nan) for name in schema.FINAL_COLUMNS})
        self.record.update(values, status=status, message=message)
        if self.writes:
            write_json(self.folder / schema.RECORD, self.record)
        if self.follower is not None and status != schema.RUNNING:
            self._follow(functools.partial(self.follower.end, status), "it may miss the end")

    def _follow(self, act: Callable[[], None], otherwise: str) -> None:
        assert self.follower is not None
        try:
            act()
        except Exception as error:  # foreign code, and no reason to stop
            self.log(f"logger={self.follower.name}: {errors.words(error)}: {otherwise}")

    def state(self) -> list[list[float]]:
        """The rows, for the checkpoint."""
        return [list(row.values()) for row in self.rows]

    def restore(self, rows: list[list[float]]) -> None:
        """Go back to a checkpoint's rows; later ones are dropped from curves.csv."""
        self.rows = [dict(zip(schema.CURVE_COLUMNS, row, strict=True)) for row in rows]
        self.write_curves()
