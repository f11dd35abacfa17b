"""A report's rows -> its networks as they were before training, with their images: no weights are needed."""

import dataclasses
import os
import typing
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from degradation.analysis.series import complete, config_value
from degradation.config.settings import Settings, unchecked
from degradation.errors import BadRequest
from degradation.runs.store import Experiment
from degradation.why.networks.trained import Loaded, Started, images_of

FROM_FILES = ("start_sha256", "model.weights_sha256")  # of a file that isn't there now
ROOT = os.environ.get("DEGRADATION_DATA", "data")  # as in conf/data/cifar10.yaml


def load_starts(recorded: Experiment, root: str | None) -> list[Started]:
    """The complete runs of an experiment whose start is known.

    Args:
        root: where the images lie.

    Raises:
        BadRequest: there are none, or the images aren't those that they were trained on.
    """
    datasets: Loaded = {}
    found = []
    for row in complete(recorded.runs).to_dict("records"):
        if row["init_sha256"] and not any(row.get(f"config.{key}") for key in FROM_FILES):
            settings, folder = settings_of(row, root or ROOT), Path(recorded.name) / row["run"]
            dataset = images_of(folder, row, settings.data, datasets)
            found.append(Started(folder, row, settings, dataset))
    if not found:
        raise BadRequest(f"{recorded.name}: holds no complete run whose start is known (init_sha256)")
    return found


def settings_of(row: Mapping[Hashable, Any], root: str) -> Settings:
    """The settings in a row of runs.csv. Those that it leaves out have no value, or their usual one.

    Args:
        root: for `data.root`, which isn't recorded.
    """
    settings = unchecked({**_tree(Settings, row), "runs": "runs"})
    if settings.data.name == "shapes":
        return settings
    # the images' digest tells more than that of their files
    return dataclasses.replace(settings, data=dataclasses.replace(settings.data, root=root, verify=False))


def _tree(kind: Any, row: Mapping[Hashable, Any], prefix: Sequence[str] = ()) -> dict[str, Any]:
    hints, tree = typing.get_type_hints(kind), dict[str, Any]()
    for field in dataclasses.fields(kind):
        key = (*prefix, field.name)
        if dataclasses.is_dataclass(hints[field.name]):
            value: Any = _tree(hints[field.name], row, key)
        else:
            value = config_value(row.get(f"config.{'.'.join(key)}", ""))
        if value not in (None, {}) or field.default is dataclasses.MISSING:
            tree[field.name] = value
    return tree
