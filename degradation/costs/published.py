"""torchvision's classification networks: what is published of each, and what its forward pass takes here.

Accuracy and operations are those that torchvision publishes beside its weights; nothing is downloaded. Time
and memory are measured with random weights, in one cell: the forward pass of a single image of the published
size, float32, channels_last, a process a network.
"""

import math
import signal
import warnings
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import pandas as pd
import psutil
import torch
from torch import nn

from degradation.costs import cost
from degradation.costs.child import ENDED, talking
from degradation.costs.found import Found
from degradation.costs.networks import ours, reference
from degradation.data.vision import torchvision
from degradation.models.count import multiply_adds, parameters
from degradation.training.commit import commit
from degradation.training.device import describe, set_numerics
from degradation.training.provenance import versions

ROUNDS, CLASSES = 5, 1000
PATIENCE = 180.0  # seconds for a network: it is built, and called a few times
OURS = (
    *ours("resnet_imagenet", 18, 34, 50, 101, 152),
    *ours("resnext_imagenet", 50),
    *ours("densenet_imagenet", 121, 169, 201),
    *ours("densenet_imagenet", 161, width=48),
    *ours("squeezenet", 18, version="v1.0"),
    *ours("squeezenet", 18, version="v1.1"),
)
FEW = ("alexnet", "squeezenet1_1", "resnet18", "resnet_imagenet-18")  # for --smoke
MEASURED = ("seconds", "seconds_low", "seconds_high", "peak_bytes", "why")


def published() -> pd.DataFrame:
    """A row a network, the suite's own behind torchvision's.

    Columns: network, own (is it the suite's), weights (the first that are published), size (pixels),
    parameters, multiply_adds, accuracy (percent of ImageNet's validation images, top 1; NaN of our own, which
    nobody has trained on it).
    """
    models = torchvision("models")
    rows = [_published(models, name) for name in models.list_models(module=models)]
    for network in OURS:
        with torch.device("meta"):
            built = cost.build(network.job(CLASSES))
        row = {"network": network.name, "own": True, "weights": "", "size": network.size}
        counts = {"parameters": parameters(built), "multiply_adds": multiply_adds(built, 3, network.size)}
        rows.append(row | counts | {"accuracy": float("nan")})
    return pd.DataFrame(rows)


def _published(models: Any, name: str) -> dict[str, Any]:
    weights = next(iter(models.get_model_weights(name)))
    return {
        "network": name,
        "own": False,
        "weights": weights.name,
        "size": weights.transforms().crop_size[0],
        "parameters": weights.meta["num_params"],
        "multiply_adds": round(1e9 * weights.meta["_ops"]),
        "accuracy": weights.meta["_metrics"]["ImageNet-1K"]["acc@1"],
    }


def facts(threads: int, rounds: int, seconds: float) -> dict[str, Any]:
    """What is said once: machine, versions, commit, and how it was measured."""
    said = {"device": describe(torch.device("cpu")), "threads": threads, "rounds": rounds, "commit": commit()}
    return {**said, "versions": versions(), "seconds": seconds}


def measure(
    rows: pd.DataFrame, threads: int, minutes: float, rounds: int, found: Found, say: Callable[[str], None]
) -> pd.DataFrame:
    """The rows with `MEASURED` behind: the median of the rounds (seconds), the fastest and the slowest, the
    peak of memory (bytes, what the process has grown by), or why it wasn't measured.

    Args:
        minutes: for all; the cheapest come first, and what is left then stays empty.
        found: those that are there already are taken from it.
    """
    own = {network.name: network for network in OURS}
    costs: dict[str, dict[str, Any]] = {}
    for number, (_, row) in enumerate(rows.sort_values("multiply_adds").iterrows(), 1):
        name = row["network"]
        network = own.get(name, reference(name, int(row["size"])))
        job = network.job(CLASSES) | {"threads": threads, "rounds": rounds}
        left = 60 * minutes - found.seconds()
        costs[name] = found.row(partial(_in_a_process, job, left, minutes), network=name)
        said = costs[name].get("why") or f"{1000 * costs[name]['seconds']:.1f} ms"
        say(f"[{number}/{len(rows)}] {name}: {said}")
    measured = pd.DataFrame([costs[name] for name in rows["network"]], columns=list(MEASURED))
    return pd.concat([rows.reset_index(drop=True), measured], axis=1)


def _in_a_process(job: dict[str, Any], seconds: float, minutes: float) -> dict[str, Any]:
    if seconds <= 0:
        return {"why": f"the {minutes:g} minutes were up"}
    with talking(forward, job) as heard:
        try:
            if heard.poll(min(seconds, PATIENCE)):
                return dict(heard.recv())
        except EOFError:
            return {"why": ENDED}
    return {"why": f"it took longer than {min(seconds, PATIENCE):.0f} s"}


def forward(say: Connection, job: dict[str, Any]) -> None:
    """Time the forward pass of one image, `job["rounds"]` times, and tell it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which stops this process
    set_numerics(job["threads"])
    before = psutil.Process().memory_info().rss
    network = made(job).eval().to(memory_format=torch.channels_last)
    image = torch.randn(1, 3, job["size"], job["size"]).contiguous(memory_format=torch.channels_last)
    call = cost.forward(network, image)
    call()
    cpu = torch.device("cpu")
    times = sorted(cost.repeated(call, cpu)[0] for _ in range(job["rounds"]))
    peak = cost.peak_memory(cpu, before)
    say.send(
        {
            "seconds": times[len(times) // 2],
            "seconds_low": times[0],
            "seconds_high": times[-1],
            "peak_bytes": peak,
        }
    )


def build(job: dict[str, Any]) -> nn.Module:
    """A job's network; a vision transformer is told the side of its images."""
    if job["model"] or not job["name"].startswith("vit"):
        return cost.build(job)
    network = getattr(torchvision("models"), job["name"])(image_size=job["size"])
    assert isinstance(network, nn.Module)
    return network


def made(job: dict[str, Any]) -> nn.Module:
    """A job's network with random weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                network = build(job)
        except RuntimeError:  # some compute their widths by tensors, which the meta device can't
            return build(job)
        return drawn(network)


def drawn(network: nn.Module) -> nn.Module:
    """A network of the meta device with random values: the initial values of large ones take minutes."""
    network = network.to_empty(device="cpu")
    with torch.no_grad():
        for name, value in (*network.named_parameters(), *network.named_buffers()):
            if value.dim() > 1 and value.is_floating_point():  # He normal: what dies out is slow to compute
                value.normal_(0, math.sqrt(2 / value[0].numel()))
            else:
                value.fill_(0 if name.endswith(("bias", "mean", "tracked")) else 1)
    return network
