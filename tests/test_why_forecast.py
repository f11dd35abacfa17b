"""Whether a number at the start orders networks as their ends do: known orders, and the report."""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from conftest import Make

from degradation.errors import BadRequest
from degradation.plots import style
from degradation.training import experiment
from degradation.why import report
from degradation.why.numbers.forecast import ALL, AT_START, OTHERS, TWINS, between, distinct, forecast
from degradation.why.numbers.quantities import GRADIENT, UPDATE
from degradation.why.verdict import judge, verdicts
from degradation.why.verdict.explanation import orders

FAMILIES = ("residual", "bottleneck", "wide", "resnext", "densenet")
PLAIN = ("plain", *(f"plain_{name}" for name in FAMILIES[1:]))


def networks(families: Sequence[str], values: Sequence[float], seed: int = 0) -> pd.DataFrame:
    """Networks that end at 10, 20, 30... % error."""
    errors = [10.0 * (at + 1) for at in range(len(families))]
    table = pd.DataFrame({"family": families, "value": values, "train_error": errors})
    return table.assign(depth=56, variant="", seed=seed, quantity=GRADIENT)


@pytest.mark.parametrize(
    ("values", "order"),
    [([1, 2, 4, 8, 16], 1.0), ([5, 4, 3, 2, 1], -1.0), ([2, 1, 4, 3, 5], 1 - 6 * 4 / (5 * 24))],
)
def test_the_order_is_spearmans(values: list[float], order: float) -> None:
    (found,) = forecast(networks(FAMILIES, values)).to_dict("records")
    assert found["value"] == pytest.approx(order)
    assert (found["family"], found["kind"], found["depth"], found["seeds"]) == (ALL, "across", 5, 1)
    assert -1 <= found["low"] <= found["value"] <= found["high"] <= 1
    assert found["above"] == (order > 0)


def test_the_order_is_of_means_over_seeds() -> None:
    """Means of 3, 4, 5, 6, 7, though each seed has an order of its own."""
    seeds = [networks(FAMILIES, [3, 8, 5, 6, 7]), networks(FAMILIES, [3, 0, 5, 6, 7], seed=1)]
    (found,) = forecast(pd.concat(seeds)).to_dict("records")
    assert found["value"] == pytest.approx(1) and (found["seeds"], found["above"]) == (2, 2)


def test_the_interval_of_an_order() -> None:
    """Bonett and Wright: z = atanh(0.5), its standard error sqrt((1 + 0.5^2 / 2) / (20 - 3))."""
    middle, error = 0.549306, (1.125 / 17) ** 0.5
    wanted = [math.tanh(middle - 1.959964 * error), math.tanh(middle + 1.959964 * error)]
    assert between(0.5, 20) == pytest.approx(wanted, abs=1e-6)
    low, high = between(1.0, 5)
    assert 0 < low < 0.2 and high == 1  # five are in order by chance once in 120 times
    assert between(-1.0, 5) == (-high, -low)


def test_plain_twins_are_told_of_alone_too() -> None:
    """All are told apart by the shortcuts alone; among the twins the order is the opposite one."""
    table = networks([*FAMILIES, *PLAIN], [1.2, 1.4, 1.0, 1.3, 1.1, 10, 9, 8, 7, 6])
    found = forecast(table).set_index("family")
    assert found.loc[TWINS, "value"] == pytest.approx(-1) and found.loc[TWINS, "depth"] == 5
    assert 0 < found.loc[ALL, "value"] < 1 and found.loc[ALL, "depth"] == 10
    assert found.loc[OTHERS, "value"] == pytest.approx(-0.3) and found.loc[OTHERS, "depth"] == 5
    assert forecast(table[table["family"] != "plain"])["family"].tolist() == [ALL, OTHERS]
    assert forecast(table[:4]).empty


def test_one_network_under_two_names_counts_once() -> None:
    one = networks(["plain"], [3.0])
    both = pd.concat([one, one.assign(family="plain_preact"), networks(["residual"], [3.5])])
    assert distinct(both)["family"].tolist() == ["plain", "residual"]
    slower = one.assign(variant="optimizer.lr=0.01", train_error=50.0)  # begins as `plain` does
    update = pd.concat([one.assign(quantity=UPDATE), slower.assign(quantity=UPDATE, value=9.0)])
    assert set(distinct(pd.concat([one, slower, update]))["variant"]) == {""}
    other_seed = pd.concat([one, one.assign(seed=1)])
    assert len(distinct(other_seed)) == 2
    deeper = one.assign(depth=one["depth"] + 1)
    assert distinct(pd.concat([one, deeper]))["depth"].unique().tolist() == deeper["depth"].unique().tolist()
    lacking = pd.concat(
        [deeper, one.assign(seed=1)]
    )  # the deep one of seed 1 is missing: none takes its place
    assert distinct(lacking)["seed"].tolist() == [0]


def test_a_forecast_in_words() -> None:
    seeds = [networks([*FAMILIES, *PLAIN], [*range(9), 9 + seed], seed) for seed in range(3)]
    summary = forecast(pd.concat(seeds)).assign(analysis="forecast")
    assert summary["kind"].tolist() == ["across"] * 3  # over those with shortcuts, too
    over_all, over_twins = orders("the larger it is", GRADIENT, +1)
    rows = [verdicts._told(one, judge.chosen(one, summary).iloc[0]) for one in (over_all, over_twins)]
    behind = f"rank correlation with the error at the end: {GRADIENT})"
    assert rows[0][0].endswith(f"(10 networks, {behind}") and rows[0][1:] == ("3", judge.HOLDS)
    assert rows[1][0].endswith(f"(5 plain networks, {behind}") and rows[1][1:] == ("3", judge.HOLDS)


def test_the_report_of_many_families(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deepest of each kind; drawn again from the table alone. Fewer kinds are refused in a line."""
    monkeypatch.setattr(style, "SHARPNESS", 30)
    said: list[str] = []
    kinds = (("plain", 8), ("plain", 14), ("residual", 8), ("plain_preact", 14), ("preact", 8))
    for family, depth in (*kinds, ("stochastic_depth", 8)):
        wanted = make(**{"model.family": family, "model.depth": depth, "train.steps": 2})
        assert experiment.train(wanted, echo=False) == 0
        if family == "residual":
            with pytest.raises(BadRequest, match="forecast: left out: it takes networks of 5 kinds or more"):
                report.write([wanted.folder.parent], tmp_path, ["forecast"], 20, None, said.append)
    (folder,) = report.write([wanted.folder.parent], tmp_path, ["forecast"], 20, None, said.append)
    table = pd.read_csv(folder / "forecast.csv", dtype={"variant": "str"})
    assert table[["family", "depth"]].drop_duplicates().to_numpy().tolist() == [
        *(["plain", 14], ["residual", 8], ["plain_preact", 14], ["preact", 8], ["stochastic_depth", 8])
    ]
    assert set(table["quantity"]) == set(AT_START) and table["value"].notna().all()
    assert len(distinct(table.fillna({"variant": ""}))) == 4 * len(AT_START)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "it takes" not in before["README.md"].decode() and "forecast.png" in before
    assert report.write([folder], tmp_path, ["forecast"], 20, None, said.append) == [folder]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
