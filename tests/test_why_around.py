"""Around the witness: noise of several sizes, for each change with its own shallow network."""

import functools
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import Make, in_process

from degradation.files import read_json
from degradation.why import analyses, further
from degradation.why.networks.trained import load_runs
from degradation.why.numbers import further_quantities
from degradation.why.numbers.further_quantities import (
    beyond_again,
    farther,
    fresh_beyond,
    from_around,
    from_fresh,
)
from degradation.why.pictures import around_picture
from degradation.why.trials.witness_runs import study

ADAM = {"optimizer.adam": 0.999, "optimizer.lr": 0.001}


def test_each_change_goes_on_from_its_own(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four sizes and the control for SGD, for Adam, and with shortcuts, each with its own; noise starts where
    it did."""
    common = {"train.precision": "float32", "train.steps": 10}
    both = [
        replace(
            make(**common, **{"model.family": family, "model.depth": depth}, **change),
            base=dict.fromkeys(change),
        )
        for family, change in (("plain", {}), ("plain", ADAM), ("residual", {}))
        for depth in (8, 14)
    ]
    assert in_process(both) == 0
    monkeypatch.setattr(further.witness_runs, "study", functools.partial(study, train=in_process))
    said: list[str] = []
    table = further.around_of(load_runs([one.folder for one in both]), 100, said.append)
    assert said[0].startswith("around: trains 15 networks, unless they are complete already")
    assert {"kind", "at"}.isdisjoint(table) and not table["when"].isna().any()
    ends = table[table["when"] == "end"]
    assert list(dict.fromkeys(table["family"])) == ["plain", "residual"]
    for (family, variant), own in ends.groupby(["family", "variant"]):
        assert own["start"].tolist() == ["shallow", "witness", "noise", "noise", "noise", "again", "fresh"]
        assert own["size"].dropna().tolist() == [0, 0.1, 0.3, 1]
        start = (table["variant"] == variant) & (table["family"] == family) & (table["when"] == "start")
        starts = table[start].set_index("start")
        assert starts.loc["witness", "error"] == own["error"].iloc[0], "its own shallow network's"
        assert starts.loc["noise", "departure"].is_monotonic_increasing
    records = [read_json(path) for path in tmp_path.glob("runs/.witness/*/*/record.json")]
    assert len(records) == 15 and sum("adam" in record["variant"] for record in records) == 5
    assert "around" not in analyses.chosen(None) and analyses.chosen("around") == ["around"]
    assert len(around_picture.draw(table).axes) == 3


def test_numbers_of_a_table() -> None:
    """Ends are subtracted from the shallow network's, a change's from its own."""
    names = ["start", "size", "train_error"]
    ends = [("shallow", math.nan, 50.0), ("witness", 0.0, 55.0), ("noise", 0.1, 56.0), ("noise", 1.0, 61.0)]
    ends += [("again", math.nan, 40.0), ("fresh", math.nan, 80.0)]
    table = pd.DataFrame(ends, columns=names).assign(family="plain", depth=56, seed=0, when="end")
    other = table.assign(train_error=table["train_error"] / 2)
    both = pd.concat([table.assign(variant=""), other.assign(variant="optimizer.adam=0.999,optimizer.lr=1")])
    numbers = further_quantities.around(both)
    assert set(numbers["variant"]) == {""}
    found = numbers.set_index("quantity")["value"].to_dict()
    adam = "Adam, lr=1"
    assert found == {
        **{from_around(0.0): 5, from_around(0.1): 6, from_around(1.0): 11},
        **{from_fresh(): 30, fresh_beyond(): 25, beyond_again(): 15, farther(): 6},
        **{from_around(0.0, adam): 2.5, from_around(0.1, adam): 3, from_around(1.0, adam): 5.5},
        **{from_fresh(adam): 15, fresh_beyond(adam): 12.5, beyond_again(adam): 7.5, farther(adam): 3},
    }
    assert (
        f"training error with {adam}, from noise of 0.1 filter norms around it, minus the shallow network's "
        "(points)"
    ) in found
