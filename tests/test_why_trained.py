"""A run folder -> its network: the weights, the start and the images that it says; refusals in one line."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Make
from torch import nn

from degradation.data.dataset import Dataset, Images
from degradation.errors import BadRequest
from degradation.models import build_model
from degradation.training import checkpoint, experiment
from degradation.why.networks import modes
from degradation.why.networks.trained import Started, deepest, load_run, load_runs


def test_a_run_is_what_its_record_says(make: Make) -> None:
    """Errors and loss of the checkpoint, bits of the start, images, learning rate."""
    wanted = make(**{"model.family": "plain", "train.precision": "float32"})
    assert experiment.train(wanted, echo=False) == 0
    run = load_run(wanted.folder)
    record = run.record
    assert run.settings.model == wanted.settings.model
    assert run.lr == pytest.approx(0.1 * wanted.settings.optimizer.lr)
    loss, error = modes.evaluate(run.network, *run.test_images(1000))
    assert error == record["test_error"]
    assert loss == pytest.approx(record["test_loss"], rel=1e-6)
    assert modes.evaluate(run.network, *run.training_images(1000))[1] == record["train_error"]
    start = run.initial()
    assert start is not None and not start.training
    moved = [(a - b).abs().max() for a, b in zip(start.parameters(), run.network.parameters(), strict=True)]
    assert max(moved) > 0
    assert len(run.test_images(20)[1]) == 20
    assert run.test_images(20)[1].bincount().tolist() == [2] * 10  # of each class as many


def test_weights_that_were_kept(make: Make) -> None:
    wanted = make(**{"train.keep_every": 6})
    experiment.train(wanted, echo=False)
    run = load_run(wanted.folder)
    last, half = (run.at(wanted.folder / f"step-{step}.ckpt").state_dict() for step in (12, 6))
    own = run.network.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in last.items())
    assert not torch.equal(half["conv1.weight"], own["conv1.weight"])
    path = wanted.folder / "step-6.ckpt"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadRequest, match=r"seed0: step-6\.ckpt is damaged"):
        run.at(path)


def test_as_many_images_of_each_class_as_there_are(make: Make) -> None:
    """The smallest class has three: nine of three classes are shown, where 128 are asked for."""
    labels = np.array([0] * 20 + [1] * 3 + [2] * 20)
    images = Images(np.zeros((43, 8, 8, 3), np.uint8), labels)
    run = Started(Path("x"), {}, make().settings, Dataset(images, images, classes=3))
    assert run.training_images(30)[1].bincount().tolist() == [3, 3, 3]
    assert len(run.training_images(43)[1]) == 43


def test_the_first_steps_learning_rate(make: Make) -> None:
    """A warm-up lowers it; Adam's says nothing of how long a step is."""
    for keys, lr in (({}, 0.1), ({"schedule.warmup.lr": 0.01, "schedule.warmup.steps": 5}, 0.01)):
        wanted = make(**{"optimizer.lr": 0.1, **keys})
        started = Started(Path("x"), {}, wanted.settings, None)  # type: ignore[arg-type]
        assert started.first_lr == lr
    adam = make(**{"optimizer.adam": 0.999}).settings
    assert math.isnan(Started(Path("x"), {}, adam, None).first_lr)  # type: ignore[arg-type]


def test_the_deepest_network_is_one_for_all_seeds() -> None:
    """Where seed 1 lacks the deep one, no shallower one takes its place."""
    records = [("plain", 20, 0), ("plain", 56, 0), ("plain", 20, 1), ("residual", 20, 1)]
    runs = [
        Started(Path("x"), {"family": family, "variant": "", "depth": depth, "seed": seed}, None, None)  # type: ignore[arg-type]
        for family, depth, seed in records
    ]
    found = [(run.record["family"], run.record["depth"], run.record["seed"]) for run in deepest(runs)]
    assert found == [("plain", 56, 0), ("residual", 20, 1)]


def test_networks_of_one_data_set_share_it(make: Make) -> None:
    both = [make(seed=0, **{"train.steps": 1}), make(seed=1, **{"train.steps": 1})]
    for one in both:
        experiment.train(one, echo=False)
    first, second = load_runs([one.folder for one in both])
    assert first.dataset is second.dataset


def test_refusals(make: Make, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"is not a run folder: it has no record\.json"):
        load_run(tmp_path)
    wanted = make(**{"train.steps": 1})
    experiment.train(wanted, echo=False)
    path = wanted.folder / "record.json"
    record = json.loads(path.read_text())

    def refused(message: str, **changes: object) -> None:
        path.write_text(json.dumps({**record, **changes}))
        with pytest.raises(BadRequest, match=message) as caught:
            load_run(wanted.folder).initial()
        assert "\n" not in str(caught.value)

    refused("interrupted, not complete: train it to its last step first", status="interrupted")
    refused("was trained on other images", data_sha256="0" * 64)
    refused("initial values differ", init_sha256="0" * 64)
    config = wanted.folder / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("depth: 8", "depth: 14"))
    refused("weights don't fit a residual-8")
    config.write_text("depth")
    refused(r"config\.yaml is missing or damaged")
    config.write_text(text)
    last = wanted.folder / "last.ckpt"
    state = checkpoint.load(last)
    checkpoint.write(
        wanted.folder / "previous.ckpt", state | {"classifier": {**state["classifier"], "step": 0}}
    )
    whole = last.read_bytes()
    last.write_bytes(whole[:-1])
    refused("its weights are those of step 0, it ended at 1")
    last.write_bytes(whole)
    path.write_text(json.dumps({**record, "init_sha256": None}))
    assert load_run(wanted.folder).initial() is None  # weights that somebody else made
    for name in ("last.ckpt", "previous.ckpt"):
        (wanted.folder / name).unlink(missing_ok=True)
    refused(r"no checkpoint \(last\.ckpt\)")


def test_each_mode_holds_bn_as_it_says() -> None:
    torch.manual_seed(0)
    network = build_model("residual", depth=8, width=4)
    images = torch.randn(16, 3, 8, 8) + 2
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first = next(name for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d))
    settled = modes.settled(network, images).get_submodule(first)
    with torch.no_grad():
        given = network.get_submodule("conv1")(images)
    assert torch.allclose(settled.running_mean, given.mean(dim=(0, 2, 3)), atol=1e-6)
    assert torch.allclose(settled.running_var, given.var(dim=(0, 2, 3)), rtol=1e-5)
    assert settled.momentum == 0.1
    # By its running statistics an image's logits are its own; by the batch's they are not.
    alone, trained = modes.as_evaluated(network), modes.as_trained(network)
    assert torch.allclose(alone(images)[:1], alone(images[:1]), atol=1e-5)
    assert not torch.allclose(trained(images)[:1], trained(images[:1]), atol=1e-2)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_evaluate_is_the_mean_over_all_images() -> None:
    logits = torch.tensor([[0.0, 0.0], [0.0, 100.0]]).repeat(300, 1)
    labels = torch.tensor([0, 0]).repeat(300)
    loss, error = modes.evaluate(nn.Identity(), logits, labels)
    assert error == 50
    assert loss == pytest.approx((math.log(2) + 100) / 2)
