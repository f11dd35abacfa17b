"""Convergence, with known answers: a power law, a level that is reached, one that never is."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from fake_runs import fake_run

from degradation.errors import BadRequest
from degradation.runs import store
from degradation.why import report
from degradation.why.numbers import quantities
from degradation.why.numbers.compare import compare
from degradation.why.numbers.convergence import convergence, rate, reached


def power(b: float, end: float = 0.0) -> pd.DataFrame:
    """error = 90 steps^-b at the first learning rate, then `end` at the next."""
    steps = np.array([1, 2, 4, 8, 16, 32])
    first = pd.DataFrame({"step": steps, "lr": 0.1, "error": 90.0 * steps**-b})
    return pd.concat([first, pd.DataFrame({"step": [64], "lr": 0.01, "error": end})], ignore_index=True)


@pytest.mark.parametrize("b", [0.0, 0.25, 1.0])
def test_the_rate_of_a_power_law(b: float) -> None:
    assert rate(power(b)) == pytest.approx(b, abs=1e-12)


def test_too_few_rows_have_no_rate() -> None:
    assert math.isnan(rate(power(0.5).iloc[[0, 1, 6]]))


def test_when_a_level_is_reached() -> None:
    assert reached(power(1.0), 45.0) == 2
    assert reached(power(0.0), 50.0) == 64  # only after the drop
    assert math.isnan(reached(power(0.0, end=80.0), 50.0))


def test_numbers_of_a_network() -> None:
    network = {"family": "plain", "depth": 20, "variant": "", "seed": 0}
    found = quantities.convergence(power(1.0, end=60.0).assign(**network)).set_index("quantity")["value"]
    assert found["steps to 50% running training error"] == 2
    assert found["steps to 10% running training error"] == 16
    assert found["runs that reach 10% (%)"] == 100
    never = quantities.convergence(power(0.0, end=60.0).assign(**network)).set_index("quantity")["value"]
    assert math.isnan(never["steps to 50% running training error"])
    assert never["runs that reach 50% (%)"] == 0


def test_the_curves_are_those_of_complete_runs(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "plain", 20, train_error=1.0)
    fake_run(tmp_path / "x", "plain", 56, status="interrupted", reached=0.5)
    (experiment,) = store.load([tmp_path / "x"])
    table = convergence(experiment)
    assert list(table) == ["family", "depth", "variant", "seed", "step", "lr", "error"]
    assert set(table["depth"]) == {20} and table["error"].iloc[-1] == 1.5
    nothing = dataclasses.replace(experiment, curves=experiment.curves.assign(train_error_running=math.nan))
    with pytest.raises(BadRequest, match="convergence: left out: no complete run recorded"):
        convergence(nothing)


def test_a_report_will_do(tmp_path: Path) -> None:
    """What is read of a report is what is read of the runs that it was drawn from."""
    paths = [ROOT / "reports/budgets_shapes"]
    (folder,) = report.write(paths, tmp_path, ["convergence", "budgets"], 1, None, lambda text: None)
    for name in ("convergence.csv", "budgets.csv"):
        assert pd.read_csv(folder / name)["seed"].nunique() == 3
    kept = (ROOT / "reports/budgets_shapes_why/budgets.csv").read_bytes()
    assert (folder / "budgets.csv").read_bytes() == kept


def test_a_share_of_runs_has_no_interval() -> None:
    """Of three runs two get there: 67%, and no Student's interval of yes and no."""
    tables = [power(1.0 if seed else 0.0, end=60.0).assign(seed=seed) for seed in range(3)]
    numbers = quantities.convergence(pd.concat(tables).assign(family="plain", depth=20, variant=""))
    row = compare(numbers).set_index("quantity").loc["runs that reach 10% (%)"]
    assert (row["value"], row["seeds"]) == (pytest.approx(200 / 3), 3)
    assert math.isnan(row["low"]) and math.isnan(row["high"])
