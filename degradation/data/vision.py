"""torchvision without the warnings of its own dependencies; imported only where it is needed, for it takes a
second."""

import importlib
import warnings
from typing import Any


def torchvision(module: str) -> Any:
    """A module of torchvision, such as `transforms.functional`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torchvision's dependencies deprecate is not ours to mend
        return importlib.import_module(f"torchvision.{module}")
