"""Configs by Hydra: words of a command line -> a composed config -> a checked request."""

import copy
import difflib
import re
import typing
from collections.abc import Sequence
from typing import Any

import hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from degradation.config import request
from degradation.config.checks import all_keys
from degradation.config.request import Request
from degradation.config.settings import Settings
from degradation.errors import BadRequest
from degradation.files import CONF

MODES = ("-m", "--multirun", "-r", "--run", "-c", "--cfg", "-i", "--info")
CHOICES = ("experiment", "model")  # what the values that a run is named by are compared under


class Requests:
    """Makes checked requests of composed configs; composes what their values are compared with once a choice.

    Args:
        config_name: of the primary config.
        loader: Hydra's, which knows where configs lie.
    """

    def __init__(self, config_name: str | None, loader: ConfigLoader) -> None:
        self.config_name, self.loader = config_name, loader
        self.chosen: dict[tuple[str, ...], dict[str, Any]] = {}
        self.groups: dict[str, bool] = {}
        self.parser = OverridesParser.create(config_loader=loader)

    def each(self, master: DictConfig, jobs: Sequence[Sequence[str]]) -> list[Request]:
        """The requests of a sweep's jobs, each a list of overrides.

        Jobs that choose the same files (`model=plain`) share what Hydra composes of them, in tens of
        milliseconds; the values (`seed=3`) are then set as Hydra sets them.

        Args:
            master: the config that the sweep was started with.
        """
        composed: dict[tuple[str, ...], DictConfig] = {}
        requests = []
        for overrides in jobs:
            parsed = self.parser.parse_overrides(list(overrides))
            files = tuple(str(one.input_line) for one in parsed if self._chooses(one))
            if files not in composed:
                composed[files] = _own(self.loader.load_sweep_config(master, list(files)))
            config = copy.deepcopy(composed[files])
            OmegaConf.set_struct(config, True)
            ConfigLoaderImpl._apply_overrides_to_config([o for o in parsed if not self._chooses(o)], config)
            requests.append(self._request(config, parsed))
        return requests

    def _chooses(self, override: Override) -> bool:
        """Whether an override chooses a file of a group (`model=plain`), and not a value."""
        key = override.key_or_group
        if key not in self.groups:
            self.groups[key] = "." not in key and bool(self.loader.get_group_options(key))
        return self.groups[key] or override.package is not None

    def make(self, config: DictConfig, overrides: Sequence[str]) -> Request:
        """The request of a config and the overrides that it was composed with."""
        return self._request(config, self.parser.parse_overrides(list(overrides)))

    def _request(self, config: DictConfig, parsed: Sequence[Override]) -> Request:
        choices = tuple(str(o.input_line) for o in parsed if o.get_key_element().lstrip("+") in CHOICES)
        if choices not in self.chosen:
            composed = self.loader.load_configuration(self.config_name, list(choices), RunMode.RUN)
            self.chosen[choices] = _plain(composed)
        return request.from_mapping(_plain(config), self.chosen[choices])


def compose(jobs: Sequence[Sequence[str]]) -> list[Request]:
    """Checked requests of lists of overrides, as `scripts/train.py` would take them.

    Raises:
        BadRequest: Hydra can't compose one, or a value is wrong.
    """
    try:
        with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
            master = hydra.compose("train", return_hydra_config=True)
            return Requests("train", GlobalHydra.instance().config_loader()).each(master, jobs)
    except (HydraException, OmegaConfBaseException) as error:
        raise BadRequest(explain(error)) from error


def check_words(words: Sequence[str]) -> None:
    """Refuse what Hydra would act on before any config is checked: it makes the folder that it is told of.

    Raises:
        BadRequest: a folder of Hydra's own is given, or two things to do.
    """
    modes = [word for word in words if word.split("=")[0] in MODES]
    if len(modes) > 1:
        raise BadRequest(f"{' '.join(modes)}: one at a time; --cfg job shows the settings of one network")
    for word in words:
        key, _, value = word.lstrip("+").partition("=")
        if key in ("hydra.run.dir", "hydra.sweep.dir") and value.strip("\"'") != ".":
            raise BadRequest(f"{key}={value}: run folders lie under runs=; leave it out")


def arrange(words: Sequence[str]) -> list[str]:
    """The command line as Hydra needs it: -m first; and in a sweep over networks or data sets (`model=a,b`)
    their keys (`model.widen=2`) as sweeps of one value, which Hydra won't look for in the default network."""
    first = [word for word in words if word in ("-m", "--multirun")]
    swept = [key for key in ("model", "data") if any(re.match(f"{key}=.*,", word) for word in words)]
    rest = [word for word in words if word not in first]
    if first and swept:
        pattern = rf"((?:{'|'.join(swept)})\.\w+)=(?!null$)([^,()]+)"  # of null Hydra makes no sweep
        rest = [re.sub(f"^{pattern}$", r"\1=choice(\2)", word) for word in rest]
    return [*first, *rest]


def _plain(config: DictConfig) -> dict[str, Any]:
    tree = OmegaConf.to_container(_own(config), resolve=True)
    assert isinstance(tree, dict)
    return typing.cast(dict[str, Any], tree)


def _own(config: DictConfig) -> DictConfig:
    """Without Hydra's part."""
    return OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])


def explain(error: Exception) -> str:
    """One line for what was wrong with a request."""
    key = getattr(error.__cause__, "full_key", None)
    if key and isinstance(error.__cause__, ConfigKeyError | ConfigAttributeError):
        if key in all_keys(Settings):
            what = {"model": "network", "logger": "logger"}.get(key.split(".")[0], "data set")
            return f"{key}: not a key of the {what} that is chosen"
        near = difflib.get_close_matches(key, all_keys(Settings), n=1)
        return f"{key}: no such key" + (f"; did you mean {near[0]}?" if near else "")
    text = str(error).split("Config search path:")[0]
    return " ".join(text.split())
