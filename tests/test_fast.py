"""engine=fast computes what engine=plain does; networks side by side don't touch each other."""

from pathlib import Path

import pytest
import torch
from conftest import ROOT, Make, run_script
from test_training import rows, same, weights

from degradation import errors
from degradation.config.request import Request
from degradation.data import load
from degradation.errors import BadRequest, NotFinite, Stopped
from degradation.files import read_json
from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.build import make_engine, make_run
from degradation.training.experiment import train
from degradation.training.fast.capture import as_it_was
from degradation.training.fast.steps import FastSteps
from degradation.training.group import Engine
from degradation.training.parts import make_images, resolve
from degradation.training.run import Run
from degradation.training.stop import Stop

CPU = torch.device("cpu")
FAST = {"train.engine": "fast", "train.precision": "float32"}
GPU = {"trainer.accelerator": "cuda"}
ON = [
    pytest.param(CPU, "none", id="cpu"),
    pytest.param(torch.device("cuda"), "none", id="gpu", marks=pytest.mark.gpu),
    pytest.param(torch.device("cuda"), "default", id="gpu-compiled", marks=pytest.mark.gpu),
]


def begin(request: Request, on: torch.device, kind: torch.dtype = torch.float32) -> tuple[Run, Engine]:
    """A run at its start and what does its steps, in the type that all is computed in."""
    request = resolve(request, on)
    dataset = load(request.settings.data)
    images = make_images(dataset, on)
    for part in images:
        part.mean_image = part.mean_image.to(kind)
    request.folder.mkdir(parents=True)
    run = make_run(request, dataset, images, Stop(), echo=False)
    run.classifier.to(kind)
    return run, make_engine(request.settings, dataset, images[0], Stop())


def losses(
    request: Request, steps: int, on: torch.device = CPU, kind: torch.dtype = torch.float32
) -> list[float]:
    """The loss of each of the first steps."""
    run, engine = begin(request, on, kind)
    found = []
    for step in range(steps):
        engine.train([run], step, step + 1)
        found.append(run.classifier.running()[0])
        run.classifier.restart_running()
    return found


@pytest.mark.parametrize("family", ["plain", "residual", "stochastic_depth"])
def test_fast_computes_what_plain_does(family: str, make: Make) -> None:
    """Fifty losses of a tiny network in float64, over two drops of the learning rate."""
    keys = {
        "model.family": family,
        "model.depth": 20,
        "train.precision": "float32",
        "train.steps": 50,
        "schedule.milestones": [20, 40],
    }
    plain = losses(make(**keys), 50, kind=torch.float64)
    fast = losses(make(**keys, **{"train.engine": "fast"}, experiment_name="fast"), 50, kind=torch.float64)
    assert fast == pytest.approx(plain, abs=1e-9, rel=0)
    assert len(set(plain)) == 50


def test_five_steps_in_float32(make: Make) -> None:
    keys = {"model.depth": 20, "train.precision": "float32"}
    plain = losses(make(**keys), 5)
    assert losses(make(**keys, **{"train.engine": "fast"}, experiment_name="fast"), 5) == pytest.approx(
        plain, rel=1e-4
    )


def test_the_same_rows_from_both_engines(make: Make) -> None:
    """Runs of both from end to end: the same rhythm, learning rates and, to rounding, errors."""
    plain, fast = make(**{"train.precision": "float32"}), make(**FAST, experiment_name="fast")
    for request in (plain, fast):
        assert train(request, echo=False) == errors.DONE
    for ours, theirs in zip(rows(plain), rows(fast), strict=True):
        for name in ("step", "epoch", "lr"):
            assert ours[name] == theirs[name]
        assert float(ours["train_loss"]) == pytest.approx(float(theirs["train_loss"]), rel=1e-3)
    records = [read_json(request.folder / schema.RECORD) for request in (plain, fast)]
    assert records[0]["stream_sha256"] == records[1]["stream_sha256"]
    assert records[1]["config"]["train.compile"] == "none"


@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_a_group_is_what_its_networks_are_alone(engine: str, make: Make) -> None:
    def pair(name: str) -> list[Request]:
        keys = {"train.engine": engine, "experiment_name": name}
        return [make(**keys, **{"model.family": family}) for family in ("plain", "residual")]

    assert train(*pair("group"), echo=False) == errors.DONE
    for request in pair("alone"):
        assert train(request, echo=False) == errors.DONE
    assert all(same(ours, theirs) for ours, theirs in zip(pair("group"), pair("alone"), strict=True))


def test_one_that_fails_leaves_the_group(make: Make) -> None:
    good, alone = make(), make(experiment_name="alone")
    bad = make(**{"model.family": "plain"})
    train(alone, echo=False)
    after_step = Run.after_step

    def spoil(run: Run) -> None:
        if run.recorder.folder == bad.folder and run.step == 5:
            raise NotFinite("spoilt")
        after_step(run)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "after_step", spoil)
        assert train(good, bad, echo=False) == errors.FAILED
    record = read_json(bad.folder / schema.RECORD)
    assert (record["status"], record["message"], record["step"]) == (schema.FAILED, "spoilt", 5)
    assert same(good, alone)


@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_a_group_interrupted_goes_on_bitwise(
    engine: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when one of its networks was saved at another step than the other."""

    def pair(name: str) -> list[Request]:
        keys = {"train.engine": engine, "experiment_name": name, "train.evaluate_every": 5}
        return [make(**keys, **{"model.family": family}) for family in ("plain", "residual")]

    whole, pieces = pair("whole"), pair("pieces")
    assert train(*whole, echo=False) == errors.DONE
    calls = iter(range(10_000))

    def check(self: Stop) -> None:
        if next(calls) % 7 == 6:
            raise Stopped(errors.TERMINATED, "stopped")

    with monkeypatch.context() as patch:
        patch.setattr(Stop, "check", check)
        assert train(*pieces, echo=False) == errors.TERMINATED
    ahead = pieces[0]
    with monkeypatch.context() as patch:  # one of them alone, some steps further
        calls = iter(range(4))
        patch.setattr(Stop, "check", lambda self: check_after(calls))
        assert train(ahead, echo=False) == errors.TERMINATED
    steps = [checkpoint.load(one.folder / schema.LAST)["classifier"]["step"] for one in pieces]
    assert steps[0] > steps[1]
    assert train(*pieces, echo=False) == errors.DONE
    assert all(same(ours, theirs) for ours, theirs in zip(whole, pieces, strict=True))


def check_after(calls: object) -> None:
    if next(calls, None) is None:  # type: ignore[call-overload]
        raise Stopped(errors.TERMINATED, "stopped")


def test_the_capture_leaves_no_trace(make: Make) -> None:
    """What the steps before a capture change is put back: parameters, momentum, BN's buffers, sums."""
    request = resolve(make(**FAST), CPU)
    dataset = load(request.settings.data)
    images = make_images(dataset, CPU)
    request.folder.mkdir(parents=True)
    run = make_run(request, dataset, images, Stop(), echo=False)
    classifier = run.classifier
    before = {key: value.clone() for key, value in classifier.state_dict().items()}
    batch, labels = images[0].views(slice(0, 16))
    with as_it_was(classifier):
        for _ in range(3):
            classifier.update(batch, labels)
        assert classifier.loss_sum > 0
    after = classifier.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert classifier.loss_sum == classifier.wrong == classifier.window_wrong == 0
    momenta = [state["momentum_buffer"] for state in classifier.optimizer.state.values()]
    assert len(momenta) == len(list(classifier.parameters()))
    assert not any(value.any() for value in momenta)


def test_where_the_host_has_something_to_do(make: Make) -> None:
    """Steps are done at once up to the next evaluation, checkpoint or look at the running error."""
    request = resolve(make(**FAST, **{"train.evaluate_every": 70, "train.checkpoint_every": 90}), CPU)
    dataset = load(request.settings.data)
    engine = make_engine(request.settings, dataset, make_images(dataset, CPU)[0], Stop())
    assert isinstance(engine, FastSteps)
    starts, step = [], 0
    while step < 210:
        starts.append(step)
        step = engine.stop(step)
    assert starts == [
        0,
        12,
        24,
        36,
        48,
        60,
        70,
        72,
        84,
        90,
        96,
        100,
        108,
        120,
        132,
        140,
        144,
        156,
        168,
        180,
        192,
        200,
        204,
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # dynamo makes errors of warnings that torch itself gives
def test_compiled_blocks(make: Make) -> None:
    """Compiled blocks train as they do otherwise, to rounding, and leave weights of the same names."""
    compiled = make(**FAST, **{"train.compile": "default", "train.steps": 3, "train.evaluate_every": 3})
    eager = make(**FAST, **{"train.steps": 3, "train.evaluate_every": 3}, experiment_name="eager")
    for request in (compiled, eager):
        assert train(request, echo=False) == errors.DONE
    ours, theirs = (float(rows(request)[-1]["train_loss"]) for request in (compiled, eager))
    assert ours == pytest.approx(theirs, rel=1e-3)
    assert weights(compiled).keys() == weights(eager).keys()


def test_networks_of_a_group_differ_in_their_model_alone(make: Make) -> None:
    with pytest.raises(BadRequest, match="differ in their model alone"):
        train(make(), make(seed=1), echo=False)


def test_compiling_needs_the_fast_engine(make: Make) -> None:
    with pytest.raises(BadRequest, match=r"train\.compile=default: only with train\.engine=fast"):
        make(**{"train.compile": "default"})


@pytest.mark.parametrize(("on", "mode"), ON)
@pytest.mark.filterwarnings("default")
def test_the_learning_rate_is_no_constant_of_the_step(on: torch.device, mode: str, make: Make) -> None:
    """A graph would freeze a float. After a drop to next to nothing the parameters stand still."""
    keys = {"train.compile": mode, "schedule.milestones": [5], "schedule.gamma": 1e-30}
    run, engine = begin(make(**FAST, **keys, **{"train.steps": 40}), on)
    parameters = list(run.classifier.parameters())
    seen = []
    for start, stop in ((0, 4), (4, 5), (5, 40)):
        before = [value.detach().clone() for value in parameters]
        engine.train([run], start, stop)
        seen.append([torch.equal(old, new) for old, new in zip(before, parameters, strict=True)])
    assert not any(seen[0]) and not any(seen[1])
    assert all(seen[2])


@pytest.mark.gpu
@pytest.mark.parametrize("mode", ["none", "default"])
@pytest.mark.filterwarnings("default")
def test_captured_steps(mode: str, make: Make) -> None:
    """On a GPU: the captured step gives the plain engine's losses, and a whole run its rows."""
    keys = {
        **GPU,
        "train.precision": "float32",
        "train.steps": 40,
        "schedule.milestones": [10, 20],
        "model.depth": 20,
    }
    on = torch.device("cuda")
    plain = losses(make(**keys), 5, on)
    fast = losses(
        make(**keys, **{"train.engine": "fast", "train.compile": mode}, experiment_name="fast"), 5, on
    )
    assert fast == pytest.approx(plain, rel=1e-3)
    request = make(**keys, **{"train.engine": "fast", "train.compile": mode}, experiment_name="drops")
    assert train(request, echo=False) == errors.DONE
    assert {row["lr"] for row in rows(request)} == {"0.1", "0.01", "0.001"}


@pytest.mark.gpu
@pytest.mark.filterwarnings("default")
def test_eight_networks_side_by_side(tmp_path: Path) -> None:
    done = run_script(
        "scripts/train.py", "-m", "experiment=smoke", "train.engine=fast", f"runs={tmp_path}", cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("smoke/*/record.json"))) == 8


@pytest.mark.gpu
def test_the_plain_engine_goes_on_bitwise_on_a_gpu(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `trainer.deterministic=true`: stopped and gone on with, as on a CPU."""
    keys = {**GPU, "trainer.deterministic": True}
    whole, pieces = make(**keys), make(**keys, experiment_name="pieces")
    try:
        assert train(whole, echo=False) == errors.DONE
        assert read_json(whole.folder / schema.RECORD)["deterministic"]
        with monkeypatch.context() as patch:
            calls = iter(range(7))
            patch.setattr(Stop, "check", lambda self: check_after(calls))
            assert train(pieces, echo=False) == errors.TERMINATED
        assert train(pieces, echo=False) == errors.DONE
    finally:
        torch.use_deterministic_algorithms(False)  # Lightning turns it on for the whole process
    assert same(whole, pieces)
