"""The report on why: measured once, drawn again from its own tables; comparisons with known answers."""

import functools
import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import Make

from degradation.cli import why
from degradation.errors import BAD_REQUEST, BadRequest
from degradation.plots import style
from degradation.reports import report as plain_report
from degradation.training import experiment
from degradation.why import analyses, further, measured, report
from degradation.why.trials import train_on, witness_runs

# budgets takes runs of several lengths, changes changed ones, forecast many kinds; witness and around train
# (tests/test_why_witness.py, test_why_around.py); columns and reuse are of other families
# (tests/test_why_families.py)
OF_OTHERS = ("budgets", "changes", "witness", "around", "forecast", "columns", "reuse")
NAMES = [name for name in analyses.ANALYSES if name not in OF_OTHERS]


def train(make: Make, *seeds: int, **keys: object) -> Path:
    for family in ("plain", "residual"):
        for seed in seeds:
            wanted = make(seed=seed, **{"model.family": family, "train.steps": 4, **keys})
            assert experiment.train(wanted, echo=False) == 0
    return wanted.folder.parent


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DEPTHS", (8, 14)), ("SEEDS", range(3)), ("ON_PLANE", 3), ("BATCH", 20)):
        monkeypatch.setattr(measured, name, value)
    monkeypatch.setattr(style, "SHARPNESS", 30)


def write(runs: Path, out: Path, names: list[str], said: list[str] | None = None) -> Path:
    (folder,) = report.write([runs], out, names, 20, None, (said if said is not None else []).append)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_all_analyses_and_drawn_again(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    runs, out = (
        train(make, 0, 1, 2, **{"train.signals_every": 2, "train.keep_every": 2}),
        tmp_path / "reports",
    )
    folder = write(runs, out, NAMES)
    assert folder == out / "tiny_why"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    pictures = {f"{name}.{end}" for name in NAMES for end in ("csv", "png", "svg")}
    assert set(first) == pictures | {"networks.csv", "summary.csv", "README.md"}
    page = first["README.md"].decode()
    assert str(tmp_path) not in page
    assert all(f"![{name}]({name}.png)" in page for name in NAMES)
    assert "interval over 3 seeds" in page
    # The weights may be gone, and the folder elsewhere.
    shutil.rmtree(runs)
    other = shutil.copytree(folder, tmp_path / "elsewhere/tiny_why")
    assert report.write([other], out, NAMES, 20, None, print) == [other]
    assert {path.name: path.read_bytes() for path in other.iterdir()} == first
    summary = pd.read_csv(folder / "summary.csv", keep_default_na=False)
    gap = summary[(summary["kind"] == "gap") & (summary["quantity"] == "effective depth (branches)")]
    assert gap["seeds"].tolist() == [3, 3] and gap["above"].tolist() == [3, 3]
    for name in NAMES:
        networks = pd.read_csv(folder / f"{name}.csv")[["family", "depth", "seed"]].drop_duplicates()
        assert len(networks) == (12 if name == "shattering" else 6)


def test_one_analysis_after_another(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured stays, also of networks that are no longer there."""
    small(monkeypatch)
    runs = train(make, 0)
    folder = write(runs, tmp_path / "reports", ["paths"])
    before = (folder / "paths.csv").read_bytes()
    shutil.rmtree(runs)
    said: list[str] = []
    assert write(train(make, 1), tmp_path / "reports", ["signals"], said) == folder
    assert said[0] == "signals [1/2] plain-8-seed1"
    assert (folder / "paths.csv").read_bytes() == before
    assert set(pd.read_csv(folder / "networks.csv")["seed"]) == {0, 1}
    page = (folder / "README.md").read_text()
    assert "![paths]" in page and "![signals]" in page and "![lesions]" not in page
    assert "With one seed this can't tell noise from effect" in page


def test_networks_one_after_another(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured when it was trained, a network needs no weights later; measured again, it is there once."""
    small(monkeypatch)
    apart = tmp_path / "apart"
    runs = train(make, 0, 1)
    (whole,) = report.write([runs], tmp_path / "whole", ["paths"], 20, None, print)
    for seed in (1, 0, 0):
        paths = [runs / f"{family}-8-seed{seed}" for family in ("plain", "residual")]
        (folder,) = report.write(paths, apart, ["paths"], 20, None, print)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in whole.iterdir()
    }
    before = (folder / "paths.csv").read_bytes()
    shutil.rmtree(runs)
    with pytest.raises(
        BadRequest, match=r"tiny_why holds .* steps can't be averaged: 4 .* delete that folder$"
    ):
        report.write([train(make, 2, **{"train.steps": 2})], apart, ["paths"], 20, None, print)
    assert (folder / "paths.csv").read_bytes() == before


def test_a_report_says_how_its_networks_began(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same numbers as from the runs, whose weights may go; what was measured of the weights stays."""
    small(monkeypatch)
    names, runs = ["signals"], train(make, 0)
    (recorded,) = plain_report.write([runs], tmp_path / "reports")
    whole = write(runs, tmp_path / "whole", names)
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    shutil.rmtree(runs)
    folder = write(recorded, tmp_path / "reports", names)
    assert (
        "Of networks made again as they were before training, in float32."
        in (folder / "README.md").read_text()
    )
    own, theirs = (pd.read_csv(one / "signals.csv", dtype=str) for one in (folder, whole))
    at_start = theirs[theirs["state"] == "initialisation"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, at_start)
    assert write(recorded, tmp_path / "whole", names) == whole
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before
    with pytest.raises(BadRequest, match=r"is a report, .* \(--only overfitting,signals,.*,paths\)$"):
        write(recorded, tmp_path / "reports", ["signals", "lesions"])


def test_unfinished_runs_are_named(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    runs = train(make, 0)
    path = runs / "plain-8-seed0/record.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "status": "interrupted"}))
    page = (write(runs, tmp_path / "reports", ["paths"]) / "README.md").read_text()
    assert "Left out: plain-8-seed0 (interrupted)." in page
    with pytest.raises(BadRequest, match="plain-8-seed0: interrupted, not complete"):
        write(path.parent, tmp_path / "reports", ["paths"])
    with pytest.raises(BadRequest, match="holds no weights"):
        (tmp_path / "old").mkdir()
        (tmp_path / "old/runs.csv").write_text("x")
        write(tmp_path / "old", tmp_path / "reports", ["lesions"])


def test_families_that_an_analysis_cant_be_made_of(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are named and left out; if none is left, that is all there is to say."""
    small(monkeypatch)
    wanted = make(**{"model.family": "nin", "model.depth": 9, "train.steps": 1})
    experiment.train(wanted, echo=False)
    said: list[str] = []
    write(wanted.folder, tmp_path / "reports", ["signals"], said)
    with pytest.raises(BadRequest, match=r"signals\.csv: not there: train with train\.signals_every"):
        write(wanted.folder, tmp_path / "reports", ["along"], said)
    assert (
        "![signals]"
        in (write(wanted.folder, tmp_path / "reports", ["signals", "paths"]) / "README.md").read_text()
    )
    with pytest.raises(BadRequest, match="lesions: nin-9-seed0 is left out: NiN is not a row of blocks"):
        write(wanted.folder, tmp_path / "reports", ["lesions"], said)
    train(make, 0)
    folder = write(wanted.folder.parent, tmp_path / "reports", ["lesions"], said)
    assert set(pd.read_csv(folder / "lesions.csv")["family"]) == {"plain", "residual"}
    assert any(line.startswith("lesions: nin-9-seed0 is left out") for line in said)


def test_what_is_left_out_is_said(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness that isn't trained to its end, beside an analysis that is made; a stop ends all."""
    small(monkeypatch)
    train(make, 0)
    runs = tmp_path / "runs/tiny"
    monkeypatch.setattr(further, "_pairs", lambda runs, families: [(runs[0], runs[0])])

    def ended(code: int) -> None:
        study = functools.partial(train_on.finish, "witness", [], lambda requests: code)
        monkeypatch.setattr(witness_runs, "study", lambda pairs, **choice: study())

    said: list[str] = []
    ended(1)
    write(runs, tmp_path / "reports", ["overfitting", "witness"], said)
    assert "witness: not all of its runs are complete (exit code 1): measure again" in said
    ended(130)
    with pytest.raises(KeyboardInterrupt):
        write(runs, tmp_path / "reports", ["overfitting", "witness"], said)


def test_a_stopped_command_goes_on_with_what_is_not_measured(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the very same bytes; asked of other images, it measures all anew."""
    small(monkeypatch)
    runs, names = train(make, 0), ["lesions", "paths"]
    whole = write(runs, tmp_path / "whole", names)
    paths = measured.paths.paths

    def stop(*args: object, **keys: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(measured.paths, "paths", stop)
    with pytest.raises(KeyboardInterrupt):
        write(runs, tmp_path / "reports", names)
    monkeypatch.setattr(measured.paths, "paths", paths)
    said: list[str] = []
    out = tmp_path / "reports"
    with pytest.raises(KeyboardInterrupt), monkeypatch.context() as patched:
        patched.setattr(measured.paths, "paths", stop)
        report.write([runs], out, names, 10, None, said.append)
    assert said[0] == "lesions [1/2] plain-8-seed0", "of other images it was never measured"
    said.clear()
    folder = write(runs, out, names, said)
    assert said[0] == "lesions: measured before this command was stopped"
    assert said[1] == "paths [1/2] plain-8-seed0"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in whole.iterdir()
    }
    said.clear()
    write(runs, out, names, said)
    assert said[0] == "lesions [1/2] plain-8-seed0", "when all is done, the same call measures anew"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--only", "signals,lesion"],
            "--only lesion: not one of overfitting, witness, around, signals, along, convergence",
        ),
        (["--images", "0"], "--images 0: at least 1"),
        (["nowhere"], "no folder nowhere"),
    ],
)
def test_refusals(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["why", *words])
    assert why.main() == BAD_REQUEST
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_table(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    folder = write(train(make, 0), tmp_path / "reports", ["paths"])
    (folder / "paths.csv").write_text("family,depth\nplain,8\n")
    with pytest.raises(BadRequest, match="a table is damaged"):
        report.write([folder], tmp_path, NAMES, 20, None, print)
    with pytest.raises(BadRequest, match=r"paths\.csv: a table is damaged .*: delete it and measure anew"):
        write(train(make, 0), tmp_path / "reports", ["paths"])
    (folder / "paths.csv").unlink()
    with pytest.raises(BadRequest, match="no table of an analysis"):
        report.write([folder], tmp_path, NAMES, 20, None, print)
