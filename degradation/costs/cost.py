"""What a network costs on this machine: times, peak memory, energy. Runs in a process of its own."""

import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn
from torch.nn import functional as F

from degradation.costs.reference import build_reference
from degradation.models import build_model
from degradation.training.device import set_numerics, synchronize

POWERCAP = Path("/sys/class/powercap")
WIDEST = 0.5  # of the free memory that activations may take
LEAST = 0.3  # seconds of calls behind a time


def build(job: dict[str, Any]) -> nn.Module:
    """A job's network: `name`, `model` (keywords of `build_model`, or None: torchvision's), `classes`."""
    if job["model"] is None:
        return build_reference(job["name"], job["classes"])
    return build_model(num_classes=job["classes"], **job["model"])


def measure(say: Connection, job: dict[str, Any]) -> None:
    """Time the forward pass, and forward and backward, of one image and of a batch.

    Says, for each: `("start", name)`, then `("skipped", why)`, or after the first call `("called", seconds)`
    and `("measured", values)`; at the end `("end",)`. float32, channels_last.

    Args:
        job: what `build` takes; `size` (pixels), `batch`, `threads`, `accelerator`, `cells` (the names of
            what is timed), `activations` (bytes of an image in training) and `largest` (bytes of the largest
            of them).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which stops this process
    set_numerics(job["threads"])
    device = torch.device(job["accelerator"])
    before = psutil.Process().memory_info().rss
    network = build(job).to(device).to(memory_format=torch.channels_last)
    for batch in (1, job["batch"]):
        images = torch.randn(batch, 3, job["size"], job["size"], device=device)
        images = images.contiguous(memory_format=torch.channels_last)
        labels = torch.zeros(batch, dtype=torch.int64, device=device)
        # Of an inference a layer's input, its output and a copy are alive at once, at most.
        for kind, each in (("forward", 3 * job["largest"]), ("training", job["activations"])):
            cell = f"{kind}_{'one' if batch == 1 else 'batch'}"
            if cell not in job["cells"]:
                continue
            say.send(("start", cell))
            free = free_memory(device)
            if each * batch > WIDEST * free:
                predicted = f"its activations take {each * batch / 1e9:.1f} GB"
                say.send(("skipped", f"{predicted}, of {free / 1e9:.1f} GB free"))
                continue
            call = forward(network, images) if kind == "forward" else training(network, images, labels)
            time_call(say, call, device, batch, before)
    say.send(("end",))


def forward(network: nn.Module, images: torch.Tensor) -> Callable[[], None]:
    """Inference: evaluation mode, nothing kept."""

    def call() -> None:
        network.eval()
        with torch.inference_mode():
            network(images)

    return call


def training(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Callable[[], None]:
    """Forward and backward; BN in evaluation mode, where a single image has no statistics of its own."""

    def call() -> None:
        network.train(len(images) > 1)
        network.zero_grad(set_to_none=True)
        F.cross_entropy(network(images), labels).backward()

    return call


def time_call(
    say: Connection, call: Callable[[], None], device: torch.device, batch: int, before: int
) -> None:
    """The first call warms up and shows how long it takes; those behind it are timed."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    since = time.perf_counter()
    call()
    synchronize(device)
    say.send(("called", time.perf_counter() - since))
    meter = Meter(device)
    seconds, calls = repeated(call, device)
    values = {"seconds": seconds, "peak_bytes": peak_memory(device, before)}
    say.send(("measured", values | meter.joules_per_image(calls * batch)))


def repeated(call: Callable[[], None], device: torch.device) -> tuple[float, int]:
    """Seconds a call, and how many there were: as many as take `LEAST` seconds, one at least."""
    calls, since = 0, time.perf_counter()
    while calls == 0 or time.perf_counter() - since < LEAST:
        call()
        synchronize(device)
        calls += 1
    return (time.perf_counter() - since) / calls, calls


def free_memory(device: torch.device) -> int:
    """Bytes."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else psutil.virtual_memory().available


def peak_memory(device: torch.device, before: int) -> int:
    """Bytes: on a GPU of the call, else what the process has grown by at most since `before`."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before


class Meter:
    """Energy from when it was made, where the machine measures it: NVML on a GPU, else RAPL."""

    def __init__(self, device: torch.device) -> None:
        self.read = nvml(device) if device.type == "cuda" else rapl()
        self.start = self.read() if self.read else 0.0

    def joules_per_image(self, images: int) -> dict[str, float]:
        """Empty where nothing measures it, or the counter ran over."""
        used = self.read() - self.start if self.read else -1.0
        return {"joules": used / images} if used >= 0 else {}


def rapl() -> Callable[[], float] | None:
    """Reads joules of all packages; None where there is no counter that may be read."""
    counters = sorted(POWERCAP.glob("intel-rapl:*/energy_uj"))
    packages = [path for path in counters if path.parent.name.count(":") == 1]

    def read() -> float:
        return sum(int(path.read_text()) for path in packages) / 1e6

    try:
        return read if packages and read() >= 0 else None
    except OSError:
        return None


def nvml(device: torch.device) -> Callable[[], float] | None:
    """Reads a GPU's joules; None where NVML isn't there."""
    try:
        import pynvml

        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(device.index or 0)
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except Exception:  # not installed, no driver, a GPU too old: each has an error of its own
        return None
    return lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1e3
