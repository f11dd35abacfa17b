"""The benchmark: what it computes from its rounds, and that it runs."""

import dataclasses
import json
import math
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import torch
from conftest import run_script
from torch import nn

from degradation.costs import benchmark_report
from degradation.costs.benchmark import Measured, Plan, choose, measure
from degradation.costs.benchmark_table import ALONE, PASSES, figure_seconds, speed
from degradation.costs.convolutions import Convolution, calls, convolutions, seconds
from degradation.costs.workers import Found, Workers
from degradation.files import write_json
from degradation.models import build_model
from degradation.models.count import multiply_adds


class FakeWorkers(Workers):
    """A machine of known speed: the usual way 100 images/s a thread, this suite 300 a process."""

    def __enter__(self) -> "FakeWorkers":
        self.asked: list[Found] = []
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def together(self, jobs: list[Found]) -> list[Found]:  # type: ignore[override]
        self.asked += jobs
        return [self.answer(job) for job in jobs]

    def answer(self, job: Found) -> Found:
        images = 16 * 10
        if job["kind"] == "usual":
            return {"seconds": images / (100 * job["threads"] / (1 + job["workers"]))}
        if job["kind"] == "suite":
            return {"seconds": len(job["requests"]) * images / 300, "flops": 1e6, "outside": 0.01}
        if job["kind"] == "convolutions":
            return {"seconds": 16 / 450, "forward": 16 / 1800, "data": 16 / 1800, "weight": 16 / 900}
        if job["kind"] == "limits":
            return {"bf16_flops": 1e9, "float32_flops": 5e8, "copy_bytes": 1e9}
        said = {"precision": "bf16", "engine": "plain", "compile": "none", "versions": {}, "commit": None}
        return {"kind": "cpu", "device": "a machine", **said}


@pytest.fixture
def plan(make: object) -> Plan:
    networks = [make(**{"model.family": f, "model.depth": 8}) for f in ("plain", "residual")]  # type: ignore[operator]
    return Plan(networks, 3, (2, 10), (0, 1), 2)


def test_rates_and_ratios(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes of 300 images/s against the usual way's best: all threads, no workers."""
    monkeypatch.setattr("degradation.costs.benchmark.Workers", FakeWorkers)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    measured = measure(plan, lambda line: None)
    assert measured.facts["usual"] == {"threads": 2, "workers": 0, "tf32": True}
    assert [row["network"] for row in measured.rows] == ["plain-8", "residual-8", "all"] * 3
    for row in measured.rows:
        assert row["usual"] == pytest.approx(200)
        assert row["suite"] == pytest.approx(600)
        assert row["ratio"] == pytest.approx(3)
        assert row["share"] == pytest.approx(600 * 1e6 / 1e9)
        alone = [row[name] for name in ALONE.values()]
        assert alone == pytest.approx([900, 3600, 3600, 1800])


def test_on_a_gpu_all_networks_are_one_group(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("degradation.costs.benchmark.Workers", FakeWorkers)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    one = Plan(plan.networks, 1, plan.steps, plan.workers, 0)
    measured = measure(one, lambda line: None)
    every = measured.rows[-1]
    assert (every["network"], every["suite"]) == ("all", pytest.approx(300))  # 2 networks in twice the time
    assert set(measured.facts["usual_without_tf32"]) == {"plain-8", "residual-8"}


def test_the_usual_way_gets_its_best_setting(plan: Plan) -> None:
    with FakeWorkers(1) as stations:
        best, tried = choose(plan, stations, lambda line: None)
    assert len(tried) == len({(one["threads"], one["workers"]) for one in tried}) >= 2
    assert best["workers"] == 0


def test_medians_and_spread() -> None:
    rounds = pd.DataFrame(
        {"network": ["a", "b"] * 3, "usual": [1.0, 5, 3, 5, 2, 5], "suite": 6.0, "ratio": 2.0, "share": 0.5}
    )
    summary = speed(rounds).set_index("network")
    assert summary.loc["a", ["usual", "usual_low", "usual_high"]].tolist() == [2, 1, 3]
    assert math.isnan(summary.loc["a", "outside"])
    assert figure_seconds(64_000 * 8, 128) == 128


@pytest.mark.parametrize("name", ["plain", "residual", "resnext"])
def test_the_convolutions_are_all_that_multiplies(name: str) -> None:
    """Their multiply-adds and those of the linear layer are the network's; each has its gradients."""
    depth = 20 if name != "resnext" else 29
    with torch.device("meta"):
        network = build_model(name, depth=depth, width=4)
    found = convolutions(network, 2, 3, 32)
    linear = network.get_submodule("linear") if hasattr(network, "linear") else list(network.modules())[-1]
    total = sum(one.multiply_adds() * count for one, count in found.items())
    assert total == 2 * (multiply_adds(network, 3, 32) - linear.in_features * linear.out_features)
    assert sum(found.values()) == sum(isinstance(module, nn.Conv2d) for module in network.modules())
    assert sum(count for one, count in found.items() if one.first) == 1


def test_each_pass_is_the_convolutions_own() -> None:
    """The gradients are autograd's; seconds are counted as often as the network has the convolution."""
    one = Convolution((2, 4, 6, 6), (8, 2, 3, 3), 2, 1, 2, False)
    passes = dict(calls(one, torch.float32, torch.device("cpu")))
    assert list(passes) == list(PASSES)
    out = passes["forward"]()
    assert isinstance(out, torch.Tensor) and out.shape == (2, 8, 3, 3)
    data, _, _ = passes["data"]()  # type: ignore[misc]
    _, weight, _ = passes["weight"]()  # type: ignore[misc]
    assert (data.shape, weight.shape) == (one.images, one.weight)
    taken = seconds(
        Counter({one: 3, dataclasses.replace(one, first=True): 1}),
        torch.float32,
        torch.device("cpu"),
        lambda call, on: 1.0,
    )
    assert taken == {"forward": 4.0, "data": 3.0, "weight": 4.0}


def test_a_report_of_each_kind_of_device(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("degradation.costs.benchmark.Workers", FakeWorkers)
    measured = measure(plan, lambda line: None)
    text = benchmark_report.write(measured, tmp_path).read_text()
    assert "Nothing here has run on a GPU yet" in text
    assert "| plain-8 | " in text
    # an image is 1e6 operations, a third of them a pass; the limit does 1e9 a second
    assert "| plain-8 | 900 (90%) | 3600 (120%) | 3600 (120%) | 1800 (60%) |" in text
    on_gpu = Measured(measured.rows, {**measured.facts, "kind": "cuda", "device": "a GPU"})
    text = benchmark_report.write(on_gpu, tmp_path).read_text()
    assert "Nothing here has run" not in text
    assert text.index("## CPU: a machine") < text.index("## GPU: a GPU")


def test_how_long_one_waits_stands_on_the_page(tmp_path: Path) -> None:
    wait = {"what": "a report", "aim": 5, "n": 3, "seconds": 4.5, "low": 4.0, "high": 6.25}
    write_json(
        tmp_path / "waiting.json", {"waits": [{**wait, "megabytes": 244.8}, {**wait, "megabytes": None}]}
    )
    page = benchmark_report.page(tmp_path)
    assert "| a report | 4.50 s (4.00 to 6.25) | 3 | 5 s | 245 MB |" in page
    assert "| a report | 4.50 s (4.00 to 6.25) | 3 | 5 s |  |" in page


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    """Two real workers and the usual way, on networks as small as can be."""
    keys = ("model.width=1", "data.size=8", "data.count=20")
    done = run_script("scripts/benchmark.py", "--smoke", "--out", "reports", *keys, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports/benchmark"
    assert {path.name for path in folder.iterdir()} == {
        "cpu.csv",
        "cpu.json",
        "cpu.png",
        "cpu.svg",
        "README.md",
    }
    rows = pd.read_csv(folder / "cpu.csv")
    assert len(rows) == 9
    assert rows["ratio"].to_numpy() == pytest.approx((rows["suite"] / rows["usual"]).to_numpy())
    facts = json.loads((folder / "cpu.json").read_text())
    assert facts["limits"][0]["bf16_flops"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rounds", "0"], "--rounds 0: at least 1"),
        (["--rounds", "x"], "invalid int value"),
        (["model.depth=21"], "model.depth=21"),
        (["trainer.accelerator=cuda"], "this machine has only"),
    ],
)
def test_refusals(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = run_script("scripts/benchmark.py", *arguments, cwd=tmp_path, CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
