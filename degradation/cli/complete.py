"""What the Tab key proposes after `degradation`: commands, their options, config keys and their choices.

A shell asks for it through argcomplete; `register-python-argcomplete degradation` prints what it has to know.
"""

import importlib
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from typing import Any

import argcomplete

from degradation.config.checks import all_keys
from degradation.config.settings import Settings
from degradation.files import CONF


def propose(commands: Mapping[str, str]) -> None:
    """Answer the shell and end the process.

    Args:
        commands: name -> what it does, of the modules of this folder.
    """
    line = os.environ["COMP_LINE"][: int(os.environ["COMP_POINT"])]
    words = line.split()
    ended = words if line.endswith(" ") else words[:-1]
    if len(ended) < 2 or ended[1] not in commands:
        argcomplete.autocomplete(of_names(commands))
    os.environ["_ARGCOMPLETE"] = "2"  # the place of the command among the words
    if ended[1] == "train":
        argcomplete.autocomplete(of_keys())
    argcomplete.autocomplete(importlib.import_module(f"degradation.cli.{ended[1]}").parser())


def of_names(commands: Mapping[str, str]) -> ArgumentParser:
    made = ArgumentParser()
    made.add_argument("--version", action="store_true")
    made.add_argument("command", choices=list(commands))
    return made


def of_keys() -> ArgumentParser:
    """Hydra's words; its own parser can't be had without what it imports."""
    made = ArgumentParser()
    made.add_argument("-m", "--multirun", action="store_true", help="a sweep")
    made.add_argument("--cfg", choices=["job"], help="print the settings")
    words: Any = made.add_argument("words", nargs="*")
    words.completer = lambda prefix, **_: matching(prefix)
    return made


def matching(prefix: str) -> Iterable[str]:
    """Whole words that begin so: `model=plain`, `model=plain,residual`, `train.steps=`."""
    groups = [path.name for path in CONF.iterdir() if path.is_dir() and path.name != "hydra"]
    key, is_value, value = prefix.partition("=")
    if not is_value:
        return sorted({f"{one}=" for one in (*groups, *all_keys(Settings)) if one.startswith(prefix)})
    before = value[: value.rfind(",") + 1]
    stems = sorted(path.stem for path in (CONF / key).glob("*.yaml")) if key in groups else []
    return [word for stem in stems if (word := f"{key}={before}{stem}").startswith(prefix)]
