"""One network to train: its settings, its name, and where its run folder lies."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from degradation.config import settings
from degradation.config.settings import Settings
from degradation.errors import BadRequest
from degradation.files import sha256
from degradation.runs import schema

LONGEST_NAME = 120
DIGITS = 12  # of a file's digest in a name


@dataclass(frozen=True)
class Request:
    """Settings, and the identity keys in which they differ from the chosen experiment's values.

    Attributes:
        settings: `model.*` is resolved: none is None that the family takes.
        base: for each such key, the experiment's value. It stands in config.yaml too, so that a run that is
            run again from there has the same name.
    """

    settings: Settings
    base: dict[str, Any]

    @property
    def differs(self) -> dict[str, Any]:
        """The identity keys that the name holds, and this run's values."""
        values = schema.identity(settings.to_mapping(self.settings))
        return {key: values.get(key) for key in sorted(self.base)}

    @property
    def variant(self) -> str:
        """`key=value` of each key that differs, joined by commas; empty for none."""
        return ",".join(f"{key}={_text(value)}" for key, value in self.differs.items())

    @property
    def name(self) -> str:
        """`<family>-<depth>[-<key>=<value>...]-seed<seed>`; where too long, a prefix and a digest."""
        model = self.settings.model
        keys = "".join(f"-{key}={_text(value)}" for key, value in self.differs.items())
        keys = "".join(c if c.isalnum() or c in "._=+-" else "_" for c in keys)
        name = f"{model.family}-{model.depth}{keys}-seed{self.settings.seed}"
        if len(name) > LONGEST_NAME:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            end = f"-{digest}-seed{self.settings.seed}"
            name = name[: LONGEST_NAME - len(end)] + end
        return name

    @property
    def folder(self) -> Path:
        return Path(self.settings.runs).expanduser() / self.settings.experiment_name / self.name

    @property
    def again(self) -> str:
        """The command that goes on with this run once it has begun."""
        return "the same command" + (" without fresh=true" if self.settings.fresh else "")

    @property
    def group_key(self) -> str:
        """Equal for networks that may train side by side, on the same batches: all but `model` agrees."""
        tree = settings.to_mapping(self.settings)
        del tree["model"]
        return json.dumps(tree, sort_keys=True)

    def placed(self, runs: str) -> "Request":
        """The same in another root of run folders."""
        return replace(self, settings=replace(self.settings, runs=runs))

    def started(self) -> "Request":
        """The same with the digest of the file that it starts from.

        Raises:
            BadRequest: the file isn't there.
        """
        return replace(self, settings=_with_digests(self.settings))

    def unnamed(self) -> "Request":
        """The same, named by family, depth and seed alone: for a network whose experiment is its own."""
        return replace(self, base={})

    def begun(self) -> "Request":
        """The same once its folder has been moved aside, if it was to be: from then on it goes on."""
        return replace(self, settings=replace(self.settings, fresh=False))

    def with_train(self, **values: Any) -> "Request":
        """The same with other `train.*` values."""
        return replace(self, settings=replace(self.settings, train=replace(self.settings.train, **values)))

    def to_mapping(self) -> dict[str, Any]:
        """The whole config as nested plain values; `from_mapping` reads it back."""
        return {**settings.to_mapping(self.settings), "base": self.base}


def from_mapping(tree: Mapping[str, Any], chosen: Mapping[str, Any] | None = None) -> Request:
    """Make a request of a composed config.

    Args:
        tree: the config; `base`, if it is there, comes from a run's own config.yaml.
        chosen: the same config as the experiment alone gives it, without further overrides.

    Raises:
        BadRequest: see `settings.from_mapping`.
    """
    wanted = _settings(tree)
    base = dict(tree.get("base") or {})
    if chosen is not None:
        given = {"seed": wanted.seed, "model": {**chosen["model"], "depth": wanted.model.depth}}
        ours = schema.identity(settings.to_mapping(wanted))
        theirs = schema.identity(settings.to_mapping(_settings({**chosen, **given}, check=False)))
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key) and key not in base:
                base[key] = theirs.get(key)
    return Request(wanted, base)


def _settings(tree: Mapping[str, Any], check: bool = True) -> Settings:
    """Settings with the family's own values where the config leaves them open."""
    tree = {key: value for key, value in tree.items() if key != "base"}
    wanted = settings.from_mapping(tree) if check else settings.unchecked(tree)
    wanted = replace(wanted, model=wanted.model.resolve())
    return _with_digests(wanted) if check else wanted


def _with_digests(wanted: Settings) -> Settings:
    """The same with the digests of the files that the run starts from, if it does."""
    model = wanted.model
    weights = _digest("model.weights", model.weights, model.weights_sha256, "a file of weights")
    start = _digest("start", wanted.start, wanted.start_sha256, "a checkpoint (last.ckpt)")
    return replace(wanted, model=replace(model, weights_sha256=weights), start_sha256=start)


def _digest(key: str, path: str | None, known: str | None, what: str) -> str | None:
    """The digest of the file that a key names, as far as a run's name holds it; None without one.

    Raises:
        BadRequest: the file isn't there, or isn't the one that it was.
    """
    if path is None:
        if known is not None:
            raise BadRequest(f"{key}_sha256: follows from {key}=, which names the file")
        return None
    try:
        digest = sha256(Path(path).expanduser().read_bytes())[:DIGITS]
    except OSError as error:
        raise BadRequest(f"{key}={path}: {error.strerror}: name {what}") from None
    if known not in (None, digest):
        raise BadRequest(f"{key}={path}: another file than the one that the run began with")
    return digest


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
