"""Where a run's numbers come from: what record.json says besides its results."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import nn

from degradation.data import Dataset
from degradation.families import family
from degradation.folder import schema_config
from degradation.models.count import multiply_adds, parameters
from degradation.models.initial import initial_sha256
from degradation.request import Request
from degradation.training.device import describe, repeats

PACKAGES = ("torch", "torchvision", "pytorch-lightning", "numpy", "hydra-core")


def describe_run(wanted: Request, network: nn.Module, dataset: Dataset, on: torch.device) -> dict[str, Any]:
    """The record of a run that is about to start.

    Args:
        network: with its initial values.
    """
    settings = wanted.settings
    model = settings.model
    rules = family(model.family)
    size, channels = dataset.train.pixels.shape[2:]
    return {
        "run": wanted.name,
        "experiment_name": settings.experiment_name,
        "family": model.family,
        "depth": model.depth,
        "variant": wanted.variant,
        "seed": settings.seed,
        "twin": f"{rules.twin} {rules.kind(str(model.shortcut))}" if rules.twin else "none",
        "parameters": parameters(network),
        "multiply_adds": multiply_adds(network, channels, size),
        "expected_depth": getattr(network, "expected_depth", None),
        "steps": settings.train.steps,
        "init_sha256": initial_sha256(network),
        "init_shared_sha256": initial_sha256(network, shared_only=True),
        "data_sha256": dataset.sha256(),
        "device": describe(on),
        "precision": settings.train.precision,
        "threads": settings.train.threads,
        "deterministic": repeats(settings, on),
        "commit": commit(),
        "versions": versions(),
        "config": schema_config(wanted),
    }


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide about the numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The code's commit, with `-dirty` where files differ from it; None outside a checkout."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(here), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()

    try:
        changed = git(
            "status", "--porcelain", "--untracked-files=no", "--", ":/degradation", ":/conf", ":/scripts"
        )
        return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
