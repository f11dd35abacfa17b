"""Stopping between two steps: signals and the time limit."""

import os
import signal
import sys
import threading
import time
from types import FrameType

from degradation.errors import OUT_OF_TIME, Stopped, stopping
from degradation.training import together


class Stop:
    """Remembers that a stop was asked for, until `check` is called where stopping is safe."""

    def __init__(self, max_minutes: float | None = None) -> None:
        self.signal: int | None = None
        self.deadline = time.monotonic() + 60 * max_minutes if max_minutes else None

    def install(self) -> None:
        """Catch Ctrl-C, SIGTERM and a closed terminal; again after Lightning has put its own there."""
        if threading.current_thread() is threading.main_thread():
            for number in stopping():
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None and number == signal.SIGINT:
            signal.default_int_handler(number, frame)  # a second Ctrl-C does not wait
        self.signal = number

    def check(self) -> None:
        """Raises:
        Stopped: a signal came, or the time is up; where several processes train a network, in all of them.
        """
        late = self.deadline is not None and time.monotonic() >= self.deadline
        code = together.largest(128 + self.signal if self.signal is not None else OUT_OF_TIME if late else 0)
        if code == OUT_OF_TIME:
            raise Stopped(code, "stopped by train.max_minutes")
        if code:
            raise Stopped(code, f"stopped by {signal.Signals(code - 128).name}")


def follow_parent() -> None:
    """End this process (SIGTERM to itself) when its parent dies, whose end of standard input then closes."""

    def wait() -> None:
        # not sys.stdin's own buffer, whose lock a thread may not hold when Python ends
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
