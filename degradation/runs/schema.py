"""Names that training writes and the report reads: files, columns, states, kinds of config keys."""

from collections.abc import Mapping
from typing import Any

# Files of a run folder.
CONFIG, CURVES, RECORD, LOG, LOCK = "config.yaml", "curves.csv", "record.json", "log.txt", "lock"
LAST, PREVIOUS = "last.ckpt", "previous.ckpt"
PROGRESS = "progress.json"  # how far a running one is: for who watches, written every half minute
SIGNALS = "signals.csv"  # only of a run with train.signals_every
KEPT = "step-{step}.ckpt"  # weights alone; only of a run with train.keep_every

LOGGER = "logger.json"  # only of a run with logger=tensorboard, wandb or mlflow: what it was handed

# States of a run.
RUNNING, COMPLETE, FAILED, INTERRUPTED = "running", "complete", "failed", "interrupted"
STATUSES = (RUNNING, COMPLETE, FAILED, INTERRUPTED)

# One row per evaluation. Errors in percent, seconds of training over all resumptions. Empty: not measured.
CURVE_COLUMNS = (
    "step",
    "epoch",
    "lr",
    "seconds",
    "images_per_second",
    "train_loss",
    "train_error_running",
    "train_error",
    "test_loss",
    "test_error",
)
LOSS_COLUMNS = ("train_loss", "test_loss")
NOT_FINITE = "inf"  # of a loss: measured, and infinite or not a number
FINAL_COLUMNS = ("train_loss", "train_error_running", "train_error", "test_loss", "test_error")
TIME_COLUMNS = ("seconds", "images_per_second")  # the only ones that may differ between equal runs

# What record.json holds; `config` is the flattened config, `versions` a name -> version table.
RECORD_KEYS = (
    "run",
    "experiment_name",
    "status",
    "message",
    "family",
    "depth",
    "variant",
    "seed",
    "twin",
    "parameters",
    "multiply_adds",
    "step",
    "steps",
    *FINAL_COLUMNS,
    "init_sha256",
    "init_shared_sha256",
    "data_sha256",
    "stream_sha256",
    "seconds",
    "device",
    "precision",
    "threads",
    "deterministic",
    "commit",
    "versions",
    "config",
)

# What it holds beside for some networks: of one that drops blocks, the layers of a training step on average;
# of one whose step was compiled or captured, the seconds that this took.
MORE_KEYS = ("expected_depth", "setup_seconds")

# Of a network that others trained (scripts/adopt.py): the file it came from, the file's digest, and whose it
# is said to be.
SOURCE, SOURCE_SHA256, ORIGIN = "source", "source_sha256", "origin"

OPTIONAL = (*MORE_KEYS, SOURCE, SOURCE_SHA256, ORIGIN)

# Optional too: a list of `from_step`, `commit`, `device`, `versions`: an entry for the start, and one each
# time that the run was continued by another commit, on another device or with other versions.
HISTORY = "history"

RUN_COLUMNS = tuple(key for key in RECORD_KEYS if key not in ("config", "versions"))  # of a report's runs.csv

TABLE_COLUMNS = (
    "family",
    "depth",
    "variant",
    "parameters",
    "multiply_adds",
    "runs",
    "train_error_running_mean",
    "train_error_running_std",
    "train_error_mean",
    "train_error_std",
    "test_error_mean",
    "test_error_std",
    "paper_test_error",
)

# Config keys of place and cost: they never enter a run's name or a comparison. All others are identity.
PLACE_AND_COST = frozenset(
    {
        "runs",
        "experiment_name",
        "fresh",
        "start",  # start_sha256 tells which weights they are
        "model.weights",  # as model.weights_sha256 does
        "data.root",
        "data.download",
        "data.verify",  # the images' own digest, data_sha256, tells one set from another
        "trainer.accelerator",
        "train.checkpoint_every",
        "train.signals_every",
        "train.keep_every",
        "train.save_seconds",
        "train.urgent",
        "train.max_minutes",
        "logger.name",
        "logger.project",
        "logger.offline",
        "logger.uri",
    }
)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested mappings into one of dotted keys: {"a": {"b": 1}} -> {"a.b": 1}."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = list(value) if isinstance(value, tuple) else value
    return flat


def identity(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The dotted identity keys of a config and their values."""
    return {key: value for key, value in flatten(tree).items() if key not in PLACE_AND_COST}
