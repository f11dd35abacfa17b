"""What was measured of each network, kept at once: a command that is stopped goes on behind it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from degradation.files import Unfinished
from degradation.training.commit import code
from degradation.training.device import describe

Row = dict[str, Any]
ROWS = "rows.json"


class Found:
    """Rows in the order in which they were measured.

    Attributes:
        rows: those that an earlier start of the command had measured come first.
    """

    def __init__(self, report: Path, accelerator: str, *asked: object) -> None:
        """
        Args:
            report: the folder of the report that is made of them.
            asked: what was asked for. Rows are taken up if that, the code and the machine are the same.
        """
        self._unfinished = Unfinished(report, str(asked), describe(torch.device(accelerator)), code())
        before = json.loads(self._unfinished.read(ROWS) or '{"seconds": 0, "rows": []}')
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
