"""What the benchmark's rounds say: medians and spread, and the time of the whole figure."""

import pandas as pd

ALL = "all"  # the eight networks together
PASSES = ("forward", "data", "weight")  # of a convolution: the output; the gradient by input, by weight
ALONE = {"seconds": "convolutions", **{one: f"convolutions_{one}" for one in PASSES}}
MEASURES = ("usual", "suite", "ratio", "share", *ALONE.values(), "outside")
FIGURE_STEPS, FIGURE_NETWORKS = 64_000, 8


def speed(rounds: pd.DataFrame) -> pd.DataFrame:
    """A row a network, in the order of the rounds.

    Args:
        rounds: `round`, `network`, `usual` and `suite` (images/s), `ratio`, `share`, `convolutions`
            and `convolutions_<pass>` (images/s), `outside`.

    Returns:
        `network`, and of each measure `<measure>` (the median), `<measure>_low` and `<measure>_high`.
    """
    found = []
    for network, own in rounds.groupby("network", sort=False):
        row: dict[str, object] = {"network": network}
        for measure in MEASURES:
            values = own[measure] if measure in own else pd.Series(dtype=float)
            row.update(
                {
                    measure: values.median(),
                    f"{measure}_low": values.min(),
                    f"{measure}_high": values.max(),
                }
            )
        found.append(row)
    return pd.DataFrame(found)


def figure_seconds(images_per_second: float, batch_size: int) -> float:
    """Seconds for the eight networks at 64,000 steps each, evaluation left out."""
    return FIGURE_STEPS * FIGURE_NETWORKS * batch_size / images_per_second
