"""How much time a training step saves by not computing what it drops: python tests/dropping.py [fractalnet]

Steps with dropped layers left out, and computed and multiplied by 0, in turns: of stochastic depth of 110
layers, p_L = 0.5, as in the paper (Huang et al. 2016, section 4: about 25%), and of the FractalNet-48 of
experiment=families_shapes. Measure on a machine that does nothing else.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from degradation.models import build_model  # noqa: E402
from degradation.models.dropped import same_work  # noqa: E402
from degradation.models.initial import initialise  # noqa: E402

ROUNDS = 5
NETWORKS: dict[str, tuple[dict[str, Any], int, int, int]] = {  # keys, images, their pixels, steps
    "stochastic_depth": ({"depth": 110}, 128, 32, 8),
    "fractalnet": ({"depth": 48, "blocks": 3, "width": 8}, 64, 16, 24),
}


def seconds(name: str, skips: bool, seed: int) -> float:
    """Of so many training steps in bf16; each way draws the same layers."""
    keys, batch, size, steps = NETWORKS[name]
    network = build_model(name, **keys)
    initialise(network, seed=seed)
    if not skips:
        same_work(network)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(batch, dtype=torch.int64)
    since = 0.0
    for step in range(steps + 1):
        if step == 1:  # the first warms up
            since = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16):
            loss = F.cross_entropy(network(images), labels)
        loss.backward()
    return time.perf_counter() - since


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:] or NETWORKS:
        saved = [100 * (1 - seconds(name, True, seed) / seconds(name, False, seed)) for seed in range(ROUNDS)]
        print(
            f"{name}: saved {statistics.median(saved):.0f}% ({min(saved):.0f} to {max(saved):.0f} over "
            f"{ROUNDS} rounds of {NETWORKS[name][3]} steps)"
        )


if __name__ == "__main__":
    main()
