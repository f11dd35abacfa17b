"""Hydra composes the configs of a sweep; `degradation.sweeps` trains its networks."""

import difflib
import re
import sys
import typing
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from degradation.config import checks, request, settings
from degradation.config.request import Request
from degradation.errors import BadRequest

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

    def make(self, config: DictConfig, overrides: Sequence[str]) -> Request:
        """The request of a config and the overrides that it was composed with."""
        parsed = OverridesParser.create(config_loader=self.loader).parse_overrides(list(overrides))
        choices = tuple(str(o.input_line) for o in parsed if o.get_key_element().lstrip("+") in CHOICES)
        if choices not in self.chosen:
            composed = self.loader.load_configuration(self.config_name, list(choices), RunMode.RUN)
            self.chosen[choices] = _plain(composed)
        return request.from_mapping(_plain(config), self.chosen[choices])


def compose(jobs: Sequence[Sequence[str]]) -> list[Request]:
    """Checked requests of lists of overrides, as `scripts/train.py` would take them."""
    with hydra.initialize_config_dir(str(Path(__file__).parents[1] / "conf"), version_base="1.3"):
        requests = Requests("train", GlobalHydra.instance().config_loader())
        return [requests.make(hydra.compose("train", list(job)), job) for job in jobs]


def check_words(words: Sequence[str]) -> None:
    """Refuse what Hydra would act on before any config is checked: it makes the folder that it is told of.

    Raises:
        BadRequest: a folder of Hydra's own is given.
    """
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
        pattern = rf"((?:{'|'.join(swept)})\.\w+)=([^,()]+)"
        rest = [re.sub(f"^{pattern}$", r"\1=choice(\2)", word) for word in rest]
    return [*first, *rest]


def _plain(config: DictConfig) -> dict[str, Any]:
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    tree = OmegaConf.to_container(own, resolve=True)
    assert isinstance(tree, dict)
    return typing.cast(dict[str, Any], tree)


def explain(error: Exception) -> str:
    """One line for what was wrong with a request."""
    key = getattr(error.__cause__, "full_key", None)
    if key and isinstance(error.__cause__, ConfigKeyError | ConfigAttributeError):
        if key in settings.all_keys():
            what = "network" if key.startswith("model.") else "data set"
            return f"{key}: not a key of the {what} that is chosen"
        near = difflib.get_close_matches(key, settings.all_keys(), n=1)
        return f"{key}: no such key" + (f"; did you mean {near[0]}?" if near else "")
    text = str(error).split("Config search path:")[0]
    return " ".join(text.split())


class PlainSweeper(BasicSweeper):
    """Hydra's own, without the folder and the file that it writes before anything is checked.

    Args:
        params: values to sweep over, by key.
        parts: for networks that don't share their depths, several sweeps in one: each a line of overrides.
            A `model=` on the command line takes their place.
    """

    def __init__(
        self,
        max_batch_size: int | None,
        params: dict[str, str] | None = None,
        parts: Sequence[str] | None = None,
    ) -> None:
        super().__init__(max_batch_size, params)
        self.parts = parts

    def sweep(self, arguments: list[str]) -> Any:
        assert self.hydra_context is not None and self.launcher is not None
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        given = {override.get_key_element(): override for override in parser.parse_overrides(arguments)}
        jobs: list[Sequence[str]] = []
        for chosen in self._experiments(given.get("experiment")):
            for part in [""] if "model" in given or not self.parts else self.parts:
                words = [*self._parse_config(), *part.split(), *arguments, *chosen]
                jobs += self.split_arguments(parser.parse_overrides(words), None)[0]
        return self.launcher.launch(jobs, initial_job_idx=0)

    def _experiments(self, given: Override | None) -> Iterator[list[str]]:
        """Of `experiment=a,b` one after the other, with its own sweep: Hydra takes that of one alone."""
        assert self.hydra_context is not None and self.config is not None
        if given is None or not given.is_sweep_override():
            yield []
            return
        loader, chosen = self.hydra_context.config_loader, self.config.hydra
        for name in given.sweep_string_iterator():
            words = [*chosen.overrides.hydra, f"experiment={name}"]
            sweeper = loader.load_configuration(chosen.job.config_name, words, RunMode.RUN).hydra.sweeper
            self.params, self.parts = sweeper.params or {}, sweeper.parts
            yield [f"experiment={name}"]


class WholeLauncher(Launcher):
    """Takes all jobs at once; none starts if one of them is wrong."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.context, self.config = hydra_context, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        loader = self.context.config_loader
        requests = Requests(self.config.hydra.job.config_name, loader)
        jobs = [
            requests.make(loader.load_sweep_config(self.config, list(overrides)), overrides)
            for overrides in job_overrides
        ]
        sys.exit(self.run(jobs))

    @abstractmethod
    def run(self, requests: Sequence[Request]) -> int:
        """Train the networks; returns the exit code."""


class PoolLauncher(WholeLauncher):
    """`hydra/launcher=pool`, the default: processes on this machine."""

    def __init__(self, at_once: int | None) -> None:
        self.at_once = at_once

    def run(self, requests: Sequence[Request]) -> int:
        from degradation.sweeps.sweep import sweep

        if self.at_once is not None:
            checks.whole("hydra.launcher.at_once", self.at_once, 1)
        return sweep(requests, self.at_once)


class SlurmLauncher(WholeLauncher):
    """`hydra/launcher=slurm`: jobs on a cluster."""

    def __init__(self, folder: str, max_timeouts: int, options: DictConfig) -> None:
        self.folder, self.max_timeouts, self.options = folder, max_timeouts, options

    def run(self, requests: Sequence[Request]) -> int:
        from degradation.sweeps.slurm import sweep

        checks.whole("hydra.launcher.max_timeouts", self.max_timeouts, 0)
        options = OmegaConf.to_container(self.options, resolve=True)
        assert isinstance(options, dict)
        return sweep(requests, self.folder, self.max_timeouts, {str(key): options[key] for key in options})


PLUGINS = (PlainSweeper, PoolLauncher, SlurmLauncher)
