"""The comparison: its cells, why one stays empty, errors of the same network alone, the page."""

import json
import math
import multiprocessing
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from conftest import ROOT, run_script
from fake_runs import SHAPES, fake_run

from degradation.costs import compare, compare_report, compare_table, cost, networks, pictures
from degradation.costs.compare import Compared, Plan
from degradation.costs.compare_table import CELLS
from degradation.costs.found import Found
from degradation.errors import BadRequest
from degradation.families.history import EARLIER
from degradation.runs import store


class Told:
    """The end of a pipe that remembers."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def send(self, message: Any) -> None:
        self.messages.append(message)


def plan(*chosen: networks.Network, **other: Any) -> Plan:
    values = {"accelerator": "cpu", "threads": 1, "minutes": 5.0, "rounds": 1, "batch": 2}
    return Plan(chosen, **{**values, **other})


FACTS = {
    "device": "a machine",
    "kind": "cpu",
    "threads": 2,
    "seconds": 60.0,
    "minutes": 28,
    "commit": None,
    "versions": {"torch": "2"},
}
TINY = networks.ours("residual", 8, width=2)[0]


def test_a_network_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    said: list[str] = []
    measured = compare.measure(plan(TINY), Found(tmp_path, "cpu", plan(TINY)), said.append)
    (row,) = measured.counts.to_dict("records")
    assert (row["network"], row["size"], row["batch"]) == ("residual-8 width=2", 32, 2)
    assert row["parameters"] == 29 * 2 + (18 + 54 + 216) * 4 + (4 + 8 + 16) * 2 + 40 * 2 + 10
    assert list(measured.rounds["round"]) == [1]
    for cell in CELLS:
        assert measured.rounds[cell].between(0, 20, inclusive="neither").all()
        assert (measured.rounds[f"{cell}_peak"] > 0).all()
    assert row["config.model.shortcut"] == "A"
    assert measured.facts["kind"] == "cpu" and measured.facts["seconds"] > 0
    assert said[0].startswith("round 1 of 1 [1/1] residual-8 width=2: forward_one ")


def test_a_cell_whose_activations_are_too_large_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = compare.counted(TINY, plan(TINY))
    monkeypatch.setattr(cost, "free_memory", lambda device: 2 * job["activations"] + 1)
    told = Told()
    before = signal.getsignal(signal.SIGINT)
    cost.measure(told, job)  # type: ignore[arg-type]
    signal.signal(signal.SIGINT, before)
    kinds = [(what, *rest) for what, *rest in told.messages if what in ("start", "skipped")]
    assert [rest[0] for what, *rest in kinds if what == "start"] == list(CELLS)
    assert len([what for what, *_ in kinds if what == "skipped"]) == 1  # a batch's training: twice one image
    assert kinds[-1][0] == "skipped" and "GB, of" in kinds[-1][1]


def test_a_stopped_command_goes_on_behind_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To what it would have come to; other settings begin anew, and so does the command behind its report."""
    calls: list[str] = []

    def once(job: dict[str, Any], plan: Plan, seconds_left: float) -> dict[str, Any]:
        calls.append(job["name"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return {"forward_one": 0.1 * len(calls), "forward_one_peak": 7, "training_one_why": "slow"}

    monkeypatch.setattr(compare, "once", once)
    two = plan(TINY, *networks.ours("plain", 8, width=2), rounds=2)
    with pytest.raises(KeyboardInterrupt):
        compare.measure(two, Found(tmp_path, "cpu", two), lambda line: None)
    assert Found(tmp_path, "cpu", replace(two, threads=2)).rows == []
    found = Found(tmp_path, "cpu", two)
    assert found.seconds() > 0
    rounds = compare.measure(two, found, lambda line: None).rounds
    assert len(calls) == 5
    assert [*zip(rounds["network"], rounds["round"], strict=True)] == [
        (name, number) for number in (1, 2) for name in ("residual-8 width=2", "plain-8 width=2")
    ]
    assert rounds["forward_one"].tolist() == pytest.approx([0.1, 0.2, 0.4, 0.5])
    found.forget()
    assert Found(tmp_path, "cpu", two).rows == [] and list(tmp_path.iterdir()) == []


def test_why_a_cell_stays_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = plan(TINY, minutes=0)
    rounds = compare.measure(none, Found(tmp_path, "cpu", none), lambda line: None).rounds
    assert {rounds[f"{cell}_why"][0] for cell in CELLS} == {"the 0 minutes were up"}
    monkeypatch.setattr(compare, "LONGEST_CALL", 0.01)
    ours, theirs = multiprocessing.Pipe()
    theirs.send(("start", "forward_one"))
    assert compare.listen(ours, {}, 60) == "a call took longer than 0 s"
    _, job = compare.counted(TINY, plan(TINY))
    job["model"]["depth"] = 9
    cells = compare.once({**job, "cells": CELLS[1:]}, plan(TINY), 60)
    assert list(cells) == [f"{cell}_why" for cell in CELLS[1:]]
    assert all("its process ended" in why for why in cells.values())


def test_rounds_become_one_number_a_cell() -> None:
    """The fastest; a round that couldn't be measured takes nothing away, and none leaves the reason."""
    rounds = pd.DataFrame(
        {
            "network": ["b", "a"] * 3,
            "round": [1, 1, 2, 2, 3, 3],
            "forward_one": [3.0, 1.0, math.nan, 2.0, 5.0, 9.0],
            "forward_one_why": [None, None, "slow", None, None, None],
            "forward_one_peak": [7, 5, 8, 6, 9, 4],
            "training_one_why": ["slow", None, "slower", None, "slowest", None],
            "training_batch": [1.0, 1.0, 3.0, 3.0, 8.0, 8.0],
        }
    )
    table = compare_table.over_rounds(rounds, drawing=["a"]).set_index("network")
    assert table["training_batch"].tolist() == [1.0, 4.0]  # what draws is not faster for having drawn less
    assert list(table.index) == ["b", "a"]
    cell = table[["forward_one", *(f"forward_one_{end}" for end in ("slowest", "rounds", "peak"))]]
    assert cell.loc["b"].tolist() == [3.0, 5.0, 2, 9] and cell.loc["a"].tolist() == [1.0, 9.0, 3, 6]
    assert pd.isna(table.loc["b", "forward_one_why"]) and table.loc["b", "training_one_why"] == "slowest"
    assert math.isnan(table.loc["b", "training_one"]) and pd.isna(table.loc["a", "training_one_why"])


def test_energy_where_the_machine_measures_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "POWERCAP", tmp_path)
    cpu = torch.device("cpu")
    assert cost.Meter(cpu).joules_per_image(10) == {}
    counters = [tmp_path / name / "energy_uj" for name in ("intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0")]
    for path in counters:  # two packages; a part of the first is not counted again
        path.parent.mkdir()
        path.write_text("1000000\n")
    meter = cost.Meter(cpu)
    counters[0].write_text("4000000\n")
    counters[2].write_text("9000000\n")
    assert meter.joules_per_image(10) == {"joules": pytest.approx(0.3)}
    counters[0].write_text("0\n")  # it ran over
    assert meter.joules_per_image(10) == {}


def costs(*chosen: networks.Network) -> pd.DataFrame:
    return pd.DataFrame([compare.counted(network, plan(network))[0] for network in chosen])


def measured(counts: pd.DataFrame, *rounds: dict[str, list[object]]) -> Compared:
    """As if each of these had been measured in a round: values of the cells, a network each."""
    names = counts["network"]
    tables = [pd.DataFrame({"network": names, "round": place, **one}) for place, one in enumerate(rounds, 1)]
    return Compared(counts, pd.concat(tables, ignore_index=True), FACTS)


def page(counts: pd.DataFrame, *rounds: dict[str, list[object]], **facts: object) -> str:
    """The page of it, without runs."""
    table = compare_table.costs(counts, measured(counts, *rounds or ({},)).rounds, {})
    return compare_report.page(table, {**FACTS, **facts})


def test_errors_are_those_of_the_same_network(tmp_path: Path) -> None:
    """Same family, depth, width and shortcut, on CIFAR-10: not those on drawn shapes, nor unfinished ones."""
    for seed in (0, 1):
        fake_run(tmp_path / "runs/long", "residual", 20, seed, train_error=1.0 + seed)
    fake_run(tmp_path / "runs/long", "residual", 32, status="failed")
    fake_run(tmp_path / "runs/drawn", "plain", 20, config=SHAPES)
    experiments = {one.name: one.runs for one in store.load([tmp_path / "runs"])}
    experiments["adopted"] = experiments["long"].assign(**{compare_table.BATCH: ""})  # not known of them
    chosen = [*networks.ours("residual", 20, 32), *networks.ours("plain", 20), networks.reference("alexnet")]
    found = compare_table.with_errors(costs(*chosen), experiments)
    runs = experiments["long"]
    expected = runs[runs["depth"] == 20]["test_error"].mean()
    assert found["test_error"].iloc[0] == pytest.approx(expected)
    assert list(found["experiment"]) == ["long", "", "", ""]
    assert list(found["runs"]) == [2, 0, 0, 0]
    assert found["test_error"].iloc[1:].isna().all()
    del experiments["adopted"]
    points = compare_table.points(experiments)
    assert list(points["experiment"]) == ["drawn", "long"]
    assert list(zip(points["pair"], points["plain"], strict=True)) == [
        ("residual", True),
        ("residual", False),
    ]
    pictures.errors(points)


def test_runs_of_other_settings_are_no_seeds(tmp_path: Path) -> None:
    fake_run(tmp_path / "runs/x", "residual", 20, 0, test_error=9.0)
    other = {"variant": "optimizer.lr=0.01", "config": {"optimizer.lr": 0.01}}
    fake_run(tmp_path / "runs/x", "residual", 20, 0, test_error=90.0, **other)
    found = compare_table.with_errors(
        costs(*networks.ours("residual", 20)), compare_report.prepare([tmp_path / "runs"], tmp_path)
    )
    assert (found["test_error"][0], found["runs"][0]) == (9.0, 1)
    fake_run(tmp_path / "runs/x", "residual", 20, 1, config={"optimizer.lr": 0.01})
    with pytest.raises(BadRequest, match=r"different optimizer.lr can't be averaged"):
        compare_report.prepare([tmp_path / "runs"], tmp_path)


def test_the_page_says_what_is_empty_and_which_form_is_fastest(tmp_path: Path) -> None:
    chosen = [*networks.ours("plain", 20), *(networks.ours("resnext", 29, form=form)[0] for form in "abc")]
    cells: dict[str, list[object]] = {cell: [0.5, 3.0, 2.0, 1.0 + place] for place, cell in enumerate(CELLS)}
    cells["training_batch"][0] = math.nan
    cells["training_batch_why"] = ["a call took longer than 20 s", *[None] * 3]
    path = compare_report.write(measured(costs(*chosen), cells), {}, tmp_path)
    said = path.read_text()
    assert "| plain-20 | training, batch | a call took longer than 20 s |" in said
    assert "8x64d | forward, one image | 3,000.0 | 2,000.0 | 1,000.0 | (c) | 3.00 times |" in said
    assert "| training, 2 images | 1,500.0 | 1,000.0 | 2,000.0 | (b) | 2.00 times |" in said
    assert "no counter that may be read" in said
    assert {one.name for one in path.parent.iterdir()} >= {"errors.png", "times.svg", "compare.csv"}
    assert json.loads((path.parent / "compare.json").read_text())["device"] == "a machine"


def test_times_are_shown_with_their_spread_and_memory_by_what_was_called() -> None:
    cells: dict[str, list[object]] = {
        **{cell: [0.5, 0.25] for cell in CELLS},
        **{f"{cell}_peak": [1e9 * place, 1e9 * place] for place, cell in enumerate(CELLS, 1)},
        "training_batch": [0.5, math.nan],
        "training_batch_peak": [4e9, math.nan],
    }
    rows = costs(*networks.ours("plain", 20, 32))
    text = page(rows, cells)
    assert "| 500 | 500 | 250 | 250 | 2 | 4 | – | – |" in text and "(1 round in all)" in text
    assert "| 250 | 250 | 125 | – | 2 | – | – | – |" in text  # no other cell's memory in its place
    text = page(rows, cells, {**cells, "forward_one": [0.4, 0.25]}, {**cells, "forward_one": [0.7, math.nan]})
    assert "| 400 (700) | 500 (500) |" in text and "(3 rounds in all)" in text
    assert "| 250 (250) |" in text


def test_the_page_says_what_is_not_what_its_name_suggests() -> None:
    """Wide ResNet-50-2 has its stride at the 3x3 layers; what an earlier commit built otherwise is told."""
    names = {network.name for network in networks.NETWORKS}
    assert "resnet_imagenet-50 widen=2 stride_at=3x3" in names and "resnet_imagenet-50 widen=2" not in names
    said = "has its stride at the 1x1 layers and is no Wide ResNet-50-2."
    for stride_at in ("1x1", "3x3"):
        text = page(costs(*networks.ours("resnet_imagenet", 50, widen=2, stride_at=stride_at)))
        assert (said in text) == (stride_at == "1x1")
        assert "without their auxiliary classifiers" in text
    rows = costs(*networks.ours("preact", 20))
    for commit, built in ((EARLIER[0] + "9" * 33, True), ("f" * 40, False)):
        assert ("built some otherwise than now (preact: " in page(rows, commit=commit)) == built


def test_the_committed_costs_can_be_shown_again(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "reports/compare", tmp_path / "compare")
    before = (tmp_path / "compare/rounds.csv").read_bytes()
    text = compare_report.write(compare_report.read(tmp_path), {}, tmp_path).read_text()
    assert "| residual-1202 |" in text and (tmp_path / "compare/rounds.csv").read_bytes() == before


def test_again_takes_the_costs_of_before_and_the_errors_of_now(tmp_path: Path) -> None:
    rows = costs(*networks.ours("residual", 20), networks.reference("alexnet"))
    cells: dict[str, list[object]] = {"forward_one": [0.5, 0.25], "training_batch_why": ["too slow"] * 2}
    before = compare_report.write(measured(rows, cells), {}, tmp_path).read_text()
    assert compare_report.write(compare_report.read(tmp_path), {}, tmp_path).read_text() == before
    fake_run(tmp_path / "runs/long", "residual", 20, test_error=9.0)
    done = run_script("scripts/compare.py", "runs", "--again", "--out", ".", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    now = (tmp_path / "compare/README.md").read_text()
    assert "9.00 (long) |" in now
    assert now.replace("9.00 (long)", "–") == before


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["--again"], "no measured costs to read"),
        (["--minutes", "0"], "--minutes 0: above 0"),
        (["--rounds", "0"], "--rounds 0: at least 1"),
        (["nowhere"], "no folder nowhere"),
        (["--accelerator", "tpu"], "choose from"),
    ],
)
def test_refusals(tmp_path: Path, arguments: list[str], right: str) -> None:
    done = run_script("scripts/compare.py", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert right in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
