"""Checkpoints: whole or not there, with a digest, and the one before kept."""

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from degradation.errors import BadRequest
from degradation.files import sha256, write_atomic
from degradation.runs.schema import LAST, PREVIOUS

# A checkpoint is the zip file that torch.save makes, with a digest of all that stands before it as the zip's
# comment: any zip reader and torch.load open it, and no flipped bit goes unseen.
END, COMMENT = 22, 64


class Damaged(Exception):
    """A checkpoint's digest doesn't fit its contents."""


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write last.ckpt, keeping the one before as previous.ckpt.

    Raises:
        OSError: it could not be written; both files are as they were.
    """
    last, previous = folder / LAST, folder / PREVIOUS
    beside = folder / f".{LAST}.new"
    write(beside, state)
    if last.exists():
        last.replace(previous)
    beside.replace(last)


def write(path: Path, state: dict[str, Any]) -> None:
    """Write a file that `load` reads.

    Raises:
        OSError: it could not be written; what was there before is as it was.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    body = buffer.getvalue()[:-2] + COMMENT.to_bytes(2, "little")
    write_atomic(path, body + sha256(body).encode())


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint, onto the CPU; code in it is refused, not run.

    Raises:
        FileNotFoundError: there is none.
        Damaged: not one bit of it may differ from what was written, and it may not carry code.
    """
    whole = path.read_bytes()
    body, digest = whole[:-COMMENT], whole[-COMMENT:]
    if sha256(body).encode() != digest or not zipfile.is_zipfile(io.BytesIO(whole)):
        raise Damaged(f"{path.name} is damaged: its digest doesn't fit its contents")
    try:
        state = torch.load(io.BytesIO(whole), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise Damaged(f"{path.name} holds more than tensors and plain values: it is not read") from None
    assert isinstance(state, dict)
    return state


def newest(folder: Path, say: Callable[[str], None]) -> dict[str, Any] | None:
    """The newest whole checkpoint; None where none was written yet.

    Raises:
        BadRequest: there are some, all damaged.
    """
    damaged = []
    for name in (LAST, PREVIOUS):
        try:
            state = load(folder / name)
        except FileNotFoundError:
            continue
        except Damaged as error:
            damaged.append(str(error))
            continue
        for text in damaged:
            say(f"{text}; the one before it is used")
        return state
    if damaged:
        raise BadRequest(f"{folder}: {'; '.join(damaged)}: fresh=true moves it aside and starts anew")
    return None
