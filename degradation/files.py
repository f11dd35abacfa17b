"""Files that are whole or not there: atomic writes, digests, and the lock of a run folder."""

import contextlib
import fcntl
import hashlib
import json
import math
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from degradation.errors import BadRequest


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
    """Write a table as JSON, atomically; NaN (not measured) becomes null, an infinite number `"inf"`."""
    clean = {key: _json_number(value) if isinstance(value, float) else value for key, value in tree.items()}
    write_atomic(path, json.dumps(clean, indent=1, allow_nan=False) + "\n")


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


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file for the length of a `with` block; the system frees it however the process ends.

    Raises:
        BadRequest: another process holds it; names that process.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise BadRequest(
                f"{path.parent} is in use by {holder}: wait for it to end, or stop it first"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
