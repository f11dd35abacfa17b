"""Sweeps: one that fails doesn't stop the others, and is named."""

import signal

import pytest
from conftest import Make

from degradation import errors, pool, schema, sweep
from degradation.errors import BadRequest
from degradation.files import read_json, write_json
from degradation.pool import Job
from degradation.table import Table


def states(*requests: object) -> list[str]:
    return [read_json(request.folder / schema.RECORD)["status"] for request in requests]  # type: ignore[attr-defined]


def test_one_raises_one_is_killed_one_is_complete(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make(), make(**{"optimizer.lr": 1e30}, experiment_name="bad")
    killed = make(seed=1, **{"train.steps": 100_000, "train.checkpoint_every": 1})
    refresh = Table.refresh

    def kill_it(self: Table) -> None:
        """As the system would, when memory runs out."""
        refresh(self)
        (job,) = (job for job in self.jobs if job.request is killed)
        if (killed.folder / schema.LAST).exists() and job.worker is not None:
            job.worker.process.send_signal(signal.SIGKILL)

    monkeypatch.setattr(Table, "refresh", kill_it)
    assert sweep.sweep([good, bad, killed], at_once=2) == errors.FAILED
    assert states(good, bad, killed) == [schema.COMPLETE, schema.FAILED, schema.FAILED]
    assert read_json(killed.folder / schema.RECORD)["message"] == "killed by SIGKILL"
    said = capsys.readouterr()
    assert "residual-8-seed1: failed: killed by SIGKILL" in said.err
    assert "not finite" in said.err
    monkeypatch.undo()
    assert sweep.sweep([good]) == errors.DONE


def test_the_longest_first(make: Make) -> None:
    jobs = [
        Job(make(**{"model.depth": depth, "train.steps": n})) for depth, n in ((20, 5), (56, 5), (8, 100))
    ]
    (first, second, third) = (team for (team,) in sweep.teams(jobs, "cpu"))
    assert [job.request.settings.model.depth for job in (first, second, third)] == [8, 56, 20]


def test_teams_on_a_gpu(make: Make) -> None:
    """engine=fast: up to eight networks that differ in their model alone; engine=plain: one at a time."""

    def depths(engine: str, seeds: tuple[int, ...]) -> list[list[tuple[int, int]]]:
        made = [
            make(seed=seed, **{"model.depth": depth, "model.family": family, "train.engine": engine})
            for seed in seeds
            for family in ("plain", "residual")
            for depth in (20, 32, 44, 56, 8)
        ]
        found = sweep.teams([Job(request) for request in made], "gpu")
        return [[(j.request.settings.seed, j.request.settings.model.depth) for j in team] for team in found]

    fast = depths("fast", (0, 1))
    assert fast[:2] == [[(0, d) for d in (56, 56, 44, 44, 32, 32, 20, 20)], [(0, 8), (0, 8)]]
    assert [[seed for seed, _ in team] for team in fast[2:]] == [[1] * 8, [1] * 2]
    assert [len(team) for team in depths("plain", (0,))] == [1] * 10


def test_cores_are_at_least_one_and_heed_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep.cores() >= 1
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert sweep.cores() == 1


def test_a_network_that_dies_at_once_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool.sys, "executable", "/bin/false")
    job = Job(make())
    with Table([job]) as table:
        assert pool.Pool([[job]], 1, table).run() == errors.FAILED
    assert job.message == "ended with exit code 1"


def test_time_is_up_before_all_are_started(make: Make) -> None:
    requests = [make(seed=seed, **{"train.max_minutes": 1e-9}) for seed in range(3)]
    assert sweep.sweep(requests, at_once=1) == errors.OUT_OF_TIME
    assert not any(request.folder.exists() for request in requests)


def test_refused_whole(make: Make) -> None:
    good, other = make(), make(seed=1)
    other.folder.mkdir(parents=True)
    write_json(other.folder / schema.RECORD, {"status": "complete"})
    with pytest.raises(BadRequest, match="not a run's record"):
        sweep.sweep([good, other])
    assert not good.folder.exists()
