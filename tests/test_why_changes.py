"""Changes: each run beside the one of its seed without, in words that other experiments share."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from degradation.errors import BadRequest
from degradation.runs import store
from degradation.why import report
from degradation.why.numbers import changes, quantities
from degradation.why.numbers.changes import LONGER, WARMED
from degradation.why.numbers.quantities import beside, ends_with, with_change
from degradation.why.pictures import changes_picture
from degradation.why.verdict import explanations


@pytest.fixture(scope="module")
def ladder() -> store.Experiment:
    (experiment,) = store.load([ROOT / "reports/ladder_shapes"])
    return experiment


def test_a_change_is_held_against_the_same_seed(ladder: store.Experiment) -> None:
    table = changes.changes(ladder)
    runs = ladder.runs
    assert len(table) == (runs["variant"] != "").sum() == 72
    errors = runs.set_index(["family", "depth", "variant", "seed"])["train_error"]
    for row in table.itertuples():
        assert row.train_error == errors[row.family, row.depth, row.variant, row.seed]
        assert row.as_it_is == errors[row.family, row.depth, "", row.seed]
        if row.family == "plain":
            assert row.with_shortcuts == errors["residual", row.depth, "", row.seed]
    assert table[table["family"] == "residual"]["with_shortcuts"].isna().all()
    found = quantities.changes(table[(table["depth"] == 56) & (table["change"] == "init=dirac")])
    assert set(found["variant"]) == {""}
    means = found.groupby("quantity")["value"].mean().to_dict()
    ends = means.pop(ends_with("init=dirac"))
    assert means == pytest.approx({with_change("init=dirac"): -72.75, beside("init=dirac"): 0.1})
    assert ends == pytest.approx(errors["plain", 56, "model.init=dirac"].mean())


def test_words_do_not_depend_on_an_experiments_numbers(ladder: store.Experiment) -> None:
    called = changes.changes(ladder).set_index("variant")["change"].to_dict()
    assert called["optimizer.lr=0.0125"] == "a learning rate 0.25 times as high"
    assert called["schedule.warmup.lr=0.005,schedule.warmup.steps=64"] == WARMED
    assert called["model.skip_scale=0.5"] == "skip_scale=0.5"


def test_a_shorter_warm_up_is_not_called_longer(ladder: store.Experiment) -> None:
    runs, longer = ladder.runs.copy(), ladder.runs["variant"].str.startswith("schedule")
    runs.loc[runs["variant"] == "", "config.schedule.warmup.steps"] = "100"
    some = longer | (runs["variant"] == "")
    called = changes.changes(dataclasses.replace(ladder, runs=runs[some]))
    assert set(called["change"]) == {"warmup.lr=0.005, warmup.steps=64"}
    runs.loc[runs["variant"] == "", "config.schedule.warmup.steps"] = "50"
    assert set(changes.changes(dataclasses.replace(ladder, runs=runs[some]))["change"]) == {LONGER}


def test_two_warm_ups_are_told_apart(ladder: store.Experiment) -> None:
    longer = ladder.runs[ladder.runs["variant"].str.startswith("schedule")]
    other = longer.assign(variant="schedule.warmup.steps=128")
    both = dataclasses.replace(ladder, runs=pd.concat([ladder.runs, other], ignore_index=True))
    called = set(changes.changes(both)["change"])
    assert {"warmup.lr=0.005, warmup.steps=64", "warmup.steps=128"} <= called and WARMED not in called


def test_without_a_change_or_without_the_network_as_it_is_it_is_left_out(ladder: store.Experiment) -> None:
    changed = ladder.runs["variant"] != ""
    for runs in (ladder.runs[changed], ladder.runs[~changed], ladder.runs.assign(status="failed")):
        with pytest.raises(BadRequest, match="left out: it takes networks as they are and changed"):
            changes.changes(dataclasses.replace(ladder, runs=runs))
    adopted = ladder.runs[~changed].drop(columns=[f"config.{key}" for key in (changes.LR, changes.LENGTH)])
    with pytest.raises(BadRequest, match="left out"):
        changes.changes(dataclasses.replace(ladder, runs=adopted))
    missing = ladder.runs.assign(
        train_error=ladder.runs["train_error"].mask(~changed & (ladder.runs["seed"] == 2))
    )
    assert set(changes.changes(dataclasses.replace(ladder, runs=missing))["seed"]) == {0, 1}


def test_what_explanations_ask_is_what_the_analysis_calls_it(ladder: store.Experiment) -> None:
    others = store.load([ROOT / "reports/adam_cifar10", ROOT / "reports/together_cifar10"])
    asked = {p.quantity for one in explanations.EXPLANATIONS for p in one.predicts if p.analysis == "changes"}
    found = pd.concat([changes.changes(one) for one in (ladder, *others)])
    called = {say(change) for change in found["change"] for say in (with_change, beside, ends_with)}
    assert len(asked) == 12 and asked - called == {with_change(LONGER)}  # that is ladder_cifar10's


def test_a_report_is_made_of_a_report(tmp_path: Path) -> None:
    said: list[str] = []
    (folder,) = report.write([ROOT / "reports/ladder_shapes"], tmp_path, ["changes"], 1, None, said.append)
    assert (folder / "changes.csv").read_bytes() == (
        ROOT / "reports/ladder_shapes_why/changes.csv"
    ).read_bytes()
    summary = pd.read_csv(folder / "summary.csv")
    differences = summary[summary["quantity"].str.endswith("(points)")]
    assert set(differences["kind"]) == {"mean"} and len(differences) == 2 * (12 + 6)
    ends = summary.drop(differences.index)["kind"].value_counts()  # no change of this one is made to both
    assert ends.to_dict() == {"mean": 2 * 12, "growth": 12}
    assert (folder / "changes.svg").exists()


def test_the_picture_has_a_row_a_change_and_a_dot_a_seed(ladder: store.Experiment) -> None:
    left, right = changes_picture.draw(changes.changes(ladder)).axes
    names = [tick.get_text() for tick in left.get_yticklabels()]
    assert len(names) == 12 and names.index("plain: init=dirac") == 0
    dots = [line for line in right.get_lines() if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == 12 * [3]
    assert max(dots[0].get_xdata()) < -50
