"""docs/why.md: a prediction holds, fails or is open by the interval; the page is what the reports say."""

import dataclasses
import math
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from degradation.errors import BadRequest
from degradation.why.analyses import ANALYSES
from degradation.why.numbers.compare import ACROSS, COLUMNS, GAP, GROWTH, MEAN
from degradation.why.verdict import explanation, explanations, judge, verdicts

VANISHING = next(one.predicts[0] for one in explanations.EXPLANATIONS if one.title == "Vanishing gradients")


def summary(low: float, high: float, seeds: int = 3, **changed: object) -> pd.DataFrame:
    """One row, of what `VANISHING` speaks of."""
    row = {
        "analysis": "signals",
        "quantity": VANISHING.quantity,
        "state": "initialisation",
        "kind": "mean",
        "family": "plain",
        "variant": "",
        "depth": 56,
        "other": "",
        "value": (low + high) / 2,
        "low": low,
        "high": high,
        "seeds": seeds,
        "above": 0,
        "start": "",
        **changed,
    }
    return pd.DataFrame([row])[["analysis", *COLUMNS, "start"]]


@pytest.mark.parametrize(
    ("low", "high", "seeds", "said"),
    [
        (-2.0, -1.0, 3, judge.HOLDS),
        (1.0, 2.0, 3, judge.AGAINST),
        (-1.0, 1.0, 3, judge.OPEN),
        (-2.0, -1.0, 2, judge.FEW),
        (math.nan, math.nan, 1, judge.FEW),
    ],
)
def test_a_prediction_by_its_interval(low: float, high: float, seeds: int, said: str) -> None:
    (row,) = (row for _, row in summary(low, high, seeds).iterrows())
    assert judge.holds(VANISHING, row) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.0, 0.0, "HOLDS"), (-5.0, 0.9, "HOLDS"), (0.5, 1.5, "OPEN"), (2.0, 3.0, "AGAINST")],
)
def test_no_more_than_a_point_above(low: float, high: float, said: str) -> None:
    (row,) = (row for _, row in summary(low, high).iterrows())
    assert judge.holds(explanation.level("it", "init=dirac"), row) == getattr(judge, said)


def test_exactly_zero_is_neither_above_nor_below() -> None:
    (zero,) = (row for _, row in summary(0.0, 0.0).iterrows())
    assert judge.holds(VANISHING, zero) == judge.ZERO
    (unknown,) = (row for _, row in summary(math.nan, math.nan, value=100.0).iterrows())
    assert judge.holds(VANISHING, unknown) == judge.FEW


def page_of(reports: verdicts.Reports) -> str:
    return verdicts.explanations(verdicts.judged(reports), reports)


def test_the_deepest_network_counts() -> None:
    both = pd.concat([summary(1.0, 2.0, depth=20), summary(-2.0, -1.0)])
    assert judge.chosen(VANISHING, both)["depth"].tolist() == [56, 20]
    text = page_of({"x_why": both})
    assert "-1.50 (-2.00 to -1.00) (plain-56: gradient norm" in text.replace("−", "-")
    assert "[x_why](../reports/x_why/README.md)" in text
    twice = page_of({"x_why": both, "y_why": both})
    assert twice.count(f"| {VANISHING.says} |") == 1 and "|  | [y_why](../reports/y_why/README.md) |" in twice


def test_the_same_start_in_two_reports_counts_once() -> None:
    """By the digests of the networks, since the last digits of a gradient depend on the processor."""
    networks = pd.DataFrame({"family": "plain", "depth": 56, "init_sha256": ["b", "a"], "data_sha256": "i"})
    of_others = networks.assign(init_sha256=["a", "c"])
    for state, second, once in (
        ("initialisation", networks[::-1], True),
        ("initialisation", of_others, False),
        ("initialisation", networks.assign(data_sha256="j"), False),
        ("initialisation", networks.assign(init_sha256=""), False),  # adopted: nobody knows
        ("checkpoint", networks, False),
    ):
        reports = {
            "x_why": verdicts.starts(summary(-2.0, -1.0, state=state), networks),
            "y_why": verdicts.starts(summary(-2.1, -1.0, state=state), second),
        }
        one = explanations.Explanation("x", "y", (dataclasses.replace(VANISHING, state=state),))
        assert [row[1].count("../reports") for row in verdicts._rows(one, reports)] == (
            [2] if once else [1, 1]
        )


def test_the_overview_counts_what_has_seeds_enough() -> None:
    (one,) = (one for one in explanations.EXPLANATIONS if one.title == "Vanishing gradients")
    judged = (judge.HOLDS, judge.HOLDS, judge.ZERO, judge.AGAINST, judge.OPEN, judge.FEW)
    text = verdicts.overview({one: [("says", "report", "1", "3", verdict) for verdict in judged]})
    assert text.splitlines()[-1] == "| [Vanishing gradients](#vanishing-gradients) | 2 | 2 | 1 |"


def test_every_prediction_asks_for_what_an_analysis_measures() -> None:
    for one in explanations.EXPLANATIONS:
        for prediction in one.predicts:
            assert prediction.analysis in ANALYSES, one.title
            assert prediction.sign in (-1, 1)
            assert prediction.kind in (MEAN, GROWTH, GAP, ACROSS)


def test_every_prediction_is_met_by_the_committed_reports() -> None:
    """Each is a number that the reports hold: a name that changed would leave a row out without a word."""
    found = verdicts.load(ROOT / "reports")
    if not found:
        pytest.skip("no report on why is committed")
    for one in explanations.EXPLANATIONS:
        for prediction in one.predicts:
            rows = [judge.chosen(prediction, summary) for summary in found.values()]
            assert any(len(own) for own in rows), prediction


def test_the_pages_are_the_reports(tmp_path: Path) -> None:
    page, readme = tmp_path / "why.md", tmp_path / "README.md"
    page.write_text((ROOT / "docs/why.md").read_text())
    readme.write_text((ROOT / "README.md").read_text())
    assert verdicts.write(page, readme, ROOT / "reports") == []  # python scripts/models.py writes them
    readme.write_text("<!-- short --> <!-- end -->")
    assert verdicts.write(page, readme, ROOT / "reports") == [readme]


def test_a_page_without_its_mark_and_a_damaged_summary(tmp_path: Path) -> None:
    (tmp_path / "why.md").write_text("nothing")
    with pytest.raises(BadRequest, match="has to hold <!-- short --> once"):
        verdicts.write(tmp_path / "why.md", tmp_path / "README.md", tmp_path)
    (tmp_path / "x_why").mkdir()
    (tmp_path / "x_why/summary.csv").write_text('"')
    with pytest.raises(BadRequest, match=r"summary\.csv: damaged"):
        verdicts.load(tmp_path)


def test_what_goes_with_the_ends_of_changed_networks() -> None:
    """Only of a report that has changes; a number whose interval holds zero is named apart."""
    orders = [("gradient (log10)", 0.8, 0.3, 0.9), ("rank", -0.1, -0.6, 0.4)]
    summary = pd.DataFrame(orders, columns=["quantity", "value", "low", "high"])
    summary = summary.assign(analysis="forecast", kind="across", family="networks", depth=14)
    changes = pd.DataFrame([{"analysis": "changes", "kind": "mean", "family": "plain", "depth": 56}])
    ladder = pd.concat([summary, changes], ignore_index=True)
    said = verdicts.changed({"families_why": summary, "ladder_why": ladder})
    assert said.splitlines()[2:] == [
        "- [ladder_why](../reports/ladder_why/README.md): told from noise for gradient: +0.800 (+0.300 to "
        "+0.900; n = 14). Not for rank: -0.100 (-0.600 to +0.400; n = 14)."
    ]
    assert verdicts.changed({"families_why": summary}) == ""
