"""docs/lesson.ipynb: each step fits a screen, was committed as it ran, and runs anew, with fewer steps."""

from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

CELLS = nbformat.read(ROOT / "docs/lesson.ipynb", as_version=4).cells
CODE = [cell for cell in CELLS if cell.cell_type == "code"]
FEWER = {
    "steps=150": "steps=5",
    '"experiment=shapes"': '"experiment=shapes", "train.steps=20"',
    "plain-20-seed0": "plain-20-train.steps=20-seed0",
    "plain-56-seed0": "plain-56-train.steps=20-seed0",
}
SCREEN, WIDTH = 30, 120  # lines of a step, and letters of a line


def test_each_step_fits_a_screen() -> None:
    for cell in CELLS:
        lines = cell.source.splitlines()
        assert len(lines) <= SCREEN and max(map(len, lines)) <= WIDTH, cell.source


def test_it_was_committed_as_it_ran() -> None:
    """From the first cell to the last, without an error; what is trained was trained there."""
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [one for cell in CODE for one in cell.outputs if one.output_type == "error"]
    texts = [one.text for cell in CODE for one in cell.outputs if one.output_type == "stream"]
    assert any("plain-56-seed0: complete after" in text for text in texts)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if "**Exercise" in cell.source])
def test_each_exercise_has_its_answer(cell: nbformat.NotebookNode) -> None:
    assert cell.source.count("<details><summary>Answer</summary>") == 1 == cell.source.count("</details>")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the Jupyter that is there
def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the kernel, and the command that it runs
    (tmp_path / "docs").mkdir()
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    lesson = nbformat.read(ROOT / "docs/lesson.ipynb", as_version=4)
    for whole, short in FEWER.items():
        (cell,) = (cell for cell in lesson.cells if cell.cell_type == "code" and whole in cell.source)
        cell.source = cell.source.replace(whole, short)
    NotebookClient(lesson, resources={"metadata": {"path": str(tmp_path / "docs")}}).execute()
    assert len(list(tmp_path.glob("runs/lesson/*/curves.csv"))) == 4
