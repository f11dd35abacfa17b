"""How much time a training step saves by not computing the blocks that it drops: python tests/dropping.py

Stochastic depth of 110 layers, p_L = 0.5, as in the paper (Huang et al. 2016, section 4: about 25%): steps
with dropped blocks left out, and computed and multiplied by 0, in turns. Measure on a machine that does
nothing else.
"""

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from degradation.models import build_model  # noqa: E402
from degradation.models.initial import initialise  # noqa: E402
from degradation.models.stochastic_depth import StochasticDepthNet  # noqa: E402

ROUNDS, STEPS, BATCH = 5, 8, 128


def seconds(skips: bool, steps: int) -> float:
    """Of so many training steps in bf16; each way draws the same blocks."""
    network = build_model("stochastic_depth", depth=110)
    initialise(network, seed=0)
    assert isinstance(network, StochasticDepthNet)
    network.skips = skips
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.randn(BATCH, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(BATCH, dtype=torch.int64)
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
    saved = [100 * (1 - seconds(True, STEPS) / seconds(False, STEPS)) for _ in range(ROUNDS)]
    median = statistics.median(saved)
    print(
        f"saved: {median:.0f}% ({min(saved):.0f} to {max(saved):.0f} over {ROUNDS} rounds of {STEPS} steps)"
    )


if __name__ == "__main__":
    main()
