"""The config keys of the logger, typed and checked."""

import importlib.util
from dataclasses import dataclass

from degradation.config.checks import one_of
from degradation.errors import BadRequest

KEYS = {"csv": (), "tensorboard": (), "wandb": ("project", "offline"), "mlflow": ("uri",)}
PACKAGES = {"tensorboard": ("tensorboard",), "wandb": ("wandb",), "mlflow": ("mlflow", "sqlalchemy")}


@dataclass(frozen=True)
class Logger:
    """Where the rows of curves.csv go, too; csv: nowhere. Which loggers take which keys, `KEYS` says.

    Attributes:
        project: of Weights & Biases.
        offline: write to the run folder alone; `wandb sync` sends it.
        uri: MLflow's tracking URI.
    """

    name: str = "csv"
    project: str | None = None
    offline: bool | None = None
    uri: str | None = None

    def check(self) -> None:
        one_of("logger.name", self.name, tuple(KEYS))
        for key in (key for keys in KEYS.values() for key in keys):
            takes = key in KEYS[self.name]
            if (getattr(self, key) is None) == takes:
                rule = "needs" if takes else "does not take"
                raise BadRequest(f"logger.{key}={getattr(self, key)}: logger={self.name} {rule} this key")

    def find(self) -> None:
        """Look whether its packages are installed, without importing them.

        Raises:
            BadRequest: one isn't; how to have it.
        """
        if any(importlib.util.find_spec(package) is None for package in PACKAGES.get(self.name, ())):
            raise BadRequest(f"logger={self.name}: isn't installed: pip install -e '.[{self.name}]'")


CSV = Logger()
