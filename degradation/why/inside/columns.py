"""Columns: is a FractalNet's shallow column a quick answer, and a deeper one a better? (Larsson et al. 2017)

What is claimed (arXiv:1605.07648, section 4.3 and Fig. 3): drop-path makes each column a network by itself. A
shallow one answers quickly, a deeper one better: an answer at any time. And the deepest is trained by the
shallower ones beside it, where a plain network of as many layers fails. It predicts that the error falls from
each column to the next, that all columns together have the lowest, and that the deepest alone has a lower one
than its plain twin, which is that column trained alone.

BN's running statistics are of all the paths that drop-path took, and none of these networks is that mixture.
So each is evaluated twice: with them, and with statistics measured again, of training images that take the
very paths of the evaluation.
"""

from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models.fractalnet import FractalNet
from degradation.why.networks.modes import as_evaluated, evaluate, settled

COLUMNS = ("column", "layers", "bn", "train_loss", "train_error", "test_loss", "test_error")
ALL = "all"  # columns, joined
RUNNING, AGAIN = "running", "again"
LOOKS = 6  # of the files of weights that a run kept
MOST = 2000  # images of which BN's statistics are measured: they go through the network at once


def columns(network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> pd.DataFrame:
    """Loss and error of each column alone and of all of them; of a plain twin the one that it has.

    Args:
        train, test: images (batch, channels, height, width), labels (batch,).

    Returns:
        Two rows a column, and two of all. Columns:
        - column: from 1, the shallowest, or `all`; layers: of the column, or of the deepest.
        - bn: `running` statistics as training left them; `again`: measured on `MOST` of the training images.
        - train_loss, train_error, test_loss, test_error (percent): on these images.

    Raises:
        BadRequest: it isn't a FractalNet.
    """
    if not isinstance(network, FractalNet):
        raise BadRequest(f"{type(network).__name__} has no columns: they are of fractalnet networks")
    at_once = torch.randperm(len(train[0]), generator=torch.Generator().manual_seed(0))[:MOST].sort().values
    rows = [
        (name, layers, bn, *evaluate(held, *train), *evaluate(held, *test))
        for name, layers, alone in ways(network)
        for bn, held in ((RUNNING, alone), (AGAIN, settled(alone, train[0][at_once])))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def ways(network: FractalNet) -> Iterator[tuple[str, int, nn.Module]]:
    """The networks in a network: what each is called, its layers, and a copy that is evaluated so."""
    deepest = len(network.stages) * network.rows
    for column in range(network.columns) if network.joined else [network.columns - 1]:
        twin = as_evaluated(network)
        assert isinstance(twin, FractalNet)
        twin.only = column
        yield str(column + 1), deepest // 2 ** (network.columns - 1 - column), twin
    if network.joined:
        yield ALL, deepest, as_evaluated(network)
