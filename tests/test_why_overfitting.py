"""Overfitting: errors as recorded, of runs or of a report; no weights are read."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from degradation.errors import BadRequest
from degradation.runs import store
from degradation.why import report
from degradation.why.numbers import compare, overfitting, quantities
from degradation.why.pictures import overfitting_picture


def test_the_errors_are_the_records() -> None:
    (experiment,) = store.load([ROOT / "reports/why_shapes"])
    runs = experiment.runs
    table = overfitting.overfitting(experiment)
    both = table.merge(runs[["family", "depth", "seed", "train_error"]], on=["family", "depth", "seed"])
    assert len(table) == len(both) == 12
    assert both["train_error_x"].equals(both["train_error_y"])
    runs.loc[0, "status"] = "interrupted"
    runs.loc[1, "test_error"] = float("nan")
    assert len(overfitting.overfitting(experiment)) == 10
    failed = dataclasses.replace(experiment, runs=runs.assign(status="failed"))
    with pytest.raises(BadRequest, match="no complete run recorded"):
        overfitting.overfitting(failed)


def test_a_network_that_overfits_and_one_that_does_not() -> None:
    table = pd.DataFrame(
        [("plain", depth, "", seed, *errors) for seed in range(3) for depth, errors in OF.items()],
        columns=["family", "depth", "variant", "seed", "train_error", "test_error"],
    )
    found = compare.compare(quantities.overfitting(table))
    grown = found[found["kind"] == "growth"].set_index("quantity")["value"]
    assert grown["training error (%)"] == -5 and grown["test minus training error (points)"] == 15
    left, right = overfitting_picture.draw(table).axes
    assert left.get_ylabel() == right.get_ylabel() == ""
    heights = [line.get_ydata()[-1] for line in right.get_lines() if line.get_label() == "plain"]
    assert heights == [20]


OF = {20: (5.0, 10.0), 56: (0.0, 20.0)}


def test_a_report_will_do(tmp_path: Path) -> None:
    said: list[str] = []
    paths = [ROOT / "reports/shapes_seeds"]
    (folder,) = report.write(paths, tmp_path, ["overfitting"], 1, None, said.append)
    assert folder.name == "shapes_seeds_why" and said == ["overfitting: 0 s"]
    page = (folder / "README.md").read_text()
    assert "As the runs recorded it, on all training images and all test images." in page
    assert "weights of complete runs" not in page
    summary = pd.read_csv(folder / "summary.csv")
    grown = summary[(summary["kind"] == "growth") & (summary["family"] == "plain")].set_index("quantity")
    assert grown.loc["training error (%)", "low"] > 0 and grown.loc["training error (%)", "seeds"] == 8
    with pytest.raises(BadRequest, match="holds no weights"):
        report.write(paths, tmp_path, ["overfitting", "lesions"], 1, None, said.append)
