"""What the machine has, and what it can do."""

import os
import platform
import re
from pathlib import Path

import torch

from degradation.config.settings import Settings
from degradation.errors import BadRequest

CPUINFO = Path("/proc/cpuinfo")


def choose_accelerator(wanted: str) -> str:
    """`cuda`, `mps` or `cpu`: the one that `trainer.accelerator` stands for on this machine.

    Raises:
        BadRequest: the machine doesn't have it.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    matching = {"auto": ("cuda", "mps", "cpu"), "gpu": ("cuda", "mps")}.get(wanted, (wanted,))
    for name in matching:
        if here[name]:
            return name
    has = " and ".join(name for name, there in here.items() if there)
    raise BadRequest(f"trainer.accelerator={wanted}: this machine has only {has}")


def choose_precision(device: torch.device) -> str:
    """`bf16` where the hardware computes it: CUDA 8.0 or newer, CPUs with AMX, AVX512 or Arm instructions for
    it; else `float32`."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "float32"
    if device.type == "cpu" and CPUINFO.exists():
        return "bf16" if re.search(r"\b(avx512_bf16|amx_bf16|bf16)\b", CPUINFO.read_text()) else "float32"
    return "float32"


def describe(device: torch.device) -> str:
    """The device in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    model = re.search(r"model name\s*:\s*(.+)", CPUINFO.read_text()) if CPUINFO.exists() else None
    name = model.group(1).strip() if model else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores" if device.type == "cpu" else f"{name} ({device.type})"


def set_numerics(threads: int, fast: bool = False) -> None:
    """Process-wide switches: threads, `float32` that means float32 (no TF32), kernels chosen by timing."""
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = fast


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def repeats(settings: Settings, on: torch.device) -> bool:
    """Whether the same run has the same bits, also after an interruption: not with kernels that are chosen by
    timing, nor with those of a GPU that add in any order."""
    if settings.train.compile == "max-autotune-no-cudagraphs":
        return False
    return on.type == "cpu" or (settings.trainer.deterministic and settings.train.engine == "plain")
