"""Loggers that people use: each is handed every row of curves.csv once, by an interrupted run, too."""

import csv
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Make, run_script

from degradation import errors
from degradation.config import logger as config
from degradation.config.request import Request
from degradation.errors import BadRequest, Stopped
from degradation.files import read_json
from degradation.runs import schema
from degradation.sweeps import sweep
from degradation.training import experiment
from degradation.training import logger as training
from degradation.training.experiment import train
from degradation.training.run import Run

Series = dict[str, dict[int, float]]  # column -> step -> value
NAMES = ("tensorboard", "wandb", "mlflow")


def asked(make: Make, name: str, **keys: Any) -> Request:
    """Two steps and two rows, as `logger=<name>` asks for it."""
    tree = yaml.safe_load((ROOT / f"conf/logger/{name}.yaml").read_text())
    if "uri" in tree:
        tree["uri"] = f"sqlite:///{make().settings.runs}/mlflow.db"
    return make(logger=tree, **{"train.steps": 2, "train.evaluate_every": 1}, **keys)


def of_tensorboard(request: Request) -> tuple[int, Series]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(request.folder / "tensorboard"))
    read.Reload()
    series = {
        tag: [(event.step, event.value) for event in read.Scalars(tag)] for tag in read.Tags()["scalars"]
    }
    series.pop("epoch")
    assert all(len(points) == len(dict(points)) for points in series.values()), "a row came twice"
    return 1, {tag: dict(points) for tag, points in series.items()}


def of_wandb(request: Request) -> tuple[int, Series]:
    """From the files that `wandb sync` sends: LevelDB's log format, 32 KiB blocks of records of protobuf."""
    import wandb
    from wandb.proto.wandb_internal_pb2 import Record

    wandb.teardown()  # waits until all is written
    series: Series = {}
    paths = sorted(request.folder.glob("wandb/offline-run-*/run-*.wandb"))
    for path in paths:
        whole, place, parts = path.read_bytes(), 7, b""
        while place + 7 <= len(whole):
            if 2**15 - place % 2**15 < 7:  # what is left of a block is too short for a header
                place += 2**15 - place % 2**15
                continue
            length, kind = struct.unpack("<HB", whole[place + 4 : place + 7])
            parts += whole[place + 7 : place + 7 + length]
            place += 7 + length
            if kind in (1, 4):  # whole, or the last part
                record, parts = Record.FromString(parts), b""
                row = {
                    item.key or item.nested_key[0]: json.loads(item.value_json)
                    for item in record.history.item
                }
                for key in row.keys() & set(schema.CURVE_COLUMNS):
                    assert row["trainer/global_step"] not in series.setdefault(key, {}), "a row came twice"
                    series[key][row["trainer/global_step"]] = row[key]
    series.pop("epoch")
    return len({path.name for path in paths}), series


def of_mlflow(request: Request) -> tuple[int, Series]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(request.settings.logger.uri)
    place = client.get_experiment_by_name(request.settings.experiment_name)
    runs = client.search_runs([place.experiment_id])
    assert {run.info.run_name for run in runs} == {request.name}
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert runs[0].data.params["seed"] == str(request.settings.seed)
    series: Series = {}
    for key in runs[0].data.metrics:
        points = [(one.step, one.value) for one in client.get_metric_history(runs[0].info.run_id, key)]
        assert len(points) == len(dict(points)), "a row came twice"
        series[key] = dict(points)
    series.pop("epoch")
    return len(runs), series


READ: dict[str, Callable[[Request], tuple[int, Series]]] = {
    "tensorboard": of_tensorboard,
    "wandb": of_wandb,
    "mlflow": of_mlflow,
}


def rows(request: Request) -> Series:
    """What curves.csv holds."""
    series: Series = {}
    with (request.folder / schema.CURVES).open(newline="") as file:
        for row in csv.DictReader(file):
            for key, cell in row.items():
                if key not in ("step", "epoch") and cell:
                    series.setdefault(key, {})[int(row["step"])] = float(cell)
    return series


def skip_if_absent(name: str) -> None:
    try:
        config.Logger(name).find()
    except BadRequest as absent:
        pytest.skip(str(absent))


@pytest.mark.filterwarnings("ignore")  # of libraries that are not ours
@pytest.mark.parametrize("name", NAMES)
def test_what_is_handed_on_can_be_read_back(name: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps, with an interruption after the first that the logger has seen and the checkpoint hasn't."""
    skip_if_absent(name)
    monkeypatch.chdir(Path(make().settings.runs).parent)
    wanted, save = asked(make, name), Run.save

    def interrupted(self: Run) -> None:
        if self.step == 1:
            raise Stopped(errors.TERMINATED, "stopped before the checkpoint")
        save(self)

    with monkeypatch.context() as once:
        once.setattr(Run, "save", interrupted)
        once.setattr(
            experiment, "_stopped", lambda run, stopped: run.recorder.follower.end(schema.INTERRUPTED)
        )
        assert train(wanted, echo=False) == errors.TERMINATED
    assert read_json(wanted.folder / schema.LOGGER)["step"] == 1
    assert train(wanted, echo=False) == errors.DONE
    count, series = READ[name](wanted)
    assert count == 1, "a resumed run goes on in the same one"
    expected = rows(wanted)
    assert set(expected) >= {"lr", "train_loss", "train_error_running", "test_error"}
    assert set(series) == set(expected)
    for key in set(expected) - set(schema.TIME_COLUMNS):
        assert series[key] == pytest.approx(expected[key], rel=1e-6)  # TensorBoard keeps float32
    plain = make(experiment_name="plain", **{"train.steps": 2, "train.evaluate_every": 1})
    train(plain, echo=False)
    own = rows(plain)
    assert all(own[key] == expected[key] for key in set(own) - set(schema.TIME_COLUMNS))


def test_a_logger_is_no_part_of_what_a_run_is(make: Make) -> None:
    wanted, plain = asked(make, "wandb"), make(**{"train.steps": 2, "train.evaluate_every": 1})
    assert (wanted.name, wanted.folder) == (plain.name, plain.folder)
    assert schema.identity(wanted.to_mapping()) == schema.identity(plain.to_mapping())
    assert "logger" not in plain.to_mapping()


def test_an_absent_package_is_refused_before_anything_is_trained(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config.importlib.util, "find_spec", lambda name: None)
    for name in NAMES:
        wanted = asked(make, name)
        right = rf"^logger={name}: isn't installed: pip install -e '\.\[{name}\]'$"
        with pytest.raises(BadRequest, match=right):
            sweep.sweep([wanted])
        assert not wanted.folder.exists()


@pytest.mark.parametrize(
    ("keys", "right"),
    [
        ({"name": "neptune"}, "logger.name=neptune: one of csv, tensorboard, wandb, mlflow"),
        ({"name": "mlflow"}, "logger.uri=None: logger=mlflow needs this key"),
        ({"name": "csv", "uri": "x"}, "logger.uri=x: logger=csv does not take this key"),
    ],
)
def test_wrong_keys(keys: dict[str, Any], right: str) -> None:
    with pytest.raises(BadRequest) as refused:
        config.Logger(**keys).check()
    assert str(refused.value) == right


class Broken:
    """A logger whose disk is full after it was opened."""

    save = finalize = log_hyperparams = lambda self, *_: None

    def log_metrics(self, metrics: dict[str, float], step: int) -> None:
        raise OSError(28, "No space left on device")


def test_a_logger_that_fails_stops_no_run(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(training.MAKERS, "tensorboard", lambda wanted, run: (Broken(), None, lambda: None))
    wanted = asked(make, "tensorboard")
    assert train(wanted, echo=False) == errors.DONE
    assert read_json(wanted.folder / schema.RECORD)["status"] == schema.COMPLETE
    said = (wanted.folder / schema.LOG).read_text()
    assert said.count("logger=tensorboard: No space left on device: the next row brings this one") == 2


def test_a_logger_that_cannot_be_opened_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionError("nobody\nlistens")

    monkeypatch.setitem(training.MAKERS, "mlflow", refuse)
    with pytest.raises(BadRequest, match=r"^logger=mlflow: nobody listens$"):
        train(asked(make, "mlflow"), echo=False)


def test_the_command_takes_it(tmp_path: Path) -> None:
    done = run_script("scripts/train.py", "logger=mlflow", "logger.project=x", "--cfg", "job", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "logger.project: not a key of the logger that is chosen\n")
    done = run_script("scripts/train.py", "logger=mlflow", "runs=there", "--cfg", "job", cwd=tmp_path)
    assert "uri: sqlite:///${runs}/mlflow.db" in done.stdout
