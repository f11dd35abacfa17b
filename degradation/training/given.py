"""Files of weights: what a network is to begin with in place of its seed's initial values."""

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from degradation.config.settings import Settings
from degradation.errors import BadRequest
from degradation.files import sha256
from degradation.models.foreign import weights
from degradation.models.given import fitted
from degradation.training import checkpoint


def begin(network: nn.Module, settings: Settings) -> None:
    """Give a network the weights that `start` or `model.weights` names, if one does.

    Raises:
        BadRequest: the file can't be read, or isn't of this network.
    """
    if settings.start is not None:
        _start(network, settings.start)
    if settings.model.weights is not None:
        path = Path(settings.model.weights).expanduser()
        state, _ = read(path)
        try:
            values, _ = fitted(network, state)
        except BadRequest as error:
            raise BadRequest(f"model.weights={path}: {error}") from None
        network.load_state_dict(values, strict=False)


def _start(network: nn.Module, path: str) -> None:
    try:
        network.load_state_dict(checkpoint.load(Path(path).expanduser())["classifier"]["network"])
    except FileNotFoundError:
        raise BadRequest(f"start={path}: not there") from None
    except checkpoint.Damaged as error:
        raise BadRequest(f"start={path}: {error}") from None
    except (KeyError, TypeError, RuntimeError):
        raise BadRequest(f"start={path}: not a checkpoint of this network") from None


def read(path: Path) -> tuple[dict[str, Tensor], str]:
    """The state dict of a file and the file's sha256; code in it is refused, not run.

    Raises:
        BadRequest: it can't be read, or holds none.
    """
    try:
        digest = sha256(path.read_bytes())
        return weights(torch.load(path, map_location="cpu", weights_only=True)), digest
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}: name a file of weights") from None
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from None
    except pickle.UnpicklingError:
        raise BadRequest(
            f"{path}: holds more than tensors and plain values, or is damaged: not read"
        ) from None
    except (RuntimeError, EOFError, ValueError, KeyError):
        raise BadRequest(f"{path}: not a file that torch.save has written") from None
