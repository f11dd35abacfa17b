"""Captured steps without a GPU: a recording replays them as a CUDA graph would."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from conftest import Make
from recorded import Recorded, Recording
from test_training import same, weights

from degradation import errors
from degradation.config.request import Request
from degradation.data import load
from degradation.errors import Stopped
from degradation.files import read_json
from degradation.runs import schema
from degradation.training import checkpoint
from degradation.training.build import make_engine, make_run
from degradation.training.experiment import fit, train
from degradation.training.fast.capture import Capture, like, prepare_momenta
from degradation.training.fast.steps import FastSteps
from degradation.training.lightning import make_trainer
from degradation.training.parts import make_images, resolve
from degradation.training.run import Run
from degradation.training.stop import Stop

CPU = torch.device("cpu")
FAST = {"train.engine": "fast"}


def begin(*wanted: Request, check: Callable[[], None] = lambda: None) -> tuple[list[Run], FastSteps]:
    """Runs, and the engine that records their steps."""
    wanted = tuple(resolve(one, CPU) for one in wanted)
    settings = wanted[0].settings
    dataset = load(settings.data)
    images = make_images(dataset, CPU)
    plain = make_engine(settings, dataset, images[0], Stop())
    assert isinstance(plain, FastSteps)
    engine = FastSteps(plain.stream, images[0], plain.every, check, make_capture=Recorded)
    for one in wanted:
        one.folder.mkdir(parents=True, exist_ok=True)
    return [make_run(one, dataset, images, Stop(), echo=False) for one in wanted], engine


def record(*wanted: Request) -> int:
    """Train to the end in recorded steps."""
    runs, engine = begin(*wanted)
    return fit(runs, engine, make_trainer(wanted[0].settings.trainer, Stop()))


NETWORKS = [
    {"model.family": "plain"},
    {"model.shortcut": "B"},
    {"model.family": "stochastic_depth"},
    {"model.family": "fractalnet", "model.blocks": 2},
    {"model.family": "preact"},
]


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: "-".join(map(str, model.values())))
def test_a_recorded_run_is_the_run(model: dict[str, Any], precision: str, make: Make) -> None:
    """From end to end, bit by bit, BN's counts and momenta too."""
    keys = {**FAST, **model, "train.precision": precision}
    recorded, whole = make(**keys), make(**keys, experiment_name="whole")
    assert record(recorded) == train(whole, echo=False) == errors.DONE
    assert same(recorded, whole)
    ours, theirs = (checkpoint.load(one.folder / schema.LAST)["classifier"] for one in (recorded, whole))
    assert set(ours["network"]) == set(theirs["network"])
    for number, state in theirs["optimizer"]["state"].items():
        assert torch.equal(ours["optimizer"]["state"][number]["momentum_buffer"], state["momentum_buffer"])
    counts = {int(value) for name, value in weights(recorded).items() if "num_batches" in name}
    assert counts == {12}


def test_a_recorded_group_goes_on_bitwise(make: Make) -> None:
    """Stopped between two steps, and recorded anew by another process, side by side."""

    def pair(name: str) -> list[Request]:
        keys = {**FAST, "train.precision": "bf16", "experiment_name": name}
        return [make(**keys, **{"model.family": family}) for family in ("plain", "residual")]

    whole, pieces = pair("whole"), pair("pieces")
    assert train(*whole, echo=False) == errors.DONE
    calls = iter(range(27))  # 20 of them while both are made ready

    def check() -> None:
        if next(calls, None) is None:
            raise Stopped(errors.TERMINATED, "stopped")

    runs, engine = begin(*pieces, check=check)
    assert fit(runs, engine, make_trainer(pieces[0].settings.trainer, Stop())) == errors.TERMINATED
    steps = [checkpoint.load(one.folder / schema.LAST)["classifier"]["step"] for one in pieces]
    assert steps[0] == steps[1] and 0 < steps[0] < 12
    assert record(*pieces) == errors.DONE
    assert all(same(ours, theirs) for ours, theirs in zip(whole, pieces, strict=True))


def trained(wanted: Request, engine: str, spoil: Callable[[Run, FastSteps], None]) -> list[torch.Tensor]:
    """The parameters after two windows, between which something was done that a graph doesn't see."""
    runs, recording = begin(wanted)
    own: Any = recording
    if engine == "eager":
        own = FastSteps(recording.stream, runs[0].train, recording.every, lambda: None)
    own.train(runs, 0, 2)
    spoil(runs[0], own)
    own.train(runs, 2, 6)
    return [value.detach() for value in runs[0].classifier.parameters()]


def new_parameter(run: Run, engine: FastSteps) -> None:
    weight = run.classifier.network.get_parameter("fc.weight")
    weight.data = weight.data.clone()


def new_momentum(run: Run, engine: FastSteps) -> None:
    for state in run.classifier.optimizer.state.values():
        state["momentum_buffer"] = torch.zeros_like(state["momentum_buffer"])


def new_feed(run: Run, engine: FastSteps) -> None:
    engine.feed.tensors.update({name: value.clone() for name, value in engine.feed.tensors.items()})


def new_rates(run: Run, engine: FastSteps) -> None:
    engine.ready[run].rates = engine.ready[run].rates.clone()


def another_branch(run: Run, engine: FastSteps) -> None:
    run.classifier.network.get_submodule("fc").register_forward_hook(lambda *given: -given[-1])


@pytest.mark.parametrize("spoil", [new_parameter, new_momentum, new_feed, new_rates, another_branch])
def test_what_a_graph_bakes_in_is_baked_in(spoil: Callable[..., None], make: Make) -> None:
    """Memory that is replaced, and Python that takes another way: a step that runs as it is follows, a
    recorded one doesn't. So the test above would fail if the engine did such a thing."""
    keys = {**FAST, "train.precision": "float32", "schedule.milestones": [3]}
    found = {}
    for engine in ("eager", "recorded"):
        for name, work in (("spoilt", spoil), ("whole", lambda run, engine: None)):
            found[engine, name] = trained(make(**keys, experiment_name=engine + name), engine, work)
    assert all(map(torch.equal, found["eager", "whole"], found["recorded", "whole"]))
    assert not all(map(torch.equal, found["eager", "spoilt"], found["recorded", "spoilt"]))


@pytest.mark.parametrize("read", [float, bool, torch.Tensor.nonzero, lambda x: torch.tensor(1.0) * x])
def test_a_step_that_reads_from_the_device_is_refused(read: Callable[..., Any], make: Make) -> None:
    """With the cause, not with what ending the capture says."""
    (run,), engine = begin(make(**FAST))

    def reading(module: torch.nn.Module, given: Any, found: torch.Tensor) -> None:
        read(found.detach().sum())

    run.classifier.network.get_submodule("fc").register_forward_hook(reading)
    before = [value.detach().clone() for value in run.classifier.parameters()]
    with pytest.raises(RuntimeError, match=r"can't capture this network's step: .*the host would wait"):
        engine.train([run], 0, 2)
    assert all(map(torch.equal, before, run.classifier.parameters()))


def test_the_root_of_a_failed_capture_is_said(make: Make) -> None:
    class Graph(Recorded):
        """As torch.cuda.graph: ending a capture that failed raises an error of its own."""

        def record(self, work: Callable[[], None]) -> Callable[[], None]:
            try:
                raise ValueError("the reason")
            finally:
                raise RuntimeError("previous error during capture")

    (run,), engine = begin(make(**FAST))
    engine.make_capture = Graph
    with pytest.raises(RuntimeError, match="previous error during capture; first ValueError: the reason"):
        engine.train([run], 0, 2)


def test_a_stop_while_networks_are_made_ready(make: Make) -> None:
    """It is looked at before each stage of the first steps, and leaves everything as it was."""
    looks = iter(range(15))

    def check() -> None:
        if next(looks, None) is None:
            raise Stopped(errors.OUT_OF_TIME, "stopped by train.max_minutes")

    wanted = [make(**FAST, **{"model.family": family}) for family in ("plain", "residual")]
    runs, engine = begin(*wanted, check=check)
    before = [value.detach().clone() for run in runs for value in run.classifier.parameters()]
    with pytest.raises(Stopped):
        engine.train(runs, 0, 2)
    assert list(engine.ready) == runs[:1]
    assert [run.step for run in runs] == [0, 0]
    assert all(map(torch.equal, before, (value for run in runs for value in run.classifier.parameters())))
    assert not any(module._forward_pre_hooks for module in runs[1].classifier.network.modules())


def test_evaluations_are_recorded_from_the_second_on(make: Make) -> None:
    """The test set's; all training images are evaluated once."""
    (run,), engine = begin(make(**FAST))
    made: list[Recorded] = []

    def make_capture(device: torch.device, urgent: bool) -> Capture:
        made.append(Recorded())
        return made[-1]

    engine.make_capture = make_capture
    assert fit([run], engine, make_trainer(make().settings.trainer, Stop())) == errors.DONE
    assert len(made[0].recordings) == 2
    assert len(run.recorder.rows) == 3
    assert read_json(run.recorder.folder / schema.RECORD)["setup_seconds"] > 0


def test_a_captured_step_counts_and_casts_once(make: Make) -> None:
    """Plain-8 has 7 BN layers, whose counts are gone, and 9 weights, each cast once and its gradient once."""
    (run,), engine = begin(make(**FAST, **{"model.family": "plain", "train.precision": "bf16"}))
    engine.train([run], 0, 1)
    step = engine.ready[run]
    with Recording() as as_it_is:
        step._step()
    assert len(as_it_is.done) - len(step.capture.recordings[0].done) == 7 + 2 * 9 - 2  # type: ignore[attr-defined]


def test_the_deepest_go_first(make: Make) -> None:
    wanted = [make(**FAST, **{"model.depth": depth}) for depth in (8, 20, 14)]
    runs, engine = begin(*wanted)
    engine.urgent = 2
    engine.train(runs, 0, 1)
    assert [engine.ready[run].capture.urgent for run in runs] == [False, True, True]  # type: ignore[attr-defined]


def test_layers_that_are_used_without_being_called_count_for_themselves(make: Make) -> None:
    """ResNeXt's form (b) uses parts of its BN layers."""
    model = {
        "family": "resnext",
        "depth": 11,
        "width": 16,
        "shortcut": None,
        "cardinality": 2,
        "base_width": 16,
    }
    keys = {**FAST, "model": {**model, "form": "b"}, "model.depth": 11, "model.width": 16, "train.steps": 3}
    recorded, whole = make(**keys), make(**keys, experiment_name="whole")
    assert record(recorded) == train(whole, echo=False) == errors.DONE
    assert same(recorded, whole)
    assert {int(v) for name, v in weights(recorded).items() if "num_batches" in name} == {3}


def test_momenta_and_gradients_have_the_strides_of_their_parameters() -> None:
    """Those of dimensions of size 1 mean nothing, and a checkpoint may hold others; no value moves."""
    weight = torch.nn.Parameter(torch.randn(4, 3, 1, 1).to(memory_format=torch.channels_last))
    other = torch.randn(4, 3, 1, 1).as_strided((4, 3, 1, 1), (3, 1, 1, 1))
    assert weight.stride() != other.stride()
    ours = like(weight, other)
    assert ours.stride() == weight.stride()
    assert torch.equal(ours, other) and ours.data_ptr() == other.data_ptr()
    wide = torch.nn.Parameter(torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last))
    moved = like(wide, torch.ones(4, 3, 3, 3))
    assert moved.stride() == wide.stride() and torch.equal(moved, torch.ones(4, 3, 3, 3))
    optimizer = torch.optim.SGD([weight, wide], lr=0.1, momentum=0.9)
    optimizer.state[weight]["momentum_buffer"] = other
    momenta = prepare_momenta(optimizer)
    assert [one.stride() for one in momenta] == [weight.stride(), wide.stride()]
    assert torch.equal(momenta[0], other) and not momenta[1].any()
    assert optimizer.state[weight]["momentum_buffer"] is momenta[0]
