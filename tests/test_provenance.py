"""Where a run's numbers come from, and that what was measured is told from what was not."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Make

from degradation import errors
from degradation.config import checks
from degradation.errors import BadRequest
from degradation.files import read_json
from degradation.reports import report
from degradation.runs import schema, store
from degradation.training import commit, provenance
from degradation.training.classifier import Classifier
from degradation.training.experiment import train


@pytest.fixture
def as_if_committed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Says by which commit the code is, as far as runs can tell."""

    def set_commit(name: str) -> None:
        monkeypatch.setattr(provenance, "commit", lambda: name)

    return set_commit


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    update = Classifier.update

    def stopping(self: Classifier, *arguments: Any) -> None:
        update(self, *arguments)
        if self.step + 1 == step:
            os.kill(os.getpid(), signal.SIGTERM)  # heeded after the step

    monkeypatch.setattr(Classifier, "update", stopping)


def test_a_run_of_two_commits_keeps_both(
    make: Make, as_if_committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = make()
    for commit_, step in (("one", 5), ("two", 7), ("two", 8)):
        as_if_committed(commit_)
        with monkeypatch.context() as patched:
            stop_at(step, patched)
            assert train(request, echo=False) == errors.TERMINATED
    as_if_committed("three")
    assert train(request, echo=False) == errors.DONE
    record = read_json(request.folder / schema.RECORD)
    said = [(one["from_step"], one["commit"]) for one in record["history"]]
    assert said == [(0, "one"), (5, "two"), (8, "three")]
    (experiment,) = store.load([request.folder])
    assert experiment.runs["commit"][0] == "one then two then three"


def test_work_that_was_lost_is_nobodys() -> None:
    def record(commit_: str) -> dict[str, Any]:
        return {"commit": commit_, "device": "a CPU", "versions": {}}

    before = {**record("two"), "history": provenance.history(record("one"), record("two"), 6)}
    assert [one["commit"] for one in before["history"]] == ["one", "two"]
    assert [one["commit"] for one in provenance.history(before, record("three"), 4)] == ["one", "three"]
    assert [one["commit"] for one in provenance.history(before, record("three"), 0)] == ["three"]
    assert provenance.history(before, record("two"), 9) == before["history"]


def test_a_sweep_tells_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits of anything but the code don't matter; a network that imports edited code looks for itself."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for part in ("degradation", "conf", "scripts"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "file.py").write_text("1\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    monkeypatch.setattr(commit, "PACKAGE", tmp_path / "degradation")
    first = commit.commit()
    assert first is not None and len(first) == 40
    for name, value in commit.for_networks().items():
        monkeypatch.setenv(name, value)
    (tmp_path / "conf" / "file.py").write_text("2\n")
    assert commit.commit() == first
    (tmp_path / "degradation" / "file.py").write_text("2\n")
    assert commit.commit() == f"{first}-dirty"
    inside = tmp_path / ".venv/site-packages/degradation"  # installed into another project's environment
    inside.mkdir(parents=True)
    monkeypatch.setattr(commit, "PACKAGE", inside)
    monkeypatch.delenv(commit.CODE)
    monkeypatch.delenv(commit.COMMIT)
    assert commit.commit() is None


def test_a_copy_without_git_is_told_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "PACKAGE", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit.commit() is None
    monkeypatch.setenv("DEGRADATION_COMMIT", "0123abc")
    assert commit.commit() == "0123abc"


def test_a_loss_that_is_not_finite_is_written_and_read(make: Make, tmp_path: Path) -> None:
    """The only step's loss is finite, and its update is far too large."""
    request = make(
        **{
            "model.family": "plain",
            "train.steps": 1,
            "train.precision": "float32",
            "optimizer.lr": 44668.4,
        }
    )
    assert train(request, echo=False) == errors.DONE
    row = (request.folder / schema.CURVES).read_text().splitlines()[-1].split(",")
    assert row[schema.CURVE_COLUMNS.index("test_loss")] == "inf"
    assert read_json(request.folder / schema.RECORD)["test_loss"] == "inf"
    (folder,) = report.write([request.folder], tmp_path / "reports")
    assert "**Not finite**: the test loss of plain-8-seed0" in (folder / report.README).read_text()


@pytest.mark.parametrize("same", [(0, 0.0), (0.0, -0.0), (1, 1.0), (0.1, 1e-1), (32_000, 32_000.0)])
def test_equal_numbers_are_one_setting(same: tuple[float, float]) -> None:
    one, other = (checks.number("x", value) for value in same)
    assert repr(one) == repr(other)


def test_weight_decay_0_and_00_have_one_name(make: Make) -> None:
    one, other = (
        make(**{"optimizer.weight_decay": value}).to_mapping()["optimizer"]["weight_decay"]
        for value in (0, 0.0)
    )
    assert repr(one) == repr(other) == "0"


def test_numbers_beyond_floats_are_refused(make: Make) -> None:
    with pytest.raises(BadRequest, match="too large a number"):
        make(**{"optimizer.lr": 10**400})


def test_without_an_experiment_a_run_has_a_place_of_its_own() -> None:
    from degradation.cli.compose import compose

    names = {path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml")}
    (one, two) = compose([["data=shapes"], ["data=cifar10"]])
    assert {one.settings.experiment_name, two.settings.experiment_name} == {"custom_shapes", "custom_cifar10"}
    assert not names & {"custom_shapes", "custom_cifar10"}


def test_a_choice_is_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is what the values of a sweep's networks are compared with: it is the same for all of one model."""
    from degradation.cli import compose

    calls = []
    load = compose.ConfigLoaderImpl._load_configuration_impl

    def counting(*arguments: Any, **keys: Any) -> Any:
        calls.append(arguments)
        return load(*arguments, **keys)

    monkeypatch.setattr(compose.ConfigLoaderImpl, "_load_configuration_impl", counting)
    found = compose.compose([["model=plain", f"model.depth={depth}"] for depth in (20, 32, 44, 56)])
    assert len(calls) == 3  # the config that all begin with, the choice, and the choice by itself
    assert found[3].name == "plain-56-seed0"
