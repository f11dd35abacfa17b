"""What was measured of each network, kept at once: a command that is stopped goes on behind it."""

import json
import time
from collections.abc import Callable
from typing import Any

from degradation.files import Unfinished

Row = dict[str, Any]
ROWS = "rows.json"


class Found:
    """Rows in the order in which they were measured.

    Attributes:
        rows: those that an earlier start of the command had measured come first.
    """

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        before = json.loads(unfinished.read(ROWS) or '{"seconds": 0, "rows": []}')
        self.rows: list[Row] = before["rows"]
        self._since = time.monotonic() - before["seconds"]

    def seconds(self) -> float:
        """How long all starts of the command have measured."""
        return time.monotonic() - self._since

    def row(self, measure: Callable[[], Row], **which: Any) -> Row:
        """The row that has these values, with what `measure` returns behind them if it isn't there yet."""
        for row in self.rows:
            if which.items() <= row.items():
                return row
        self.rows.append({**which, **measure()})
        self._unfinished.keep(ROWS, json.dumps({"seconds": self.seconds(), "rows": self.rows}))
        return self.rows[-1]

    def forget(self) -> None:
        """Once the report is written."""
        self._unfinished.forget()
