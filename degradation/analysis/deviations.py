"""Where an experiment is not the paper's: its configs against protocol.py."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from degradation.analysis.series import config_value, identity_columns, pixels
from degradation.config.images import CIFAR10_IMAGES, CIFAR10_SIZE
from degradation.config.optimization import milestone_steps
from degradation.protocol import protocol
from degradation.runs.schema import SOURCE

COLUMNS = ["key", "paper", "here", "runs"]
LENGTH, PAPERS_EPOCHS = "train.steps", " (164 epochs)"
MOST_NAMED = 8
UNKNOWN = "not known"


def deviations(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per config key and value that is not the paper's.

    Columns, all text: key, paper, here, runs (`all`, or the runs' names). Milestones are compared in steps.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for run in runs.to_dict("records"):
        for key, paper in protocol(str(run["family"]), int(run["depth"])).items():
            here = config_value(str(run.get(f"config.{key}", "")))
            said = words(here)
            if key == "schedule.milestones":
                here, said = milestones(here, config_value(str(run.get("config.train.steps", ""))))
            if key == LENGTH:
                said += epochs(run)
            if key == "data.verify" and here is None:
                continue  # a data set that the program draws has no files
            if here is None and run.get(SOURCE, ""):
                said = UNKNOWN  # of a network that others trained
            if here != paper:
                found.setdefault(
                    (key, words(paper) + (PAPERS_EPOCHS if key == LENGTH else ""), said), []
                ).append(str(run["run"]))
        size = pixels(run)
        if _of_cifar10(run) and size != CIFAR10_SIZE:
            found.setdefault(("data.size", str(CIFAR10_SIZE), str(size)), []).append(str(run["run"]))
    rows = [(*difference, _named(names, len(runs))) for difference, names in found.items()]
    rows.sort(key=lambda row: (row[0] != LENGTH, *row))  # how long was trained matters most
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def epochs(run: Mapping[Hashable, Any]) -> str:
    """` (20 epochs)` of CIFAR-10; of other images it would not be what the paper's epochs are."""
    if not _of_cifar10(run):
        return ""
    steps, batch = (config_value(str(run.get(f"config.train.{key}", ""))) for key in ("steps", "batch_size"))
    images = config_value(str(run.get("config.data.subset", ""))) or CIFAR10_IMAGES
    return f" ({steps * batch / images:.0f} epochs)" if steps and batch else ""


def _of_cifar10(run: Mapping[Hashable, Any]) -> bool:
    return config_value(str(run.get("config.data.name", ""))) == "cifar10"


def milestones(given: Any, steps: Any) -> tuple[Any, str]:
    """The milestones that a run of so many steps reaches, in steps, and in words all that it was given."""
    if not isinstance(given, list) or not steps:
        return given, words(given)
    every = milestone_steps(given, steps)
    reached, never = [one for one in every if one < steps], [one for one in every if one >= steps]
    return reached, words(list(every)) + (f" ({words(never)} never reached)" if never else "")


def others(runs: pd.DataFrame) -> list[str]:
    """`key=value` of the settings that all runs share and that the paper's protocol does not speak of."""
    given = {f"config.{key}" for _, run in _networks(runs) for key in protocol(*run)}
    columns = [column for column in identity_columns(runs) if column not in given]
    shared = [column for column in columns if runs[column].nunique() == 1 and runs[column].iloc[0] != ""]
    skipped = ("config.seed", "config.model.family", "config.model.depth")
    return [f"{c.removeprefix('config.')}={runs[c].iloc[0]}" for c in sorted(shared) if c not in skipped]


def words(value: Any) -> str:
    """A config value as it is written on the command line."""
    if isinstance(value, list):
        return "[" + ", ".join(words(one) for one in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _networks(runs: pd.DataFrame) -> list[tuple[int, tuple[str, int]]]:
    pairs = zip(runs["family"], runs["depth"], strict=True)
    return list(enumerate(dict.fromkeys((str(family), int(depth)) for family, depth in pairs)))


def _named(names: list[str], total: int) -> str:
    if len(names) == total:
        return "all"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
