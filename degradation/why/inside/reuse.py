"""Feature reuse: which of the layers before it does a DenseNet's layer read? (Huang et al. 2017, section 5)

What is claimed (arXiv:1608.06993, section 5 and Fig. 5, of DenseNet-40 with k = 12 on CIFAR-10): layers use
what was made long before them. Four observations there: all layers spread their weight over many of the
layers before them in their block; so do the transitions; what a block is given, the output of a transition,
gets the least weight in the second and third block; the linear layer leans towards the last layers. Initial
values prefer no source: each of the ratios below then is near 1.

The weight of a source is the mean absolute weight of those filters' parts that read its channels, as there.
The paper doesn't say how its colours come to lie between 0 and 1; here a target's largest weight is 1. BN,
whose scale stands between a source and the filters, isn't counted, as there.
"""

from collections.abc import Iterator

import pandas as pd
from torch import Tensor, nn

from degradation.errors import BadRequest
from degradation.models.densenet import DenseLayer, DenseNet, Transition

COLUMNS = ("block", "target", "kind", "source", "weight", "relative")
LAYER, TRANSITION, LINEAR = "layer", "transition", "linear"


def reuse(network: nn.Module) -> pd.DataFrame:
    """How much each layer of a block, and what follows the block, weighs what was made before it.

    Returns:
        A row a target and source. Columns:
        - block: from 1; target: the layer of the block, from 1, and behind the last what reads the block.
        - kind: of the target: `layer` (its first convolution: the 3x3, or a bottleneck's 1x1), `transition`,
          `linear`.
        - source: the layer that is read, from 1; 0: what the block is given.
        - weight: mean absolute weight; relative: over the target's largest. NaN if all are 0.

    Raises:
        BadRequest: its layers don't read all layers before them.
    """
    if not isinstance(network, DenseNet) or not all(layer.dense for layer in _layers(network)):
        raise BadRequest(
            f"{type(network).__name__} concatenates nothing: feature reuse is of densenet networks"
        )
    rows = []
    for block, target, kind, weight, widths in _readers(network):
        per_channel = weight.detach().abs().transpose(0, 1).flatten(1).mean(dim=1)
        means = [float(own.mean()) for own in per_channel.split(widths)]
        largest = max(means) or float("nan")
        rows += [(block, target, kind, source, mean, mean / largest) for source, mean in enumerate(means)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _readers(network: DenseNet) -> Iterator[tuple[int, int, str, Tensor, list[int]]]:
    """Block, target, its kind, its weight (filters, channels, ...) and how many channels are whose."""
    stages = [list(stage.children()) for stage in network.stages.children()]
    for block, stage in enumerate(stages, 1):
        layers = [part for part in stage if isinstance(part, DenseLayer)]
        widths = [layers[0].bn1.num_features]
        for target, layer in enumerate(layers, 1):
            first = layer.conv1 if isinstance(layer.conv1, nn.Conv2d) else layer.conv2
            yield block, target, LAYER, first.weight, widths
            widths = [*widths, layer.conv2.out_channels]
        if block < len(stages):
            transition = stages[block][0]
            assert isinstance(transition, Transition)
            yield block, len(layers) + 1, TRANSITION, transition.conv.weight, widths
        else:
            yield block, len(layers) + 1, LINEAR, network.fc.weight, widths


def _layers(network: nn.Module) -> list[DenseLayer]:
    return [part for part in network.modules() if isinstance(part, DenseLayer)]
