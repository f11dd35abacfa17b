"""The first losses of four tiny runs, recorded: a silent change of numerics is seen, anywhere.

`python tests/test_numerics.py` records them anew, where the numbers change on purpose.
"""

import json
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]
RECORDED = Path(__file__).with_name("losses.json")
RUNS = {f"{family}-{depth}": (family, depth) for family in ("plain", "residual") for depth in (8, 14)}
# Float32 against float64, on the machine of the record, differs by at most a tenth of this after 20 steps.
TOLERANCE = 1e-4


def first_losses(family: str, depth: int, kind: torch.dtype = torch.float32) -> list[float]:
    """Losses of the first 20 steps on the shapes: no Lightning, no run folder."""
    from degradation.config.optimization import Schedule, Warmup
    from degradation.data.augment import Resident
    from degradation.data.shapes import load_shapes
    from degradation.data.stream import Stream
    from degradation.models import build_model
    from degradation.models.initial import initialise
    from degradation.training.classifier import Classifier
    from degradation.training.schedule import StepSchedule

    dataset = load_shapes(16, 200, 10, 0)
    mean = torch.from_numpy(dataset.mean_image()).to(kind)
    images = Resident(dataset.train, mean, torch.device("cpu"), 2)
    network = build_model(family, depth=depth, width=8)
    initialise(network, 0)
    schedule = StepSchedule(1e-4, Schedule((0.5,), 0.1, Warmup(None, None, None)), 20)
    classifier = Classifier(
        network, lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=1e-4), schedule
    ).to(kind)
    stream, found = Stream(200, 32, 2, 0), []
    for step in range(20):
        pixels, labels = images.crops(stream.batch(step))
        classifier.train_step(pixels.to(kind), labels)
        found.append(classifier.running()[0])
        classifier.restart_running()
    return found


@pytest.mark.parametrize("name", RUNS)
def test_losses_are_those_on_record(name: str) -> None:
    recorded = json.loads(RECORDED.read_text())[name]
    assert len(recorded) == len(set(recorded)) == 20
    assert first_losses(*RUNS[name]) == pytest.approx(recorded, rel=TOLERANCE)


@pytest.mark.parametrize("name", RUNS)
def test_the_tolerance_leaves_room(name: str) -> None:
    """Rounding alone moves the losses by less than a tenth of the tolerance."""
    exact = first_losses(*RUNS[name], kind=torch.float64)
    assert json.loads(RECORDED.read_text())[name] == pytest.approx(exact, rel=TOLERANCE / 10)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    RECORDED.write_text(json.dumps({name: first_losses(*run) for name, run in RUNS.items()}, indent=1) + "\n")
