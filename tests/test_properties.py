"""Properties that hold for any value, not only for those that somebody thought of."""

import string
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from fake_runs import fake_run
from hypothesis import given, settings
from hypothesis import strategies as st

from degradation.config.optimization import Schedule, Warmup
from degradation.data.stream import Stream
from degradation.errors import BadRequest
from degradation.families.catalog import family
from degradation.models import build_model
from degradation.models.count import parameters
from degradation.runs import store
from degradation.training.schedule import StepSchedule

few = settings(max_examples=30, deadline=None, derandomize=True)  # the same examples on every machine


@few
@given(st.integers(-1000, 10_000))
def test_a_depth_is_6n_plus_2_or_refused_with_neighbours_that_are(depth: int) -> None:
    rules = family("residual")
    if depth >= 8 and depth % 6 == 2:
        rules.check_depth(depth)
        return
    with pytest.raises(BadRequest, match=f"model.depth={depth}") as refused:
        rules.check_depth(depth)
    near = [int(word) for word in str(refused.value).replace(",", " ").split() if word.isdigit()]
    assert near
    for other in near:
        rules.check_depth(other)


@few
@given(
    n=st.integers(1, 12), width=st.integers(1, 40), channels=st.integers(1, 4), classes=st.integers(1, 100)
)
def test_parameters_in_closed_form(n: int, width: int, channels: int, classes: int) -> None:
    """Convolutions 9 in out, BN 2 out: a stem, 2n layers of w, of 2w and of 4w filters, a linear layer."""
    w = width
    stages = 9 * (2 * n) * w * w
    for wide in (2 * w, 4 * w):
        stages += 9 * (wide // 2 * wide + (2 * n - 1) * wide * wide)
    norms = 2 * (w + 2 * n * (w + 2 * w + 4 * w))
    expected = 9 * channels * w + stages + norms + 4 * w * classes + classes
    with torch.device("meta"):
        for name in ("plain", "residual"):
            network = build_model(
                name, depth=6 * n + 2, width=width, in_channels=channels, num_classes=classes
            )
            assert parameters(network) == expected


@few
@given(
    count=st.integers(1, 50),
    batch=st.integers(1, 120),
    step=st.integers(0, 40),
    seed=st.integers(0, 2**63 - 1),
)
def test_batches_are_the_epochs_laid_end_to_end(count: int, batch: int, step: int, seed: int) -> None:
    stream = Stream(count, batch, 1, seed)
    rows = stream.batch(step).rows
    epochs = range(step * batch // count, ((step + 1) * batch - 1) // count + 1)
    laid = np.concatenate([Stream(count, batch, 1, seed).epoch(number).rows for number in epochs])
    start = step * batch - epochs[0] * count
    assert rows.tolist() == laid[start : start + batch].tolist()
    assert all(sorted(stream.epoch(number).rows) == list(range(count)) for number in epochs)


@few
@given(
    steps=st.integers(1, 100_000),
    milestones=st.lists(st.floats(0.01, 0.99) | st.integers(1, 100_000).map(float), max_size=4),
    gamma=st.sampled_from([0.1, 0.5]),
)
def test_the_learning_rate_only_falls(steps: int, milestones: list[float], gamma: float) -> None:
    own = Schedule(tuple(milestones), gamma, Warmup(None, None, None))
    schedule = StepSchedule(0.1, own, steps)
    around = sorted({0, *(max(m + shift, 0) for m in schedule.milestones for shift in (-1, 0, 1)), steps})
    rates = [schedule.lr(step) for step in around]
    assert rates == sorted(rates, reverse=True)
    assert schedule.lr(10**9) == pytest.approx(0.1 * gamma ** len(milestones))


cells = st.text(st.sampled_from(string.digits + ".,-e \n\"'nainf"), max_size=200)


@few
@given(cells | st.binary(max_size=200))
def test_any_curves_are_read_or_refused_by_name(content: str | bytes) -> None:
    """Whatever stands in curves.csv: rows that fit the run's record, or one line that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        run = fake_run(Path(folder) / "x")
        header = (run / "curves.csv").read_text().splitlines()[0]
        data = content if isinstance(content, bytes) else f"{header}\n{content}".encode()
        (run / "curves.csv").write_bytes(data)
        with pytest.raises(BadRequest, match=r"curves\.csv") as refused:
            store.load([run])
        assert "\n" not in str(refused.value)
