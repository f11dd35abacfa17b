"""Config keys and names: what is refused, and what a run is called."""

import re
from itertools import chain
from typing import Any

import hydra
import pytest
import yaml
from conftest import ROOT, Make
from hydra.core.global_hydra import GlobalHydra

from degradation import protocol
from degradation.cli.compose import Requests, arrange, compose
from degradation.config import request
from degradation.config.checks import all_keys
from degradation.config.settings import Settings
from degradation.errors import BadRequest
from degradation.families.catalog import OWN_KEYS
from degradation.files import CONF
from degradation.runs import schema

WRONG: list[tuple[str, Any, str]] = [
    ("model.depth", 21, "6n+2 layers, the nearest: 20 and 26"),
    ("model.depth", 20.0, "a whole number"),
    ("model.depth", True, "a whole number"),
    ("model.family", "dense", "not one of plain, residual"),
    ("model.shortcut", "D", "take A or B or C"),
    ("model.width", 0, "at least 1"),
    ("data.name", "mnist", "one of cifar10, shapes"),
    ("data.subset", 101, "from 1 to 100"),
    ("data.test_subset", 0, "from 1 to 50"),
    ("data.size", 7, "from 8 to 256"),
    ("data.root", "x", "data=shapes does not take this key"),
    ("train.steps", 0, "at least 1"),
    ("train.steps", "many", "a whole number"),
    ("train.batch_size", -1, "at least 1"),
    ("train.evaluate_every", 0, "at least 1"),
    ("train.max_minutes", -1, "above 0"),
    ("train.precision", "float16", "one of float32, bf16"),
    ("train.engine", "warp", "one of plain, fast"),
    ("optimizer.lr", float("nan"), "a finite number above 0"),
    ("optimizer.lr", float("inf"), "a finite number above 0"),
    ("optimizer.momentum", 1.5, "from 0 to 1"),
    ("optimizer.adam", 1.0, "at least 0, and below 1"),
    ("schedule.milestones", 0.5, "a list"),
    ("schedule.milestones", [-1], "above 0"),
    ("schedule.milestones", [1.5], "a whole step, or a fraction below 1"),
    ("schedule.gamma", 0, "above 0"),
    ("schedule.warmup.steps", 5, "needs its learning rate"),
    ("schedule.warmup.lr", 0.01, "just one of the two"),
    ("seed", -1, "from 0 to"),
    ("experiment_name", "../up", "one folder's name"),
    ("experiment_name", ".hidden", "one folder's name"),
    ("trainer.accelerator", "tpu", "one of auto, cpu, gpu, cuda, mps"),
    ("trainer.devices", 3, "a train.batch_size that it divides"),
    ("train.stpes", 5, "no such key"),
]


@pytest.mark.parametrize(("key", "value", "right"), WRONG)
def test_wrong_values(make: Make, key: str, value: Any, right: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(key) + ".*" + re.escape(right)) as caught:
        make(**{key: value})
    assert "\n" not in str(caught.value)


def test_adam_is_no_part_of_the_fast_engine(make: Make) -> None:
    with pytest.raises(BadRequest, match=r"optimizer.adam=0.999: only with train.engine=plain"):
        make(**{"optimizer.adam": 0.999, "train.engine": "fast"})
    assert "adam" not in make().to_mapping()["optimizer"]  # runs of before it go on


def default_config() -> dict[str, Any]:
    tree = yaml.safe_load((ROOT / "conf/train.yaml").read_text())
    del tree["defaults"], tree["hydra"]
    tree["model"] = yaml.safe_load((ROOT / "conf/model/residual.yaml").read_text())
    tree["data"] = yaml.safe_load((ROOT / "conf/data/cifar10.yaml").read_text())
    return {**tree, "experiment_name": "cifar10"}


def test_the_default_is_the_papers_protocol() -> None:
    values = schema.flatten(request.from_mapping(default_config()).to_mapping())
    wanted = {**protocol.protocol("residual", 20), "train.precision": None}  # chosen at the start
    assert {key: values.get(key) for key in wanted} == wanted  # keys of null may be left out


def test_plain_and_residual_configs_differ_in_one_line() -> None:
    plain, residual = (
        (ROOT / f"conf/model/{name}.yaml").read_text().splitlines() for name in ("plain", "residual")
    )
    assert [pair for pair in zip(plain, residual, strict=True) if pair[0] != pair[1]] == [
        ("family: plain", "family: residual")
    ]


def test_every_default_key_is_a_setting() -> None:
    given = set(schema.flatten(default_config()))
    own = {f"model.{key}" for key in (*OWN_KEYS, "weights", "weights_sha256")}
    own |= {"logger.name", "logger.project", "logger.offline", "logger.uri"}
    assert given | {"data.size", "data.count", "data.test_count", "start_sha256"} | own == set(
        all_keys(Settings)
    )
    assert set(all_keys(Settings)) >= schema.PLACE_AND_COST


def with_values(tree: dict[str, Any], **values: Any) -> dict[str, Any]:
    tree = {key: dict(value) if isinstance(value, dict) else value for key, value in tree.items()}
    for key, value in values.items():
        group, last = key.split(".")
        tree[group][last] = value
    return tree


def test_names() -> None:
    chosen = default_config()
    same = request.from_mapping(chosen, chosen)
    assert (same.name, same.variant) == ("residual-20-seed0", "")
    own = request.from_mapping(with_values(chosen, **{"model.shortcut": "A"}), chosen)
    assert own.name == "residual-20-seed0"  # the family's own, said aloud
    deep = with_values(chosen, **{"model.depth": 56, "model.shortcut": "B", "optimizer.lr": 0.05})
    other = request.from_mapping({**deep, "seed": 3}, chosen)
    assert other.name == "residual-56-model.shortcut=B-optimizer.lr=0.05-seed3"
    assert other.variant == "model.shortcut=B,optimizer.lr=0.05"
    place = request.from_mapping(with_values({**chosen, "runs": "x"}, **{"data.root": "y"}), chosen)
    assert place.name == "residual-20-seed0"
    from_config = request.from_mapping(other.to_mapping(), other.to_mapping())  # as config.yaml holds it
    assert from_config == other
    again = request.from_mapping(with_values(other.to_mapping(), **{"optimizer.lr": 0.2}), other.to_mapping())
    assert again.name == "residual-56-model.shortcut=B-optimizer.lr=0.2-seed3"


def test_long_names_end_in_a_digest() -> None:
    chosen = default_config()
    keys = {"optimizer.lr": 0.123456789, "optimizer.weight_decay": 0.000123456, "schedule.gamma": 0.123456789}
    keys |= {"train.steps": 123456, "train.batch_size": 12345, "train.evaluate_every": 54321}
    one = request.from_mapping(with_values(chosen, **keys), chosen)
    two = request.from_mapping(with_values(chosen, **{**keys, "train.steps": 123457}), chosen)
    assert len(one.name) == len(two.name) == 120
    assert one.name != two.name
    assert re.fullmatch(r"residual-20-optimizer\.lr=0\.123456789-.*-[0-9a-f]{8}-seed0", one.name)


def test_what_a_name_is_compared_with_has_one_order() -> None:
    """config.yaml holds it: the same request, the same bytes."""
    (one,) = compose([["data=shapes", "train.steps=5", "optimizer.lr=0.2", "optimizer.momentum=0.5"]])
    assert len(one.base) > 3
    assert list(one.base) == sorted(one.base)


JOBS = [
    ["experiment=shapes", "model=plain", "model.depth=20", "seed=1"],
    ["experiment=shapes", "model=plain", "model.depth=56", "seed=2", "optimizer.lr=0.3"],
    ["experiment=shapes", "model=residual", "model.shortcut=C", "schedule.milestones=[0.1,0.2]"],
    ["experiment=shapes_lr", "model=residual", "+model.skip_scale=0.5", "train.threads=null"],
    ["model=wide", "data=shapes", "data.size=32", "model.depth=16", "model.widen=2", "runs=elsewhere"],
    ["model=wide", "data=shapes", "data.size=32", "model.depth=22", "model.widen=4", "++seed=7"],
]


def test_a_sweep_composes_what_each_job_alone_would() -> None:
    """It composes the same choice of files once, and sets the values after that."""
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        requests = Requests("train", GlobalHydra.instance().config_loader())
        alone = [requests.make(hydra.compose("train", job), job) for job in JOBS]
    together = compose(JOBS)
    assert [one.to_mapping() for one in together] == [one.to_mapping() for one in alone]
    assert [one.base for one in together] == [one.base for one in alone]
    assert len({one.folder for one in chain(together, alone)}) == len(JOBS)


def test_keys_of_swept_networks_are_sweeps_of_one_value_but_null() -> None:
    """Hydra makes no sweep of null alone, and refuses `choice(null)` in words of its own."""
    words = ["model=plain,vgg", "model.widen=2", "model.width=null", "seed=0", "-m"]
    assert arrange(words) == ["-m", words[0], "model.widen=choice(2)", *words[2:4]]
    assert arrange(words[1:]) == ["-m", *words[1:4]]
