"""A run that starts from a checkpoint: known by the file's digest, wherever the file lies."""

import shutil
from pathlib import Path

import pytest
import torch
from conftest import Make

from degradation import errors
from degradation.config.request import Request
from degradation.errors import BadRequest
from degradation.files import read_json, sha256
from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.experiment import train
from degradation.training.folder import read_config, schema_config


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = checkpoint.load(folder / schema.LAST)["classifier"]["network"]
    return found


@pytest.fixture
def first(make: Make) -> Request:
    """A trained run."""
    request = make()
    assert train(request, echo=False) == errors.DONE
    return request


def test_a_run_begins_with_the_weights_of_another(make: Make, first: Request, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.ckpt"
    shutil.copy(first.folder / schema.LAST, path)
    second = make(start=str(path), experiment_name="second", **{"optimizer.lr": 1e-12})
    assert train(second, echo=False) == errors.DONE
    record = read_json(second.folder / schema.RECORD)
    digest = sha256(path.read_bytes())[:12]
    assert record["config"]["start_sha256"] == digest
    assert schema.identity(record["config"]).keys() - schema.identity(
        read_json(first.folder / schema.RECORD)["config"]
    ).keys() == {"start_sha256"}
    for name, value in weights(first.folder).items():
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            assert torch.allclose(weights(second.folder)[name], value, atol=1e-8), name
        if name.endswith("num_batches_tracked"):
            assert weights(second.folder)[name] == 2 * value  # statistics go on, too
    assert record["init_sha256"] != read_json(first.folder / schema.RECORD)["init_sha256"]
    path.unlink()
    with pytest.raises(BadRequest, match="No such file"):
        read_config(second.folder)


def test_without_it_nothing_of_a_run_changes(make: Make) -> None:
    """Name, identity and record of a run without a start are those that they were before there was one."""
    request = make()
    assert not any(key.startswith("start") for key in schema_config(request))
    assert "start" not in request.to_mapping()
    assert "start" not in request.name


def test_what_it_can_not_start_from(make: Make, first: Request) -> None:
    path = str(first.folder / schema.LAST)
    with pytest.raises(BadRequest, match="not a checkpoint of this network"):
        train(make(start=path, experiment_name="other", **{"model.depth": 14}), echo=False)
    with pytest.raises(BadRequest, match="another file than the one"):
        make(start=path, start_sha256="0" * 12)
    with pytest.raises(BadRequest, match="follows from start="):
        make(start_sha256="0" * 12)
    damaged = first.folder / "damaged"
    damaged.write_bytes(Path(path).read_bytes()[:-1] + b"x")
    with pytest.raises(BadRequest, match="its digest doesn't fit"):
        train(make(start=str(damaged), experiment_name="other"), echo=False)
