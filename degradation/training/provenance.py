"""Where a run's numbers come from: what record.json says besides its results."""

import platform
from importlib import metadata
from typing import Any

import torch
from torch import nn

from degradation.config.request import Request
from degradation.data import Dataset
from degradation.families.catalog import family
from degradation.models.count import multiply_adds, parameters
from degradation.models.initial import initial_sha256
from degradation.runs import schema
from degradation.training.commit import commit
from degradation.training.device import describe, repeats
from degradation.training.folder import schema_config

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


def history(before: dict[str, Any] | None, now: dict[str, Any], step: int) -> list[dict[str, Any]]:
    """By which commits, on which devices and with which versions a run's steps were done, in order.

    Args:
        before: the record that the run had until now, if it had one.
        now: the record of the start that is to be added.
        step: where the run goes on; what was done beyond it is lost, and whoever did that with it.
    """
    past = (before.get(schema.HISTORY) or [_entry(before, 0)]) if before and step else []
    past = [one for one in past if one["from_step"] < step]
    entry = _entry(now, step)
    same = bool(past) and {**past[-1], "from_step": step} == entry
    return past if same else [*past, entry]


def _entry(record: dict[str, Any], step: int) -> dict[str, Any]:
    return {"from_step": step, **{key: record[key] for key in ("commit", "device", "versions")}}
