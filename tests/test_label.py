"""What networks are called in words and pictures."""

import dataclasses

import pytest

from degradation.config.settings import Model, Optimizer, Schedule, Train
from degradation.runs import schema
from degradation.runs.label import label, short


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("", ""),
        ("model.shortcut=B", "shortcut=B"),
        ("optimizer.lr=0.1,schedule.warmup.lr=0.01", "lr=0.1, warmup.lr=0.01"),
        ("data.size=64,model.blocks_per_stage=[2,2,2,2]", "data.size=64, blocks_per_stage=[2,2,2,2]"),
        ("optimizer.adam=0.999,optimizer.lr=0.001", "Adam, lr=0.001"),
        ("optimizer.adam=0.9991", "adam=0.9991"),
        ("start_sha256=0a1b", "start_sha256=0a1b"),
        ("runs/one", "runs/one"),  # of two reports that are compared: a name
    ],
)
def test_a_variant_without_the_groups_of_its_keys(variant: str, said: str) -> None:
    assert short(variant) == said


def test_a_network_and_a_line_of_them() -> None:
    assert label("plain", "", 56) == "plain-56"
    assert label("plain", "") == "plain"
    assert label("residual", "model.shortcut=B", 56) == "residual-56 (shortcut=B)"


def test_no_two_keys_that_a_name_can_hold_are_called_the_same() -> None:
    groups = {"model": Model, "optimizer": Optimizer, "schedule": Schedule, "train": Train}
    keys = [f"{group}.{one.name}=1" for group, kind in groups.items() for one in dataclasses.fields(kind)]
    keys = [key for key in keys if key[:-2] not in schema.PLACE_AND_COST]
    assert len(keys) > 30
    assert len({short(key) for key in keys}) == len(keys)
