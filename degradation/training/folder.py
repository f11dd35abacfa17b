"""What a run folder says before anything is trained: complete, to be resumed, or not what is asked for."""

from pathlib import Path
from typing import Any

import yaml

from degradation.config import request
from degradation.config.request import Request
from degradation.errors import BadRequest
from degradation.files import read_json, write_atomic
from degradation.runs import schema

ASIDE = ".aside"  # hidden: the report doesn't look there

# Keys that are chosen at the start where the config leaves them open.
CHOSEN_AT_START = ("train.precision", "train.threads", "train.compile")

HEADER = """\
# The whole config of this run. It can be run again from here, into another place:
#   python scripts/train.py --config-path "$PWD/<this folder>" --config-name config runs=<elsewhere>
# `base` holds the experiment's own values of the keys that this run's name holds.
"""
HYDRA = {
    "defaults": ["_self_", {"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}],
    "hydra": {"output_subdir": None, "run": {"dir": "."}, "job": {"chdir": False}},
}


def read_record(folder: Path) -> dict[str, Any] | None:
    """The run's record, or None where there is none yet.

    Raises:
        BadRequest: it is damaged, or lacks keys.
    """
    path = folder / schema.RECORD
    try:
        record = read_json(path)
    except FileNotFoundError:
        if has_checkpoint(folder):
            raise BadRequest(f"{path}: not there, though its checkpoint is: fresh=true starts anew") from None
        return None
    except ValueError as error:
        raise BadRequest(f"{error}: fresh=true moves the folder aside and starts anew") from None
    missing = [key for key in schema.RECORD_KEYS if key not in record]
    if missing or not isinstance(record["config"], dict):
        raise BadRequest(f"{path}: not a run's record (no {', '.join(missing) or 'config'})")
    return record


def look(wanted: Request) -> dict[str, Any] | None:
    """The record of the run that is asked for, if it was begun and isn't to be moved aside.

    Raises:
        BadRequest: the folder holds a run with another config (names the keys), or isn't a run folder.
    """
    folder = wanted.folder
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise BadRequest(f"{path} is a file, and run folders belong there: choose another runs=")
    if wanted.settings.fresh:
        return None
    record = read_record(folder)
    if record is None:
        return None
    if record.get(schema.SOURCE):
        raise BadRequest(
            f"{folder} holds a network that others trained ({record[schema.SOURCE]}): choose another "
            "experiment_name="
        )
    ours, theirs = schema.identity(schema_config(wanted)), schema.identity(record["config"])
    differing = [
        f"{key}={theirs.get(key)} there, {ours.get(key)} here"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key) and not (key in CHOSEN_AT_START and ours.get(key) is None)
    ]
    if differing:
        raise BadRequest(
            f"{folder} holds a run with another config ({'; '.join(differing)}): choose another "
            "experiment_name=, or move it aside with fresh=true"
        )
    return record


def has_checkpoint(folder: Path) -> bool:
    """Whether one is there, whole or damaged."""
    return any((folder / name).exists() for name in (schema.LAST, schema.PREVIOUS))


def lost(folder: Path, record: dict[str, Any]) -> str:
    """What to say of a run that has done steps but has no checkpoint; empty for all others."""
    if not record["step"] or has_checkpoint(folder):
        return ""
    return f"did {record['step']} steps, but no checkpoint is there: begins anew at step 0"


def schema_config(wanted: Request) -> dict[str, Any]:
    """The config as record.json holds it: flat, without `base`."""
    tree = wanted.to_mapping()
    tree.pop("base")
    return schema.flatten(tree)


def move_aside(folder: Path) -> Path | None:
    """Move what a run wrote into a hidden folder beside it; returns where to, None if there was nothing."""
    kept = (schema.LOCK,)
    written = [path for path in folder.iterdir() if path.name not in kept]
    if not written:
        return None
    number = 1
    while (aside := folder.parent / ASIDE / f"{folder.name}.{number}").exists():
        number += 1
    aside.mkdir(parents=True)
    for path in written:
        path.rename(aside / path.name)
    return aside


def write_config(wanted: Request, header: str = HEADER) -> None:
    """Write config.yaml, from which the run can be run again. It never moves a folder aside by itself."""
    tree = {**HYDRA, **wanted.begun().to_mapping()}
    text = yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, width=100)
    write_atomic(wanted.folder / schema.CONFIG, header + text)


def read_config(folder: Path) -> Request:
    """The request that a run folder's config.yaml holds, of a network that others trained too.

    Raises:
        BadRequest: the file is missing or damaged, or not of this version.
    """
    path = folder / schema.CONFIG
    try:
        tree = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        tree = None
    if not isinstance(tree, dict):
        raise BadRequest(f"{path} is missing or damaged: it says which network and which images")
    return request.from_mapping({key: value for key, value in tree.items() if key not in HYDRA})
