"""docs/lesson.ipynb: each step fits a screen, and was committed as it ran; .ci/run runs it anew."""

import nbformat
import pytest
from conftest import ROOT

CELLS = nbformat.read(ROOT / "docs/lesson.ipynb", as_version=4).cells
CODE = [cell for cell in CELLS if cell.cell_type == "code"]
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
