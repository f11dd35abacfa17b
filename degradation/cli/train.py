"""Train one network, or with -m a sweep of them: words are config keys, `model.depth=56`."""

import os
import signal
import sys

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from degradation import data
from degradation.cli.compose import Requests, arrange, check_words, explain
from degradation.config import checks
from degradation.errors import BAD_REQUEST, BadRequest, stopping
from degradation.files import CONF
from hydra_plugins.degradation_plugins import PLUGINS


@hydra.main(config_path=str(CONF), config_name="train", version_base="1.3")
def train(config: DictConfig) -> None:
    chosen = HydraConfig.get()
    loader = GlobalHydra.instance().config_loader()
    try:
        request = Requests(chosen.job.config_name, loader).make(config, chosen.overrides.task)
        data.find(request.settings.data)
        request.settings.logger.find()
        checks.possible(request.settings.trainer.accelerator)
        from degradation.training import experiment  # imports torch, so only now

        sys.exit(experiment.train(request))
    except BadRequest as error:
        sys.exit(refuse(error))


def refuse(error: Exception) -> int:
    print(explain(error), file=sys.stderr)
    return error.code if isinstance(error, BadRequest) else BAD_REQUEST


def end_at_once(number: int, _frame: object) -> None:
    """What a signal does until training begins, in the first resize of a big folder too."""
    raise KeyboardInterrupt(number)


def main() -> int:
    for number in stopping():
        signal.signal(number, end_at_once)
    for plugin in PLUGINS:  # found also where the project isn't installed
        Plugins.instance().register(plugin)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra hands its exceptions on
    sys.argv[1:] = arrange(sys.argv[1:])
    try:
        check_words(sys.argv[1:])
        train()
    except (BadRequest, HydraException, OmegaConfBaseException) as error:
        return refuse(error)
    except KeyboardInterrupt as stopped:
        number = signal.Signals(*stopped.args or [signal.SIGINT])
        print(f"stopped by {number.name}; the same command goes on", file=sys.stderr)
        return 128 + number
    return 0
