"""README.md says what the committed reports show, and nothing else."""

from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from fake_runs import SHAPES, fake_experiment, fake_run

from degradation.analysis import pairs
from degradation.errors import BadRequest
from degradation.reports import findings, listing, report
from degradation.runs import store

ERRORS = {("plain", 20): 1.0, ("plain", 56): 5.0, ("residual", 20): 0.9, ("residual", 56): 0.4}


def test_the_committed_readme_is_up_to_date(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text((ROOT / "README.md").read_text())
    assert findings.write(copy, ROOT / "reports") == [], "run scripts/models.py"


def test_the_readme_is_read_in_ten_minutes() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 150
    for link in (part.split(")")[0] for part in text.split("](")[1:]):
        assert link.startswith("https://") or (ROOT / link.split("#")[0]).exists(), link


def test_findings_hold_the_numbers_of_the_runs(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "runs" / "shapes_seeds", ERRORS, seeds=(0, 1, 2), config=SHAPES)
    report.write([tmp_path / "runs"], tmp_path / "reports")
    (one,) = store.load([tmp_path / "reports" / "shapes_seeds"])
    row = findings.findings({"shapes_seeds": one}).splitlines()[-1]
    assert "3 seeds) | 20, 56 | +4.00 (+4.00 to +4.00; 3 of 3) | -0.50 (-0.50 to -0.50; 0 of 3) | " in row
    assert findings.findings({}) == "Nothing was measured yet."


def test_the_list_of_reports(tmp_path: Path) -> None:
    """Each report once, with a sentence; the committed page is up to date."""
    found = listing.page(ROOT / "reports")
    assert (ROOT / "reports/README.md").read_text() == found, "run scripts/models.py"
    for folder in (path.parent.name for path in ROOT.glob("reports/*/README.md")):
        assert found.count(f"]({folder}/README.md) |") == 1, folder
    config = tmp_path / "x.yaml"
    config.write_text("# @package\n# As Xie et al. 2017, Fig. 3: does it\n# pay? Three seeds.\n")
    assert listing.first_sentence(config) == "As Xie et al. 2017, Fig. 3: does it pay?"


def test_a_report_of_residual_networks_alone_and_of_few_seeds(tmp_path: Path) -> None:
    for depth, seeds in ((20, 3), (32, 1), (56, 2)):
        for seed in range(seeds):
            fake_run(tmp_path / "cifar10", "residual", depth, seed, test_error=9.0 - depth / 20 + seed)
    (one,) = store.load([tmp_path / "cifar10"])
    row = findings.findings({"cifar10": one}).splitlines()[-1]
    assert row.endswith(
        "| 20, 32, 56 | – | 0.00 (2 seeds) | -1.80 (2 seeds) | 9.00, 7.40, 6.70 (over 3, 1 and 2 seeds) |"
    )


def test_a_twin_of_other_shapes_is_named() -> None:
    runs = pd.DataFrame(
        {"family": ["densenet", "residual"], "twin": ["plain_densenet matched", "plain exact"]}
    )
    told = runs.assign(variant="", answer=pairs.YES, low=1.0, high=2.0, seeds=3)
    assert findings._families(runs, told) == (
        "Leaving the shortcut out **degrades training** for densenet and residual. The layers of densenet's "
        "twin have other shapes."
    )


def test_the_pictures_are_of_the_best_experiment_that_is_whole(tmp_path: Path) -> None:
    eight = {(family, depth): 1.0 for family in ("plain", "residual") for depth in (20, 32, 44, 56)}
    fake_experiment(tmp_path / "cifar10_cpu", eight)
    fake_run(tmp_path / "cifar10", depth=20)
    experiments = {one.name: one for one in store.load([tmp_path / "cifar10_cpu", tmp_path / "cifar10"])}
    shown = findings.picture(experiments)
    assert all(
        shown.count(f"(reports/cifar10_cpu/{name}") == 1 for name in ("curves.png", "depth.png", "README")
    )
    del experiments["cifar10_cpu"]
    assert findings.picture(experiments) == "No report is whole yet."


@pytest.mark.parametrize("text", ["", "<!-- picture -->", "<!-- end --> <!-- picture -->"])
def test_marks_are_needed(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    with pytest.raises(BadRequest, match="has to hold <!-- picture --> once"):
        findings.write(tmp_path / "README.md", tmp_path)
