"""The batch stream: which images, in which crop, in which step. A pure function of (count, seed, step)."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from degradation.data.philox import below, words
from degradation.files import sha256

EMPTY_CHAIN = "0" * 64


@dataclass(frozen=True)
class Plan:
    """What one batch (or one epoch) is made of.

    Attributes:
        rows: int32, (batch,): indices of the images.
        top, left: int16, (batch,): the crop's corner in the padded image.
        flip: bool, (batch,).
    """

    rows: NDArray[np.int32]
    top: NDArray[np.int16]
    left: NDArray[np.int16]
    flip: NDArray[np.bool_]

    def __getitem__(self, part: slice) -> "Plan":
        return Plan(self.rows[part], self.top[part], self.left[part], self.flip[part])

    def to_bytes(self) -> bytes:
        """All of it, little-endian."""
        arrays = ((self.rows, "<i4"), (self.top, "<i2"), (self.left, "<i2"), (self.flip, "u1"))
        return b"".join(values.astype(kind).tobytes() for values, kind in arrays)


class Stream:
    """Positions tB .. tB+B-1 of the epochs' permutations laid end to end: every batch is full, and every
    image is seen once an epoch."""

    def __init__(self, count: int, batch_size: int, padding: int, seed: int) -> None:
        self.count, self.batch_size, self.padding, self.seed = count, batch_size, padding, seed
        self._epochs: OrderedDict[int, Plan] = OrderedDict()

    def epoch(self, number: int) -> Plan:
        """The plan of one whole epoch: a permutation, crops and flips, keyed by (seed, epoch)."""
        if number not in self._epochs:
            raw = words(self.seed, number, 4 * self.count).reshape(4, self.count)
            shifts = 2 * self.padding + 1
            self._epochs[number] = Plan(
                np.argsort(raw[0], kind="stable").astype(np.int32),
                below(shifts, raw[1]).astype(np.int16),
                below(shifts, raw[2]).astype(np.int16),
                below(2, raw[3]).astype(bool),
            )
            while len(self._epochs) > 2:  # a batch may lie across two epochs
                self._epochs.popitem(last=False)
        return self._epochs[number]

    def batch(self, step: int) -> Plan:
        """The plan of the batch that step `step` (from 0) trains on."""
        position, missing = step * self.batch_size, self.batch_size
        parts = []
        while missing:
            epoch, start = divmod(position, self.count)
            part = self.epoch(epoch)[start : start + missing]
            parts.append(part)
            position, missing = position + len(part.rows), missing - len(part.rows)
        if len(parts) == 1:
            return parts[0]
        return Plan(
            *(np.concatenate([getattr(p, k) for p in parts]) for k in ("rows", "top", "left", "flip"))
        )


def chain(before: str, plan: Plan) -> str:
    """The digest of a stream up to and with this batch, from that before it (at first `EMPTY_CHAIN`)."""
    return sha256(bytes.fromhex(before), plan.to_bytes())
