"""What was trained, in the line above a picture: the data, the size, the length, the recipe, the seeds."""

import pandas as pd

from degradation.analysis.differences import growth, trained
from degradation.analysis.series import NETWORK, complete, config_value, pixels
from degradation.config.images import CIFAR10_IMAGES
from degradation.reports.phrases import of_seeds, points
from degradation.runs.label import label

DATA = {"cifar10": "CIFAR-10", "shapes": "drawn shapes", "folder": "a folder of images"}
MOST_SIZES = 2  # of more, none is named
MOST_LINES = 3


def caption(runs: pd.DataFrame) -> str:
    """Such as "shapes, 16 px, width 8, 1,240 steps of 64, learning rate 0.05 (64 steps at 0.005), 8 seeds".

    Only what all complete runs share is said; of pixels and seeds also the two sizes or the range.

    Args:
        runs: the checked runs.

    Returns:
        The line; empty where no run is complete.
    """
    done = complete(runs)
    if done.empty:
        return ""
    name = _shared(done, "data.name")
    steps, batch = _shared(done, "train.steps"), _shared(done, "train.batch_size")
    width, rate = _shared(done, "model.width"), _shared(done, "optimizer.lr")
    parts = [
        DATA.get(str(name), ""),
        _images(done, name),
        _pixels(done),
        f"width {width}" if width is not None else "",
        f"{steps:,} steps of {batch}" if steps is not None and batch is not None else "",
        f"learning rate {rate}{_warmup(done)}" if rate is not None else "",
        _seeds(done),
    ]
    return ", ".join(part for part in parts if part)


def growths(runs: pd.DataFrame) -> str:
    """A line a family: by how much the clean training error grows from the shallowest to the deepest, with
    interval and count.

    Empty where there are too few seeds for an interval, or more families than lines above a picture.
    """
    grown = trained(growth(runs))
    grown = grown[grown["low"].notna()]
    if len(grown) > MOST_LINES:
        return ""
    return "\n".join(
        f"{label(row['family'], row['variant'])}: training error {points(row, ' points')}"
        for _, row in grown.iterrows()
    )


def _values(done: pd.DataFrame, key: str) -> set[object]:
    return {config_value(str(cell)) for cell in done.get(f"config.{key}", pd.Series([""]))}


def _shared(done: pd.DataFrame, key: str) -> object:
    """The value of a config key that all have; None where they differ or none has it."""
    values = _values(done, key)
    return values.pop() if len(values) == 1 else None


def _images(done: pd.DataFrame, name: object) -> str:
    whole = CIFAR10_IMAGES if name == "cifar10" else _shared(done, "data.count")
    if len(_values(done, "data.subset")) > 1:
        return ""
    subset = _shared(done, "data.subset")
    if subset is None or subset == whole:
        return f"{whole:,} training images" if whole is not None else ""
    return f"{subset:,} of {whole:,} training images" if whole is not None else f"{subset:,} training images"


def _pixels(done: pd.DataFrame) -> str:
    sizes = {pixels(run) for run in done.to_dict("records")}
    if None in sizes or len(sizes) > MOST_SIZES:
        return ""
    return f"{' or '.join(map(str, sorted(sizes)))} px"


def _warmup(done: pd.DataFrame) -> str:
    """In brackets the lower rate that all begin with, and how long."""
    rate, steps, error = (_shared(done, f"schedule.warmup.{key}") for key in ("lr", "steps", "until_error"))
    if rate is None or (steps is None) == (error is None):
        return ""
    return f" ({steps:,} steps at {rate})" if error is None else f" ({rate} until {error:g}% error)"


def _seeds(done: pd.DataFrame) -> str:
    counts = done.groupby(NETWORK).size()
    least, most = counts.min(), counts.max()
    return f"{'' if least == most else f'{least} to '}{of_seeds(most)}"
