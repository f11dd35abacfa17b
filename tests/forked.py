"""Processes that need no start of Python: forks of this one, which has imported what takes seconds."""

import faulthandler
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import resource_tracker
from pathlib import Path
from types import SimpleNamespace
from typing import IO
from unittest import mock

import torch

from degradation.sweeps import pool
from degradation.training import experiment

LONGEST = 300  # seconds


def possible() -> bool:
    """Whether a fork can train here: none can use a GPU that this process has seen."""
    return not torch.cuda.is_available()


def begun(work: Callable[[], int]) -> int:
    """A process of its own that does `work`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads: no matter
        pid = os.fork()
    if pid == 0:
        code = 99
        # One that hangs says where, and ends. By a signal: faulthandler's own timer is a thread, which is
        # lost in a fork of this fork and waited for there for ever.
        faulthandler.register(signal.SIGALRM, file=sys.__stderr__, chain=True)
        signal.alarm(LONGEST)
        try:
            code = work()
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    """The exit code of a process that has been begun, once it has ended."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def use(*streams: int) -> None:
    """Give a process these files as standard input, output and error, and the signals of a start.

    It has no others open: or one network would keep another's standard input open.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for new, old in enumerate(streams):
        os.dup2(old, new)
    os.closerange(3, 1024)
    resource_tracker._resource_tracker.__init__()  # type: ignore[misc]  # its pipe has been closed here
    sys.stdin = os.fdopen(0, closefd=False)  # or a fork of the fork would close what it has just been given
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))


class Forked:
    """What a pool needs of `subprocess.Popen`, for one that trains in a fork of this process."""

    def __init__(self, _: list[str], stderr: IO[bytes], **__: object) -> None:
        read, write = os.pipe()

        def work() -> int:
            use(read, os.open(os.devnull, os.O_WRONLY), stderr.fileno())
            os.setsid()
            return experiment.main()

        self.pid, self.returncode, self.stdin = begun(work), 0, os.fdopen(write, "wb")
        os.close(read)

    def poll(self) -> int | None:
        done, status = os.waitpid(self.pid, os.WNOHANG)
        self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode if done else None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


FORKING = SimpleNamespace(Popen=Forked, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)


def started(words: Sequence[str], cwd: Path, out: int, err: int, environment: Mapping[str, str]) -> int:
    """The process of `python WORDS`, of which the first is a script's path; what it writes goes to these
    files. The networks of a sweep train in forks of it."""

    def work() -> int:
        use(os.open(os.devnull, os.O_RDONLY), out, err)
        os.chdir(cwd)
        os.environ.update(environment)
        sys.argv = list(words)
        try:
            with mock.patch.object(pool, "subprocess", FORKING):
                runpy.run_path(words[0], run_name="__main__")
        finally:
            sys.stdout.flush()
        return 0

    return begun(work)


def script(
    words: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`python WORDS`, once it has ended."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        code = ended(started(words, cwd, out.fileno(), err.fileno(), environment))
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(list(words), code, out.read(), err.read())
