"""What several tests use: a tiny request, a way to run the scripts, the real images where they are."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from degradation.config import request
from degradation.config.request import Request

ROOT = Path(__file__).parents[1]
Make = Callable[..., Request]
HIDDEN = {"CUDA_VISIBLE_DEVICES": ""}
DEVICES = os.environ.get("CUDA_VISIBLE_DEVICES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests come last. Those marked `gpu` are skipped where there is none; they must see it before
    others hide it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    wanting = [item for item in items if item.get_closest_marker("gpu")]
    if not wanting:
        return
    import torch

    if torch.cuda.is_available():
        torch.cuda.init()
    for item in wanting:
        item.add_marker(pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only tests marked `gpu` show it to the processes that they start."""
    if not item.get_closest_marker("gpu"):
        os.environ.update(HIDDEN)
    elif DEVICES is None:
        os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = DEVICES


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Requests of tiny networks: dotted keys override the defaults.

    Not thinner than 8: on a CPU without AVX-512 torch 2.14 writes past its memory in the backward pass of a
    1x1 convolution of stride 2 from 4 channels to 8, channels_last, in float32.
    """

    def build(**overrides: Any) -> Request:
        tree = yaml.safe_load((ROOT / "conf/train.yaml").read_text())
        del tree["defaults"], tree["hydra"]
        tree["model"] = yaml.safe_load((ROOT / "conf/model/residual.yaml").read_text())
        tree["data"] = yaml.safe_load((ROOT / "conf/data/shapes.yaml").read_text())
        tree["experiment_name"] = "tiny"
        tree["runs"] = str(tmp_path / "runs")
        tiny = {
            "model.depth": 8,
            "model.width": 8,
            "data.size": 8,
            "data.count": 100,
            "data.test_count": 50,
            "train.steps": 12,
            "train.batch_size": 16,
            "train.evaluate_every": 4,
            "train.checkpoint_every": 3,
            "schedule.milestones": [0.5],
            "train.threads": 1,
            "trainer.accelerator": "cpu",  # what a test says of bits holds there
        }
        for key, value in {**tiny, **overrides}.items():
            group = tree
            *path, last = key.split(".")
            for name in path:
                group = group[name]
            group[last] = value
        return request.from_mapping(tree)

    return build


def in_process(requests: Sequence[Request]) -> int:
    """Train them here, one after another, in a sweep's place; the exit code."""
    from degradation.training.experiment import train  # torch takes seconds that other tests need not

    return max(train(one, echo=False) for one in requests)


def run_script(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python scripts/...` from `cwd` as from a clone that isn't installed.

    In a fork of this process, unless that uses a GPU, which no fork can, or the script's modules are others
    than this process has.
    """
    import forked  # it imports torch, which the process that hands out the tests needs not

    words = (str(ROOT / arguments[0]), *arguments[1:])
    if "PYTHONPATH" not in environment and forked.possible():
        return forked.script(words, cwd, environment)
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        (sys.executable, *words), cwd=cwd, env=env, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of a sweep train in forks of this process, where no GPU forbids it."""
    import forked

    if forked.possible():
        monkeypatch.setattr(forked.pool, "subprocess", forked.FORKING)


@pytest.fixture
def cifar10() -> str:
    """The folder of the real images, or the test is skipped."""
    root = os.environ.get("DEGRADATION_TEST_CIFAR10")
    if not root or not Path(root, "cifar-10-batches-py").is_dir():
        pytest.skip("no CIFAR-10 here: DEGRADATION_TEST_CIFAR10 names no folder with cifar-10-batches-py/")
    return root
