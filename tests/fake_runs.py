"""Writes run folders as training does, with made-up errors, for the tests of the report."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from degradation.runs.schema import CURVE_COLUMNS, FINAL_COLUMNS

CONFIG: dict[str, Any] = {
    "runs": "/home/someone/work/runs",
    "experiment_name": "shapes",
    "seed": 0,
    "model.family": "plain",
    "model.depth": 20,
    "model.width": 16,
    "model.shortcut": "none",
    "data.name": "cifar10",
    "data.verify": True,
    "data.subset": None,
    "data.test_subset": None,
    "data.seed": 0,
    "data.root": "/home/someone/data",
    "train.steps": 64000,
    "train.batch_size": 128,
    "train.evaluate_every": 1600,
    "train.evaluate_train_every": None,
    "train.checkpoint_every": 400,
    "train.max_minutes": None,
    "train.precision": "float32",
    "train.threads": 1,
    "train.engine": "plain",
    "optimizer.lr": 0.1,
    "optimizer.momentum": 0.9,
    "optimizer.weight_decay": 0.0001,
    "schedule.milestones": [0.5, 0.75],
    "schedule.gamma": 0.1,
    "schedule.warmup.lr": None,
    "schedule.warmup.steps": None,
    "schedule.warmup.until_error": None,
    "trainer.accelerator": "auto",
    "trainer.deterministic": False,
}
SHAPES = {
    "data.name": "shapes",
    "data.size": 16,
    "data.count": 2000,
    "data.test_count": 1000,
    "model.width": 8,
    "train.steps": 1240,
    "train.batch_size": 64,
    "train.evaluate_every": 62,
    "optimizer.lr": 0.05,
}


def fake_run(
    experiment: Path,
    family: str = "plain",
    depth: int = 20,
    seed: int = 0,
    *,
    train_error: float = 1.0,
    test_error: float | None = None,
    status: str = "complete",
    reached: float = 1.0,
    variant: str = "",
    config: dict[str, Any] | None = None,
    **record: Any,
) -> Path:
    """Write one run folder into the experiment's and return it.

    Args:
        train_error: clean training error at the last step, percent; the running one lies 0.5 above it.
        test_error: percent; by default 8 above the training error.
        reached: the part of its steps that the run did.
        config: config keys that differ from the paper's protocol.
        record: record keys that differ from what such a run would write.
    """
    shortcut = {"plain": "none"}.get(family, "A")
    settings = {
        **CONFIG,
        "seed": seed,
        "model.family": family,
        "model.depth": depth,
        "model.shortcut": shortcut,
    }
    settings |= {"experiment_name": experiment.name, **(config or {})}
    names = f"{family}-{depth}" + (f"-{variant}" if variant else "") + f"-seed{seed}"
    folder = experiment / names
    folder.mkdir(parents=True)
    rows = curve(settings, depth, seed, train_error, test_error or train_error + 8.0, reached)
    if status != "complete" and rows:
        rows[-1] = {**rows[-1], "train_error": None}
    last = rows[-1] if rows else {}
    (folder / "curves.csv").write_text(csv_text(CURVE_COLUMNS, rows))
    n = (depth - 2) // 6
    written = {
        "run": names,
        "experiment_name": experiment.name,
        "status": status,
        "message": None,
        "family": family,
        "depth": depth,
        "variant": variant,
        "seed": seed,
        "twin": "plain exact",
        "parameters": 97_216 * n - 21_926,
        "multiply_adds": 443_008 + 2_359_296 * (6 * n - 1),
        "step": last.get("step", 0),
        "steps": settings["train.steps"],
        **{key: last.get(key) for key in FINAL_COLUMNS},
        "init_sha256": f"init-{depth}-{seed}",
        "init_shared_sha256": f"init-{depth}-{seed}",
        "data_sha256": "da7a" * 16,
        "stream_sha256": f"stream-{seed}",
        "seconds": last.get("seconds"),
        "device": "AMD EPYC, 2 cores",
        "precision": settings["train.precision"],
        "threads": settings["train.threads"],
        "deterministic": False,
        "commit": "0123456789ab",
        "versions": {"python": "3.11.7", "torch": "2.15.0"},
        "config": settings,
        **record,
    }
    (folder / "record.json").write_text(json.dumps(written, indent=1))
    return folder


def curve(
    settings: dict[str, Any],
    depth: int,
    seed: int,
    train_error: float,
    test_error: float,
    reached: float = 1.0,
) -> list[dict[str, Any]]:
    """Rows of curves.csv: errors fall from 90% and drop where the learning rate does."""
    steps, every = settings["train.steps"], settings["train.evaluate_every"]
    noise = np.random.default_rng([depth, seed])
    rows = []
    for step in range(every, int(steps * reached) + 1, every):
        part = step / steps
        drops = sum(part > one for one in (0.5, 0.75))
        left = math.exp(-6.0 * part) * 0.6**drops + 0.02 * (2 - drops) * noise.random()
        left = left if part < 1 else 0.0
        train = min(90.0, train_error + 0.5 + (89.5 - train_error) * left)
        row = {
            "step": step,
            "epoch": step * settings["train.batch_size"] / 50_000,
            "lr": settings["optimizer.lr"] * 0.1**drops,
            "seconds": 0.2 * step,
            "images_per_second": 640.0,
            "train_loss": train / 40,
            "train_error_running": train,
            "train_error": train_error if step == steps else None,
            "test_loss": test_error / 40,
            "test_error": test_error + (90 - test_error) * min(1.0, left * (1 + 0.5 * noise.random())),
        }
        rows.append(row)
    return rows


def csv_text(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """The rows as CSV; None is an empty cell."""
    lines = [",".join("" if row[column] is None else repr(row[column]) for column in columns) for row in rows]
    return "\n".join([",".join(columns), *lines]) + "\n"


def fake_experiment(
    experiment: Path, errors: dict[tuple[str, int], float], seeds: Sequence[int] = (0,), **settings: Any
) -> Path:
    """Write a grid of complete runs; a seed adds a tenth of its number to each error (percent)."""
    for (family, depth), error in errors.items():
        for seed in seeds:
            fake_run(experiment, family, depth, seed, train_error=error + 0.1 * seed, **settings)
    return experiment
