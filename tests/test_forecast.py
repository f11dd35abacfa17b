"""What a sweep says before it starts of how long it will take."""

from typing import Any

import pytest
from conftest import Make

from degradation import errors
from degradation.runs import schema
from degradation.sweeps import forecast, sweep
from degradation.sweeps.job import Job
from degradation.training import pace
from degradation.training.experiment import train

PACE = {"start": 2.0, "step": 0.5, "image": 0.01, "train": 100.0, "test": 50.0}
MANY = {"train.steps": 1000, "train.evaluate_every": 100}


def test_the_last_end_of_processes_side_by_side() -> None:
    assert forecast.last_end([3, 2, 2], 1) == 7
    assert forecast.last_end([3, 2, 2], 2) == 4
    assert forecast.last_end([3, 2, 2], 8) == 3


def test_a_network_takes_its_steps_its_evaluations_and_its_start(make: Make) -> None:
    job = Job(make(**MANY))
    assert forecast.seconds(job, PACE) == 2 + 1000 * 0.5 + (10 * 50 + 100) * 0.01
    looking = Job(make(**MANY, **{"train.signals_every": 100}))
    assert forecast.seconds(looking, PACE) == forecast.seconds(job, PACE) + 10 * 3 * 0.5


def test_steps_that_a_checkpoint_holds_are_not_counted(make: Make) -> None:
    request = make(**{"train.steps": 12, "train.max_minutes": 1e-9})
    assert train(request, echo=False) == errors.OUT_OF_TIME
    assert forecast.done(Job(request)) == 0
    assert train(make(), echo=False) == errors.DONE
    assert forecast.done(Job(make())) == 12
    assert forecast.seconds(Job(make()), PACE) == PACE["start"] + 100 * PACE["image"]  # the last evaluation
    assert forecast.done(Job(make(fresh=True))) == 0
    for name in (schema.LAST, schema.PREVIOUS):
        (request.folder / name).unlink()
    assert forecast.done(Job(make())) == 0  # it begins anew


def test_seeds_and_learning_rates_share_a_pace_and_sizes_do_not(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that wasn't timed takes as much longer as it is larger."""
    requests = [
        make(**MANY, **{"model.depth": depth, "optimizer.lr": lr}, seed=seed)
        for depth in (14, 8)
        for lr in (0.1, 0.2)
        for seed in (0, 1)
    ]
    asked: list[tuple[int, int]] = []

    def timed(kinds: dict[str, Job], processes: int) -> dict[str, dict[str, float]]:
        asked.append((len(kinds), processes))
        return {name: PACE for name, job in kinds.items() if job.request.settings.model.depth == 8}

    monkeypatch.setattr(forecast, "timed", timed)
    said = forecast.forecast([[Job(request)] for request in requests], 3)
    assert asked == [(2, 3)]
    (small,) = {forecast.seconds(Job(one), PACE) for one in requests[4:]}
    large = 2 + (small - 2) * 14 / 8
    expected = forecast.last_end([large] * 4 + [small] * 4, 3)
    assert said.startswith(f"about {expected / 60:.0f} min for the 8 networks to train, 3 at a time")


def test_a_sweep_of_few_steps_or_on_a_gpu_or_compiled_is_not_timed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "start", None)  # it must not be called
    assert forecast.forecast([[Job(make(seed=seed))] for seed in range(8)], 2) == ""
    compiled = make(**MANY, **{"train.engine": "fast", "train.compile": "default"})
    assert forecast.forecast([[Job(compiled)]], 2) == ""
    monkeypatch.setattr(sweep, "_accelerator", lambda wanted: "gpu")
    monkeypatch.setattr(sweep, "forecast", None)

    class NoPool:
        def __init__(self, *_: Any) -> None: ...

        def run(self) -> int:
            return 0

    monkeypatch.setattr(sweep, "Pool", NoPool)
    assert sweep.sweep([make(**MANY)]) == 0


@pytest.mark.slow
def test_steps_are_timed_in_processes_of_their_own(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of one kind, as two would train."""
    monkeypatch.setattr(forecast, "LIMIT", 300.0)
    jobs = {"small": Job(make(**MANY))}
    found = forecast.timed(jobs, 2)["small"]
    assert (found["train"], found["test"]) == (100, 50)
    assert min(found[key] for key in ("step", "image", "start")) > 0
    assert not jobs["small"].request.folder.exists()


def test_a_process_that_can_time_nothing_says_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(forecast, "TIMING", "degradation.training.no_such_module")
    assert forecast.forecast([[Job(make(**MANY))]], 2) == ""
    monkeypatch.setattr(forecast, "TIMING", "degradation.training.pace")
    monkeypatch.setattr(forecast, "LIMIT", 0.1)
    assert forecast.forecast([[Job(make(**MANY))]], 2) == ""
    assert capsys.readouterr() == ("", "")


def test_each_network_has_its_turn_before_one_has_a_second(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SECONDS", 0.0)
    monkeypatch.setattr(pace, "TURN", 1e-9)
    requests = [make(), make(**{"model.depth": 14})]
    found = list(pace.measure(requests, imported=1.0))
    assert [place for place, _ in found] == [0, 1]
    assert all(one.step > 0 and one.image > 0 and one.start > pace.START for _, one in found)
