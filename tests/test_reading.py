"""The whole reading side, for any set of run folders that training can write (or a user can move about)."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
from fake_runs import fake_run
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from degradation.errors import BadRequest
from degradation.plots.style import files
from degradation.reports import report
from degradation.runs.schema import COMPLETE, PLACE_AND_COST

SHORT = {"train.steps": 3200, "train.evaluate_every": 800, "data.name": "shapes"}
# Settings that differ from the experiment's, by the variant that they have.
CHANGES: dict[str, dict[str, Any]] = {
    "": {},
    "optimizer.lr=0.01": {"optimizer.lr": 0.01},
    "optimizer.lr=0.2": {"optimizer.lr": 0.2},
    "optimizer.lr=0.4": {"optimizer.lr": 0.4},
    "optimizer.weight_decay=0.0": {"optimizer.weight_decay": 0.0},
    "train.steps=1600": {"train.steps": 1600},
    "schedule.milestones=[32000]": {"schedule.milestones": [32000]},
    "model.width=8": {"model.width": 8},
}
Recorded = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """One run folder to be written.

    Attributes:
        told: whether the change is in the variant; it isn't where the experiment's yaml was edited.
        odd: what is unusual about it, or nothing.
    """

    root: str
    experiment: str
    family: str
    depth: int
    seed: int
    change: str
    told: bool
    status: str
    reached: float
    error: float
    odd: str


rarely = st.sampled_from([*[""] * 12, "not finite", "renamed", "copied", "other data", "bf16", "no curves"])
made = st.builds(
    Made,
    root=st.sampled_from(["one", "one", "one", "two"]),
    experiment=st.sampled_from(["x", "x", "y"]),
    family=st.sampled_from(["plain", "residual", "plain_preact", "preact", "stochastic_depth", "unheard-of"]),
    depth=st.sampled_from([8, 20, 56, 110]),
    seed=st.integers(0, 3),
    change=st.sampled_from([*[""] * 6, *CHANGES]),
    told=st.sampled_from([True] * 9 + [False]),
    status=st.sampled_from([*[COMPLETE] * 5, "failed", "running", "interrupted"]),
    reached=st.sampled_from([0.0, 0.3, 0.6]),
    error=st.sampled_from([0.0, 0.05, 1.0, 50.0, 90.0, 100.0]),
    odd=rarely,
)


def write(root: Path, one: Made) -> None:
    folder = root / one.root / one.experiment
    settings = {**SHORT, **CHANGES[one.change]}
    record: Recorded = {}
    if one.odd == "other data":
        record["data_sha256"] = "0" * 64
    if one.odd == "bf16":
        settings["train.precision"] = "bf16"
    if one.odd == "not finite":
        record["test_loss"] = "inf"
    variant = one.change if one.told else ""
    complete = one.status == COMPLETE
    run = fake_run(
        *(folder, one.family, one.depth, one.seed),
        train_error=one.error,
        test_error=min(one.error + 1, 100.0),
        status=one.status,
        reached=1.0 if complete else one.reached,
        variant=variant,
        config=settings,
        **record,
    )
    if one.odd == "not finite":
        lines = (run / "curves.csv").read_text().splitlines()
        cells = [line.split(",") for line in lines]
        text = "\n".join([lines[0], *(",".join([*row[:-2], "inf", row[-1]]) for row in cells[1:])])
        (run / "curves.csv").write_text(text + "\n")
    if one.odd == "no curves" and not complete:
        (run / "curves.csv").unlink()
    if one.odd == "renamed":
        run.rename(run.with_name(f"{run.name}-renamed"))
    if one.odd == "copied":
        shutil.copytree(run, run.with_name(f"{run.name}-copy"))


def records(root: Path) -> Iterator[tuple[str, Recorded]]:
    for path in root.glob("*/*/*/record.json"):
        yield path.parents[1].name, json.loads(path.read_text())


def identity(record: Recorded) -> str:
    """Of a run that may be averaged with others: all of its settings but the seed, and its data."""
    kept = {key: value for key, value in record["config"].items() if key not in PLACE_AND_COST | {"seed"}}
    return json.dumps([kept, record["data_sha256"]], sort_keys=True)


@contextmanager
def undrawn() -> Iterator[None]:
    """Figures are made, but not drawn into files, which takes most of a report's time."""
    with mock.patch.object(report, "files", lambda figure, name: {f"{name}.png": b"", f"{name}.svg": b""}):
        yield


def check(root: Path) -> bool:
    """Whether the runs have a report, which is then held against their records; else there was one line."""
    out = root / "reports"
    try:
        folders = report.write([place for place in (root / "one", root / "two") if any(place.iterdir())], out)
    except BadRequest as refused:
        assert "\n" not in str(refused) and len(str(refused)) > 20
        assert not out.exists(), "half of the reports"
        return False
    found = list(records(root))
    assert {folder.name for folder in folders} == {name for name, _ in found}
    for folder in folders:
        own = [record for name, record in found if name == folder.name]
        table = pd.read_csv(folder / "table.csv", keep_default_na=False)
        page = (folder / "README.md").read_text()
        done = [record for record in own if record["status"] == COMPLETE]
        assert table["runs"].sum() == len(done)
        for _, row in table.iterrows():
            network = (row["family"], row["variant"], row["depth"])
            same = [one for one in done if (one["family"], one["variant"], one["depth"]) == network]
            assert len({identity(one) for one in same}) == 1, "a mean over two settings"
            mean = sum(one["train_error"] for one in same) / len(same)
            assert float(row["train_error_mean"]) == mean
        for record in own:
            if record["status"] != COMPLETE:
                unfinished = page.split("## Runs that are not in the table")[1]
                assert f"| {record['seed']} | {record['status']} |" in unfinished
        assert ("Not finite" in page) == any(
            ",inf," in path.read_text()
            for place in ("one", "two")
            for path in root.glob(f"{place}/{folder.name}/*/curves.csv")
        )
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        report.write([folder], out)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, "drawn again: another"
    return True


def tried(runs: list[Made]) -> bool:
    with tempfile.TemporaryDirectory() as scratch:
        for place in ("one", "two"):
            (Path(scratch) / place).mkdir()
        for one in runs:
            try:
                write(Path(scratch), one)
            except OSError:
                continue  # two of one name in one place: a file system has one of them
        return check(Path(scratch))


slowly = settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@slowly
@given(st.lists(made, min_size=1, max_size=8))
def test_any_runs_end_in_a_report_or_in_one_line(runs: list[Made]) -> None:
    with undrawn():
        tried(runs)


@settings(slowly, max_examples=2)
@given(st.lists(made.filter(lambda one: one.told and one.odd in ("", "not finite")), min_size=3, max_size=8))
def test_and_their_pictures_are_drawn(runs: list[Made]) -> None:
    assert report.files is files
    assume(tried(runs))
