"""torchvision's networks: what is published of them, and what the page makes of it."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from conftest import run_script

from degradation.cli import compare
from degradation.costs import published, published_pictures, published_report
from degradation.costs.found import Found
from degradation.errors import BadRequest

ROWS = published.published().set_index("network")


def test_all_of_torchvisions_networks_are_there() -> None:
    assert len(ROWS[~ROWS["own"]]) >= 80
    assert (ROWS.loc["vgg19", "multiply_adds"], ROWS.loc["vgg19", "accuracy"]) == (19_632_000_000, 72.376)
    assert ROWS.loc["vit_h_14", "size"] == 518
    assert ROWS.loc[ROWS["own"], "accuracy"].isna().all() and ROWS.loc[~ROWS["own"], "accuracy"].notna().all()


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("resnet_imagenet-18", "resnet18"),
        ("resnet_imagenet-152", "resnet152"),
        ("resnext_imagenet-50", "resnext50_32x4d"),
        ("densenet_imagenet-161 width=48", "densenet161"),
        ("squeezenet-18 version=v1.0", "squeezenet1_0"),
    ],
)
def test_ours_have_as_many_parameters(own: str, theirs: str) -> None:
    assert ROWS.loc[own, "parameters"] == ROWS.loc[theirs, "parameters"]


def test_networks_of_the_lecture() -> None:
    groups = [
        published_pictures.group(name)
        for name in ("vgg11_bn", "wide_resnet50_2", "resnet_imagenet-18", "vit_b_16")
    ]
    assert groups == ["VGG", "Wide ResNet, ResNeXt", "ResNet", ""]


def table() -> pd.DataFrame:
    """Five networks with made-up costs."""
    names = ["alexnet", "vgg16", "googlenet", "resnet50", "vit_b_16"]
    found = ROWS.loc[names].reset_index().assign(why=None)
    found["seconds"] = [0.01, 0.05, 0.02, 0.03, 0.09]
    found["seconds_low"], found["seconds_high"] = 0.9 * found["seconds"], 1.2 * found["seconds"]
    found["peak_bytes"] = [3e8, 6e8, 1e8, 2e8, 9e8]
    return found


def test_the_lectures_sentences_with_their_numbers() -> None:
    heaviest, efficient, small, middle = published_report.said(table())
    assert "Of the 4 networks" in heaviest and "most operations: vgg16, resnet50, googlenet" in heaviest
    assert "None of them is as accurate with as few operations." in efficient
    assert (
        "Places of alexnet of 4, 1 the least: 1 by operations, 3 by parameters, 3 by memory, 1 by time"
        in small
    )
    assert middle.endswith("by accuracy, 1 the best: 1.")


def test_a_report_is_drawn_again_from_its_own_table(tmp_path: Path) -> None:
    facts = published.facts(threads=2, rounds=5, seconds=60.0)
    first = published_report.write(table(), facts, tmp_path)
    before = {path.name: path.read_bytes() for path in first.parent.iterdir()}
    again = published_report.write(*published_report.read(tmp_path), tmp_path)
    assert {path.name: path.read_bytes() for path in again.parent.iterdir()} == before
    assert "10 (9 to 12)" in first.read_text()
    with pytest.raises(BadRequest, match="leave out --again"):
        published_report.read(tmp_path / "elsewhere")


def test_a_network_that_was_not_measured_says_why(tmp_path: Path) -> None:
    row = ROWS.reset_index().head(1)
    none = published.measure(row, 1, 0, 2, Found(tmp_path, "cpu"), lambda line: None)
    assert none["seconds"].isna().all() and list(none["why"]) == ["the 0 minutes were up"]
    assert "– (the 0 minutes were up)" in published_report.page(none, published.facts(1, 5, 1.0))


@pytest.mark.parametrize("name", ["regnet_x_400mf", "swin_t", "vit_b_32", "resnet18"])
def test_networks_are_made_with_weights_that_compute(name: str) -> None:
    """Those too that the meta device can't build; what comes out is finite."""
    network = published.made({"name": name, "model": None, "classes": 1000, "size": 224}).eval()
    with torch.inference_mode():
        out = network(torch.randn(1, 3, 224, 224))
    assert out.shape == (1, 1000) and out.isfinite().all()


@pytest.mark.slow
def test_the_command_measures_a_few(tmp_path: Path) -> None:
    done = run_script("scripts/compare.py", "--published", "--smoke", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    measured = pd.read_csv(tmp_path / "reports/published/published.csv")
    assert sorted(measured["network"]) == sorted(published.FEW)
    assert (measured["seconds_low"] <= measured["seconds"]).all() and (measured["peak_bytes"] > 0).all()
    assert compare.parser().parse_args(["--published"]).minutes == 60
