"""Budgets, with known answers: one that gets there, one that never does, one that can't be told."""

import dataclasses
import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import Make

from degradation.errors import BadRequest
from degradation.plots import style
from degradation.training import experiment
from degradation.why import report
from degradation.why.numbers import budgets, quantities
from degradation.why.pictures import budgets_picture

BUDGETS = (100, 200, 400)


def curves(clean: dict[tuple[int, int], float], seed: int = 0) -> pd.DataFrame:
    """Plain networks by depth and budget. Running errors: 80 at step 50, then the clean one plus 2."""
    rows = [
        {"depth": depth, "steps": steps, "step": step, "clean": error, "error": running}
        for (depth, steps), error in clean.items()
        for step, running in ((50, 80.0), (steps, error + 2))
    ]
    return pd.DataFrame(rows).assign(family="plain", variant="", seed=seed, lr=0.1)


GRID = {
    **dict(zip([(20, steps) for steps in BUDGETS], (4.0, 2.0, 1.0), strict=True)),
    **dict(zip([(32, steps) for steps in BUDGETS], (32.0, 5.0, 4.5), strict=True)),
    **dict(zip([(56, steps) for steps in BUDGETS], (80.0, 40.0, 20.0), strict=True)),
}


def test_who_gets_there_and_when() -> None:
    found = budgets.budgets(curves(GRID)).set_index("depth")
    assert found["level"].tolist() == [4.0] * 3
    assert found["there"].tolist() == [1.0, 1.0, 0.0]
    assert found["budget"].tolist()[:2] == [100, 200]  # within one point of 4%
    assert found["step"].tolist()[:2] == [400, 400]
    assert math.isnan(found.loc[56, "budget"]) and math.isnan(found.loc[56, "step"])
    assert found["beyond"].tolist() == [-3.0, 0.5, 16.0]
    assert found["fell"].tolist() == [3.0, 27.5, 60.0]
    assert found["last"].tolist() == [1.0, 0.5, 20.0]
    assert found["rate"].tolist() == pytest.approx([1.0, math.log(32 / 4.5) / math.log(4), 1.0])


def test_the_level_is_of_the_same_seed() -> None:
    other = {key: error + 16 for key, error in GRID.items()}
    both = pd.concat([curves(GRID), curves({**other, (56, 400): 21.0}, seed=1)])
    found = budgets.budgets(both).set_index(["depth", "seed"])
    assert found.loc[(56, 1), "level"] == 20.0
    assert found.loc[(56, 1), "budget"] == 400
    shares = quantities.budgets(both)
    share = shares[shares["quantity"] == "runs that reach the shallowest's error (%)"]
    assert share.set_index(["depth", "seed"])["value"][56].to_dict() == {0: 0.0, 1: 100.0}


@pytest.mark.parametrize("missing", [(20, 100), (56, 400), (32, 100)])
def test_what_a_missing_run_would_say_is_not_known(missing: tuple[int, int]) -> None:
    """Without plain-20's shortest run no level; without plain-56's longest no telling whether it fails."""
    some = {key: error for key, error in GRID.items() if key != missing}
    found = budgets.budgets(curves(some)).set_index("depth")
    if missing[0] == 20:
        assert found["there"].isna().all() and found["budget"].isna().all()
    elif missing[0] == 56:
        assert math.isnan(found.loc[56, "there"]) and found.loc[32, "there"] == 1
        assert math.isnan(found.loc[56, "beyond"])
    else:  # it gets there at 200 steps, and might have done so at 100
        assert found.loc[32, "there"] == 1 and math.isnan(found.loc[32, "budget"])


def test_the_picture_marks_as_never_there_only_what_is_known_not_to_be() -> None:
    """plain-56 never gets there; of plain-32 without its longest run it can't be said when."""
    some = {key: error for key, error in GRID.items() if key != (32, 400)}
    *_, by_depth = budgets_picture.draw(curves(some)).axes
    (never,) = (line for line in by_depth.get_lines() if line.get_marker() == "^" and len(line.get_xdata()))
    assert list(never.get_xdata()) == [56]


def test_what_was_not_measured_at_the_end_stays_missing() -> None:
    table = curves(GRID)
    last = (table["depth"] == 56) & (table["step"] == 400)
    at_end = budgets.ends(table.assign(error=table["error"].mask(last))).set_index(["depth", "steps"])
    assert math.isnan(at_end.loc[(56, 400), "error"]) and at_end.loc[(56, 200), "error"] == 42


def test_an_error_of_zero_has_no_rate() -> None:
    found = budgets.budgets(curves({**GRID, (20, 400): 0.0})).set_index("depth")
    assert math.isnan(found.loc[20, "rate"])


def test_runs_of_several_lengths(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run folder's record and curve are what the table holds; the budget is no variant."""
    monkeypatch.setattr(style, "SHARPNESS", 30)
    folders = []
    for steps in (2, 4, 6):
        wanted = make(**{"model.family": "plain", "train.steps": steps, "train.evaluate_every": 2})
        wanted = dataclasses.replace(wanted, base={"train.steps": 2} if steps != 2 else {})  # names it
        assert experiment.train(wanted, echo=False) == 0
        folders.append(wanted.folder)
        if steps == 2:
            with pytest.raises(BadRequest, match=re.escape("it takes runs of several train.steps")):
                report.write([wanted.folder], tmp_path / "reports", ["budgets"], 20, None, print)
    records = [json.loads((folder / "record.json").read_text()) for folder in folders]
    (folder,) = report.write(folders, tmp_path / "reports", ["budgets"], 20, None, print)
    table = pd.read_csv(folder / "budgets.csv", keep_default_na=False)
    assert table["steps"].tolist() == [2, 4, 4, 6, 6, 6] and table["step"].tolist() == [2, 2, 4, 2, 4, 6]
    assert set(table["variant"]) == {""}
    assert budgets.ends(table)["clean"].tolist() == [record["train_error"] for record in records]
    before = (folder / "budgets.csv").read_bytes()
    report.write(folders[:2], tmp_path / "reports", ["budgets"], 20, None, print)
    assert (folder / "budgets.csv").read_bytes() == before, "the third, whose weights may be gone, stays"
    page = (folder / "README.md").read_text()
    assert "clean training error (%), at 2 steps" in page and "![budgets](budgets.png)" in page
