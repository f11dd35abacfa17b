"""The short answer: sentences that stand on the committed numbers, or aren't written."""

import re

import pandas as pd
import pytest
from conftest import ROOT

from degradation.errors import BadRequest
from degradation.why.analyses import ANALYSES
from degradation.why.verdict import short, verdicts


@pytest.fixture(scope="module")
def reports() -> verdicts.Reports:
    return verdicts.load(ROOT / "reports")


def test_every_sentence_stands_on_the_committed_reports(reports: verdicts.Reports) -> None:
    said = short.answer(reports, "reports")
    assert len(said) == len(short.STATEMENTS)
    for one, text in zip(short.STATEMENTS, said, strict=True):
        assert "{" not in text and text.endswith("; 3 seeds)")
        assert all(found.number.analysis in ANALYSES for found in one.rests_on)
        for found in one.rests_on:
            assert re.search(
                rf"\[{found.report}\]\(reports/{found.report}/README.md\), [\d, to]+ steps", text
            )


def test_no_number_is_typed_by_hand() -> None:
    """But for depths, which number goes where, and between which ends a correlation lies."""
    for one in short.STATEMENTS:
        words = re.sub(r"(plain|residual)-(20|56)|from -1 to 1|\{\d+\}", "", one.says, flags=re.I)
        assert not re.search(r"\d", words), one.says


def test_a_number_that_falls_otherwise_stops_the_page(reports: verdicts.Reports) -> None:
    (one,) = (one for one in short.STATEMENTS if "skip_scale" in one.rests_on[0].number.quantity)
    found = one.rests_on[0]
    summary = reports[found.report]
    other = summary.assign(low=summary["low"].where(summary["quantity"] != found.number.quantity, -1.0))
    with pytest.raises(BadRequest, match=r"can't be told from noise.*change the words"):
        short.answer({**reports, found.report: other}, "reports")
    twice = pd.concat([summary, summary])
    with pytest.raises(BadRequest, match="says '2 numbers' where"):
        short.answer({**reports, found.report: twice}, "reports")
    changed = pd.concat([summary, summary.assign(variant="optimizer.lr=0.2", value=0.0)])
    assert short.answer({**reports, found.report: changed}, "reports") == short.answer(reports, "reports")
    gone = summary[summary["quantity"] != found.number.quantity]
    with pytest.raises(BadRequest, match="says '0 numbers' where it said 'yes'"):
        short.answer({**reports, found.report: gone}, "reports")
    without = {name: own for name, own in reports.items() if name != found.report}
    assert not any("halved before it is added" in text for text in short.answer(without, "reports"))
    assert short.answer({}, "reports") == ["Nothing was measured yet."]


def test_how_numbers_are_shown() -> None:
    row = {"quantity": "gradient (log10)", "kind": "gap", "depth": 56, "value": 2.0, "low": 1.0, "high": 3.0}
    assert short._cell(pd.Series(row)) == "100 (10 to 1e+03)"
    assert short._cell(pd.Series(row | {"kind": "across", "depth": 9})) == "+2.00 (+1.00 to +3.00); n = 9"
    assert short._cell(pd.Series(row | {"quantity": "points"})) == "2.00 (1.00 to 3.00)"
