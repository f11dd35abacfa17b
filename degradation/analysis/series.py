"""Which runs may be averaged, compared and paired, and the order in which families are told of."""

import json
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from degradation.config.images import CIFAR10_SIZE
from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES
from degradation.runs.schema import COMPLETE, PLACE_AND_COST

MEASURES = ("train_error", "train_error_running", "test_error")
SERIES = ["family", "variant"]  # one line of the depth picture
NETWORK = ["family", "variant", "depth"]  # runs that differ in their seed alone
# In these a network and its plain twin differ by definition (a plain network has no shortcut of any kind, and
# none to scale), and the runs of one series by choice.
SHORTCUT_KEYS = ("model.shortcut", "model.skip_scale", "model.gate_bias")
TWIN_KEYS = frozenset({"model.family", *SHORTCUT_KEYS})
FREE_KEYS = frozenset({"seed", "model.depth"})
WARMUP = "schedule.warmup."  # which a deep network may need and a shallow one not


def config_value(cell: str) -> Any:
    """The value that a `config.*` cell stands for; empty is None."""
    if cell == "":
        return None
    try:
        return json.loads(cell)
    except json.JSONDecodeError:
        return cell


def pixels(run: Mapping[Hashable, Any] | pd.Series) -> Any:
    """The side of the images that a run was trained on."""
    if config_value(str(run.get("config.data.name", ""))) == "cifar10":
        return config_value(str(run.get("config.data.size", ""))) or CIFAR10_SIZE
    return config_value(str(run.get("config.data.size", "")))


def plain_twin(family: str) -> str:
    """Name of the plain twin; a family that isn't known has none (empty)."""
    return (FAMILIES[family].twin or "") if family in FAMILIES else ""


def counterpart(family: str) -> str:
    """Name of the family that one is held against: its plain twin, or what it says of itself (or empty)."""
    return plain_twin(family) or (FAMILIES[family].beside if family in FAMILIES else "")


def rank(family: str) -> tuple[int, bool, str]:
    """Sort key of families: as they are registered, each behind its plain twin."""
    first = plain_twin(family) or family
    return (list(FAMILIES).index(first) if first in FAMILIES else len(FAMILIES), family != first, family)


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows sorted by family (plain twins first), variant, depth and, where there is one, seed.

    Numbers in variants are sorted as numbers: 0.05 before 0.1, 2 before 10.
    """
    keys = [key for key in ("family", "variant", "depth", "seed") if key in frame]
    orders: dict[str, Callable[[str], Any]] = {"family": rank, "variant": _numbers}

    def places(column: pd.Series) -> pd.Series:
        order = orders.get(str(column.name))
        if order is None:
            return column
        return column.map({one: place for place, one in enumerate(sorted(set(column), key=order))})

    return frame.sort_values(keys, key=places, ignore_index=True)


def _numbers(variant: str) -> list[tuple[bool, float, str]]:
    """Sort key of a text in which numbers are compared as such."""
    parts = re.split(r"(\d+(?:\.\d+)?)", variant)
    return [(bool(at % 2), float(part) if at % 2 else 0.0, part) for at, part in enumerate(parts)]


def complete(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that count: those that reached their last step."""
    return runs[runs["status"] == COMPLETE]


def identity_columns(runs: pd.DataFrame) -> list[str]:
    """The `config.*` columns of identity keys (see schema.PLACE_AND_COST)."""
    keys = [column.removeprefix("config.") for column in runs if str(column).startswith("config.")]
    return [f"config.{key}" for key in keys if key not in PLACE_AND_COST and key.split(".")[0] != "base"]


def settings(runs: pd.DataFrame) -> pd.Series:
    """Per run, as one text, all that a network and its plain twin have to share."""
    free = {f"config.{key}" for key in TWIN_KEYS | FREE_KEYS}
    kept = [column for column in identity_columns(runs) if column not in free]
    return pd.Series(
        ["\n".join(row) for row in runs[kept].to_numpy(dtype=str)], index=runs.index, dtype="str"
    )


def with_twins(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per run whose plain twin of the same depth, seed and settings is there too.

    The run's own columns keep their names, the twin's end in `_twin`; `settings` is shared.
    """
    plain = pd.Series([plain_twin(family) for family in runs["family"]], index=runs.index, dtype="str")
    runs = runs.assign(settings=settings(runs), plain=plain)
    others = runs[runs["plain"].ne("") & runs["plain"].ne(runs["family"])]
    twins = runs.drop(columns="plain")
    joined = others.merge(
        twins,
        left_on=["plain", "depth", "seed", "settings"],
        right_on=["family", "depth", "seed", "settings"],
        suffixes=("", "_twin"),
    )
    return ordered(joined)


def check_comparable(runs: pd.DataFrame) -> None:
    """Refuse to average or compare complete runs of other data or settings.

    Runs that are averaged agree in all but their seed, those of a series in all but seed, depth and warm-up.

    Raises:
        BadRequest: names what differs, the values and the runs; or two runs that are the same.
    """
    done = complete(runs)
    done = done.assign(settings=settings(done))
    _check_once(done)
    seeds = [column for column in identity_columns(done) if column != "config.seed"]
    depths = [c for c in seeds if c != "config.model.depth" and not c.startswith(f"config.{WARMUP}")]
    vital = ["data_sha256", "steps", "precision"]
    for keys, columns, what in (
        (NETWORK, [*vital, *seeds], "averaged"),
        (SERIES, [*vital, *depths], "compared"),
        (["settings"], ["data_sha256"], "compared"),
    ):
        columns = [column for column in columns if column in done]
        for _, group in done.groupby(keys, sort=True):
            for column in columns:
                values = group[column].astype("str")
                if column == "data_sha256":
                    values = values[values != ""]  # not recorded: nothing to hold against the others
                if values.nunique() > 1:
                    raise BadRequest(_differs(group.loc[values.index], column, what))


def _check_once(done: pd.DataFrame) -> None:
    """Refuse one network and seed that was trained twice under two names (`optimizer.lr=1` and `=1.0`)."""
    network = ["family", "depth", "seed", "settings"]
    network += [column for column in done if column.removeprefix("config.") in SHORTCUT_KEYS]
    for _, group in done[done.duplicated(network, keep=False)].groupby(network):
        names = " and ".join(group["run"].head(2))
        raise BadRequest(f"{names} are the same network, seed and settings: move one of them away")


def _differs(group: pd.DataFrame, column: str, what: str) -> str:
    firsts = group.drop_duplicates(column).head(3)
    values = [f"{str(row[column])[:12] or 'none'} ({row['run']})" for _, row in firsts.iterrows()]
    name = column.removeprefix("config.")
    return (
        f"runs of different {name} can't be {what}: {', '.join(values)}; "
        "give them another experiment_name, or move one of them away"
    )
