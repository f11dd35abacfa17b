"""docs/claims.md: a claim holds, fails or is open by the interval; the page is what the reports say."""

import math
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from fake_runs import fake_run

from degradation.analysis.differences import contrast
from degradation.claims import page
from degradation.claims.claim import Claim, Cost, Errors, Why
from degradation.claims.measured import (
    AGAINST,
    HOLDS,
    OPEN,
    UNTESTED,
    WAITS,
    Found,
    Reports,
    measured,
    verdict,
)
from degradation.errors import BadRequest
from degradation.reports import report

GROWS = Claim("plain grows", "a test", (Errors("x", ("plain-56",), ("plain-20",)),))


def found(low: float, high: float, n: int = 3) -> Found:
    return Found("x", "", "", low, high, n)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (found(1.0, 2.0), HOLDS),
        (found(-2.0, -1.0), AGAINST),
        (found(-1.0, 1.0), OPEN),
        (found(0.0, 0.0), OPEN),  # neither above zero nor below
        (found(math.nan, math.nan, n=2), f"{OPEN}: n below 3"),
        (found(48.9, 48.9, n=0), HOLDS),  # counted
        (None, WAITS),
    ],
)
def test_a_claim_by_its_interval(number: Found | None, said: str) -> None:
    assert verdict(GROWS, number) == said


def test_a_claim_has_two_ends() -> None:
    about = Claim("about one", "a test", GROWS.numbers, low=0.9, high=1.1)
    verdicts = [verdict(about, found(low, high)) for low, high in ((0.95, 1.05), (0.8, 1.05), (1.2, 1.3))]
    assert verdicts == [HOLDS, OPEN, AGAINST]
    assert verdict(Claim("never", "a test", ()), None) == UNTESTED


def reports(folder: Path, seeds: int = 3) -> Reports:
    """A report `x`: plain-56 lies 10, 20, 30 points above plain-20, residual-56 as much below residual-20."""
    for seed in range(seeds):
        for family, sign in (("plain", 1), ("residual", -1)):
            for depth in (20, 56):
                error = 50.0 + sign * 10.0 * (seed + 1) * (depth == 56)
                fake_run(folder / "runs/x", family, depth, seed, train_error=error)
    report.write([folder / "runs"], folder / "reports")
    return Reports(folder / "reports")


def test_errors_are_paired_by_seed(tmp_path: Path) -> None:
    there = reports(tmp_path)
    grown = measured(GROWS.numbers[0], there)
    assert grown is not None
    assert grown.said.startswith("+20.00 points (95% interval -4.84 to +44.84, above zero in 3 of 3 seeds)")
    runs = there.runs("x")
    assert runs is not None
    both = contrast(runs, ["plain-56", "residual-20"], ["plain-20", "residual-56"], "train_error")
    assert (both["points"], both["seeds"]) == (40.0, 3)
    twice = contrast(runs, ["plain-56", "plain-20"], ["residual-56", "residual-56"], "train_error")
    assert twice["points"] == pytest.approx(70 + 50 - 2 * 30)
    assert contrast(runs, ["plain-56"], ["plain-110"], "train_error")["seeds"] == 0
    assert measured(Errors("x", ("plain-110",), ("plain-20",)), there) is None
    assert measured(Errors("y", ("plain-56",), ("plain-20",)), there) is None


def test_numbers_of_the_other_reports(tmp_path: Path) -> None:
    (tmp_path / "compare").mkdir()
    table = pd.DataFrame({"network": ["a", "b"], "parameters": [300, 200]})
    table.to_csv(tmp_path / "compare/compare.csv")
    times = {"network": ["a", "b"] * 3, "round": [1, 1, 2, 2, 3, 3]}
    halves = {"training_one": [2.0, 1.0, 8.0, 2.0, 1.0, 1.0], "forward_one": [1.0, math.nan] * 3}
    pd.DataFrame(times | halves).to_csv(tmp_path / "compare/rounds.csv")
    there = Reports(tmp_path)
    timed = measured(Cost("training_one", ("a",), ("b",)), there)
    assert timed is not None and (timed.said[:9], timed.n) == ("2 (95% in", 3)  # of 2, 4 and 1
    assert timed.high == pytest.approx(2 * math.exp(4.302653 * math.log(2) / math.sqrt(3)))
    assert timed.low * timed.high == pytest.approx(4.0)
    counted = measured(Cost("parameters", ("a",), ("b", "b")), there)
    assert counted is not None and (counted.low, counted.n) == (300 / 200**2, 0)
    assert measured(Cost("forward_one", ("a",), ("b",)), there) is None  # not measured
    assert measured(Cost("parameters", ("a",), ("c",)), there) is None
    assert measured(Why("y_why", "signals", "q", "mean"), there) is None
    (tmp_path / "y_why").mkdir()
    (tmp_path / "y_why/summary.csv").write_text('"')
    with pytest.raises(BadRequest, match=r"summary\.csv: damaged"):
        measured(Why("y_why", "signals", "q", "mean"), there)


def test_the_page_is_the_reports(tmp_path: Path) -> None:
    path = tmp_path / "claims.md"
    path.write_text((ROOT / "docs/claims.md").read_text())
    assert page.write(path, ROOT / "reports") == []  # python scripts/models.py writes it


def test_every_claim_is_met_by_the_committed_reports() -> None:
    """Each number is one that a report holds: a name that changed would leave it `not run yet` for ever."""
    there = Reports(ROOT / "reports")
    for group in page.GROUPS:
        for claim in group.claims:
            assert claim.numbers or claim.why, claim.says
            assert claim.low < claim.high
            for number in claim.numbers:
                name = number.report if not isinstance(number, Cost) else "compare"
                if (ROOT / "reports" / name).exists():
                    assert measured(number, there) is not None, (claim.says, number)
                else:  # not run yet
                    assert (ROOT / f"conf/experiment/{name.removesuffix('_why')}.yaml").exists(), name
