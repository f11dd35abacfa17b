"""Hydra composes the configs of a sweep; `degradation.sweeps` trains its networks."""

import sys
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf

from degradation.cli.compose import Requests
from degradation.config import checks
from degradation.config.request import Request


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
        sys.exit(self.run(requests.each(self.config, job_overrides)))

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
