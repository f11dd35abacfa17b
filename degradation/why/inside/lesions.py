"""Lesions: what does a trained network lose with a block? (Veit et al. 2016, arXiv:1605.06431)

What is claimed: a residual network behaves like many shallow networks that vote, so one of its blocks is
hardly missed; in a plain network each layer needs exactly what the one before it gives. It predicts that the
error after one deletion stays near the whole network's for residual blocks that keep the shape, at any
position, and goes to chance for plain ones; and that the error grows smoothly with the number deleted.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.why.networks.blocks import Place, places, swapped, without
from degradation.why.networks.modes import as_evaluated, evaluate

COLUMNS = ("kind", "position", "stage", "keeps_shape", "deleted", "draw", "loss", "error")
TYPES = {**dict.fromkeys(("position", "stage", "deleted", "draw"), "Int64"), "keeps_shape": "boolean"}
DRAWS = 5  # random sets of each size
WHOLE, DELETE, SWAP, SEVERAL = "whole", "delete", "swap", "several"


def lesions(
    network: nn.Module, images: Tensor, labels: Tensor, draws: int = DRAWS, seed: int = 0
) -> pd.DataFrame:
    """Loss and error of the network with something done to its blocks; BN keeps its running statistics.

    Args:
        images: (batch, channels, height, width), as they are; labels: (batch,).
        draws: random sets of blocks of each size.
        seed: of those sets: the same for all networks of as many blocks.

    Returns:
        A row a lesion. Columns:
        - kind: `whole` (nothing done), `delete` (one block; see `blocks.without` for what stays in its
          place), `swap` (with the next one of the same stage and shape), `several` (a random set of 2, 4,
          8, ... blocks deleted).
        - position: of the block, from 1; stage: from 1; NA of `whole` and `several`.
        - keeps_shape: whether what goes into the block and what comes out have the same shape.
        - deleted: how many blocks are gone; draw: which random set.
        - loss, error (percent): on these images. A loss may be infinite.

    Raises:
        BadRequest: the network isn't a row of blocks.
    """
    whole = as_evaluated(network)
    row = places(whole, images)

    def lesion(changed: nn.Module, kind: str, **more: Any) -> dict[str, Any]:
        loss, error = evaluate(changed, images, labels)
        loss = loss if math.isfinite(loss) else math.inf
        return {"kind": kind, "deleted": 0, "loss": loss, "error": error, **more}

    found = [lesion(whole, WHOLE)]
    for place in row:
        changed = without(whole, [place])
        found.append(lesion(changed, DELETE, **_where(place), deleted=1))
    for one, other in itertools.pairwise(row):
        if one.stage == other.stage and one.keeps_shape and other.keeps_shape:
            found.append(lesion(swapped(whole, one, other), SWAP, **_where(one)))
    for count in counts(len(row)):
        for draw, lost in enumerate(drawn(row, count, draws, seed)):
            found.append(lesion(without(whole, lost), SEVERAL, deleted=count, draw=draw))
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table.astype(TYPES)


def _where(place: Place) -> dict[str, Any]:
    return {"position": place.position, "stage": place.stage, "keeps_shape": place.keeps_shape}


def counts(blocks: int) -> list[int]:
    """2, 4, 8, ... up to the number of blocks."""
    return [2**power for power in range(1, blocks.bit_length()) if 2**power <= blocks]


def drawn(row: Sequence[Place], count: int, draws: int, seed: int) -> list[list[Place]]:
    """Random sets of so many blocks."""
    generator = torch.Generator().manual_seed(seed * 1000 + count)
    return [
        [row[int(at)] for at in torch.randperm(len(row), generator=generator)[:count]] for _ in range(draws)
    ]
