"""Files that are whole or not there: atomic writes, digests, the lock of a run folder, unfinished reports."""

import contextlib
import errno
import hashlib
import json
import math
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from degradation.errors import BadRequest, InUse

NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)

PACKAGE = Path(__file__).parent
# The configs lie beside the package in a checkout, and in it where it was installed from a wheel.
CONF = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"


def check_report_folder(folder: Path) -> None:
    """Raises:
    BadRequest: it, or a folder that it would lie in, is a file.
    """
    if any(path.exists() and not path.is_dir() for path in (folder, *folder.parents)):
        raise BadRequest(f"{folder} can't be a folder: a file is in the way; give another --out")


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: beside it, fsync, rename.

    Raises:
        OSError: it could not be written (disk full, no permission); no partial file is left.
    """
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself survives a power cut
    finally:
        os.close(folder)


def write_json(path: Path, tree: dict[str, Any]) -> None:
    """Write a table as JSON, atomically; NaN (not measured) becomes null, an infinite number `"inf"`.

    On a full disk it is written over the old one, if it fits into the room that that has: so a record can
    still say that the disk was full. It is then one write of a few kilobytes, which no kill cuts in two.

    Raises:
        OSError: it could not be written; the old one is as it was.
    """
    clean = {key: _json_number(value) if isinstance(value, float) else value for key, value in tree.items()}
    text = json.dumps(clean, indent=1, allow_nan=False) + "\n"
    try:
        write_atomic(path, text)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not _write_over(path, text.encode()):
            raise


def _write_over(path: Path, data: bytes) -> bool:
    """Write into the blocks that a file has; False, and untouched, if there are none or too few."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
        has = os.fstat(file.fileno())
        if len(data) <= has.st_blocks * 512:  # st_blocks counts in 512 bytes, whatever the disk's own are
            file.write(data.ljust(has.st_size))  # JSON may end in spaces
            os.fsync(file.fileno())
            return True
    return False


def _json_number(value: float) -> float | str | None:
    return None if math.isnan(value) else str(value) if math.isinf(value) else value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON table.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is damaged, or not a table.
    """
    try:
        tree = json.loads(path.read_bytes(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # JSON's and Unicode's are ValueErrors
        raise ValueError(f"{path}: damaged ({error})") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{path}: damaged (not a JSON table)")
    return tree


def sha256(*parts: bytes | memoryview) -> str:
    """Hex digest of the parts, one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


class Unfinished:
    """What a command that measures for long has found so far: the same command goes on behind it."""

    def __init__(self, report: Path, *asked: str):
        """
        Args:
            report: the folder of the report that is made of it, in whose `measuring/` it lies.
            asked: what has to be the same: settings, code.
        """
        self.folder = report / "measuring"
        self.digest = sha256(*(part.encode() for part in asked))[:12]

    def read(self, name: str) -> str | None:
        """A file of it, or None where there is none yet."""
        path = self._path(name)
        return path.read_text() if path.exists() else None

    def keep(self, name: str, text: str) -> None:
        """Raises:
        OSError: it can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._path(name), text)

    def forget(self) -> None:
        """Once the report is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{self.digest}-{name}"


@contextlib.contextmanager
def locked(path: Path, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock file for the length of a `with` block; the system frees it however the process ends.

    Args:
        patience: for so many seconds, try again: a sweep that looks who holds it does so for a moment.

    Raises:
        InUse: another process holds it; names that process.
        OSError: it can't be written, or its file system knows no locks.
    """
    try:
        held = _lock(path, patience, _sign)
    except Timeout:
        raise InUse(path.parent, _holder(path)) from None
    except OSError as error:
        if error.errno in NO_LOCKS:
            raise OSError(error.errno, "its file system knows no locks: choose another runs=") from None
        raise
    with held:
        yield


def holder(path: Path) -> str | None:
    """Who holds a lock file; None if nobody does. It is not written to."""
    try:
        if path.exists():
            _lock(path).release()
    except Timeout:
        return _holder(path)
    except OSError:  # not ours to write: who wants to hold it will be told
        pass
    return None


def _lock(path: Path, patience: float = 0.0, sign: Callable[[int], None] | None = None) -> BaseFileLock:
    lock = FileLock(path, patience, fallback_to_soft=False, on_acquired=sign)
    lock.acquire()
    return lock


def _sign(file: int) -> None:
    with contextlib.suppress(OSError):  # a full disk: who holds it is only for others to read
        os.ftruncate(file, os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0))


def _holder(path: Path) -> str:
    return path.read_text(errors="replace").strip() or "another process"
