"""The experiment as published: He et al. 2015, arXiv:1512.03385, section 4.2, Fig. 6 and Table 6."""

from typing import Any

# Config keys and the values that the paper's protocol gives them.
PROTOCOL: dict[str, Any] = {
    "data.name": "cifar10",
    "data.verify": True,
    "data.subset": None,
    "data.test_subset": None,
    "data.mean": None,  # the mean image of the training images
    "data.std": None,
    "model.width": 16,
    "train.steps": 64_000,
    "train.batch_size": 128,
    "train.precision": "float32",
    "optimizer.lr": 0.1,
    "optimizer.momentum": 0.9,
    "optimizer.weight_decay": 1e-4,
    "optimizer.adam": None,
    "schedule.milestones": [32_000, 48_000],
    "schedule.gamma": 0.1,
    "schedule.warmup.lr": None,
    "schedule.warmup.steps": None,
    "schedule.warmup.until_error": None,
}
# What it gives some families or depths instead.
SHORTCUT = {"plain": "none", "residual": "A"}
RESNET_110 = {"schedule.warmup.lr": 0.01, "schedule.warmup.until_error": 80.0}


def protocol(family: str, depth: int) -> dict[str, Any]:
    """The paper's config values for one network, as dotted keys (values that it does not give are absent)."""
    values = dict(PROTOCOL)
    if family in SHORTCUT:
        values["model.shortcut"] = SHORTCUT[family]
    if (family, depth) == ("residual", 110):
        values.update(RESNET_110)
    return values


# Test error in percent. Residual: Table 6, printed. Plain: read off Fig. 6, so good to some tenths.
TEST_ERROR: dict[tuple[str, int], float] = {
    ("residual", 20): 8.75,
    ("residual", 32): 7.51,
    ("residual", 44): 7.17,
    ("residual", 56): 6.97,
    ("residual", 110): 6.43,
    ("residual", 1202): 7.93,
    ("plain", 20): 9.6,
    ("plain", 32): 10.1,
    ("plain", 44): 11.4,
    ("plain", 56): 13.3,
}
READ_OFF_A_FIGURE = frozenset(key for key in TEST_ERROR if key[0] == "plain")

# Running training error in percent (augmented batches), read off Fig. 6: lowest and highest reading.
TRAIN_ERROR_RUNNING: dict[tuple[str, int], tuple[float, float]] = {
    ("plain", 20): (1.1, 1.6),
    ("plain", 32): (1.1, 1.8),
    ("plain", 44): (1.9, 3.2),
    ("plain", 56): (5.1, 6.1),
}

# The depths of what the literature asserts of plain networks' training error: err(56) > err(44) >
# max(err(20), err(32)). plain-20 and plain-32 tie within noise.
ORDERED_DEPTHS = (20, 32, 44, 56)
