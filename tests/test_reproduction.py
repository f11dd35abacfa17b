"""Somebody else's curves beside ours: what is read, what is compared, and that the report keeps them."""

from pathlib import Path

import pandas as pd
import pytest
from fake_runs import fake_run

from degradation.analysis import reproduction as analysis
from degradation.cli import plot
from degradation.errors import BadRequest
from degradation.reports import report
from degradation.reports import reproduction as section
from degradation.runs import reproduction, store

SOURCE = "example.org/somebody"


def theirs(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def curve(*errors: float) -> str:
    rows = (f"{epoch},{error},{error + 0.01}\n" for epoch, error in enumerate(errors))
    return "epoch,train_err,test_err\n" + "".join(rows)


def test_fractions_become_percent_and_epochs_count_what_is_done(tmp_path: Path) -> None:
    folder = theirs(
        tmp_path / "x", plainnet56=curve(0.9, 0.5), ResNet20="epoch,train_error,test_error\n0,40,41\n"
    )
    found = reproduction.read(folder, SOURCE)
    rows = {tuple(row) for row in found.drop(columns="source").round(6).itertuples(index=False)}
    assert rows == {
        ("plain", 56, 1, 90.0, 91.0),
        ("plain", 56, 2, 50.0, 51.0),
        ("residual", 20, 1, 40.0, 41.0),
    }
    assert set(found["source"]) == {SOURCE}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lenet5", curve(0.5), "its name should say the network"),
        ("plain20", "epoch,loss\n0,1\n", "no column train_error, test_error"),
        ("plain20", curve(1.5), "train_error holds a cell that is no train_error"),
        ("plain20", "epoch,train_err,test_err\n0,nan,0.5\n", "train_error holds a cell"),
        ("plain20", "", "not a CSV file that can be read"),
    ],
)
def test_what_is_not_of_this_form_is_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=message):
        reproduction.read(theirs(tmp_path / "x", **{name: text}), SOURCE)


def test_nothing_there(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadRequest, match="no CSV files there"):
            reproduction.read(folder, SOURCE)


def test_ours_stand_beside_theirs_at_the_same_epoch_and_at_their_end() -> None:
    own = pd.DataFrame([("plain", "", 20, 2.0, 30.0, 31.0, 32.0, 3)], columns=analysis.OURS)
    other = pd.DataFrame(
        [(SOURCE, "plain", 20, epoch, 100 - 10.0 * epoch, 100 - 9.0 * epoch) for epoch in range(1, 6)],
        columns=reproduction.COLUMNS,
    )
    (row,) = analysis.table(own, other).to_dict("records")
    assert (row["epoch"], row["epochs"], row["runs"]) == (2.0, 5, 3)
    assert (row["train_error"], row["train_error_then"], row["train_error_end"]) == (30.0, 80.0, 50.0)
    assert (row["test_error"], row["test_error_then"], row["test_error_end"]) == (31.0, 82.0, 55.0)
    assert analysis.table(own.assign(depth=32), other).empty


def test_the_report_keeps_them(tmp_path: Path) -> None:
    """Drawn again from its own folder it is the same, and runs that join it change nothing of them."""
    for depth in (20, 56):
        fake_run(tmp_path / "runs/x", "plain", depth)
    folder = theirs(tmp_path / "theirs", plainnet20=curve(0.9, 0.5), plainnet56=curve(0.95, 0.7))
    (first,) = report.write([tmp_path / "runs"], tmp_path / "one", reproduction.read(folder, SOURCE))
    (again,) = report.write([first], tmp_path / "two")
    assert {path.name: path.read_bytes() for path in first.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
    page = (first / report.README).read_text()
    assert f"from {SOURCE}: after as many epochs" in page
    assert (first / "reproduction.png").stat().st_size
    (joined,) = store.load([tmp_path / "runs", first])
    assert len(joined.beside) == 4
    (first / reproduction.REPRODUCTION_CSV).write_text("source\nx\n")
    with pytest.raises(BadRequest, match=r"reproduction\.csv: no column family"):
        store.load([first])


def test_the_front_page_names_the_paper_and_them(tmp_path: Path) -> None:
    """A row of the paper's growths, and one of theirs: at the end and after as many epochs as here."""
    for depth in (20, 56):
        for family in ("plain", "residual"):
            fake_run(tmp_path / "runs/x", family, depth)
    curves = {"plain20": curve(0.9, 0.5), "plain56": curve(0.95, 0.7), "resnet20": curve(0.9, 0.4)}
    for more in ({}, {"resnet56": curve(0.9, 0.3)}):
        read = reproduction.read(theirs(tmp_path / f"theirs{len(more)}", **curves, **more), SOURCE)
        (folder,) = report.write([tmp_path / "runs"], tmp_path / f"reports{len(more)}", read)
        (one,) = store.load([folder])
        rows = section.growths(one)
        assert bool(rows) == bool(more)
    paper, other = rows
    assert paper[1:] == ["20, 56", "about +3.50 to +5.00, running", "–", "-1.78", "8.75, 6.97"]
    assert other[0] == f"{SOURCE}: one run each, 2 epochs" and other[2].startswith("+20.00 at the end; ")
    assert other[3].startswith("-10.00 at the end; ")


def test_curves_without_their_source_are_refused() -> None:
    for words in (["--beside", "x"], ["--source", "x"]):
        with pytest.raises(BadRequest, match="belong together"):
            plot.run(plot.parser().parse_args(words))
