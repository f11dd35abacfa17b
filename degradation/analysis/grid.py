"""Networks trained at several values of one setting, such as the learning rate."""

import math

import pandas as pd

from degradation.analysis.series import complete, config_value, ordered

LEAST = 3  # values, from which a setting is worth an axis of its own
COLUMNS = ["family", "depth", "key", "value", "own", "runs"]
MEASURES = ("train_error", "test_error")
NUMBERS = [f"{measure}{end}" for measure in MEASURES for end in ("_mean", "_std", "_low", "_high")]


def grid(runs: pd.DataFrame) -> pd.DataFrame | None:
    """The errors at the end by network and value, where variants differ in one numeric setting alone.

    Args:
        runs: the checked runs; variants as they were recorded.

    Returns:
        A row per family, depth and value with complete runs: key (the setting, the same in all rows), value,
        own (whether it is the experiment's own: no variant names it), runs, and of the training and the test
        error `_mean`, `_std` (NaN with one run), `_low` and `_high` (of the runs), percent. None where
        variants differ in no setting, in several, in one without numbers, or at fewer than three values.
    """
    done = complete(runs)
    named = [_named(variant) for variant in done["variant"]]
    keys = {key for one in named for key in one if any(other.get(key) != one[key] for other in named)}
    if len(keys) != 1:
        return None
    (key,) = keys
    values = [_number(str(cell)) for cell in done.get(f"config.{key}", pd.Series(dtype=str))]
    if len({value for value in values if not math.isnan(value)}) < LEAST or any(map(math.isnan, values)):
        return None
    done = done.assign(key=key, value=values, own=[key not in one for one in named])
    rows = []
    for (family, depth, value), group in done.groupby(["family", "depth", "value"]):
        row = {"family": family, "depth": depth, "key": key, "value": value, "runs": len(group)}
        row["own"] = bool(group["own"].any())
        for measure in MEASURES:
            errors = group[measure]
            spread = errors.std(ddof=1, skipna=False) if len(group) > 1 else math.nan
            ends = (errors.mean(skipna=False), spread, errors.min(skipna=False), errors.max(skipna=False))
            row |= dict(
                zip([f"{measure}{end}" for end in ("_mean", "_std", "_low", "_high")], ends, strict=True)
            )
        rows.append(row)
    return ordered(pd.DataFrame(rows, columns=[*COLUMNS, *NUMBERS]))


def named(runs: pd.DataFrame, found: pd.DataFrame | None) -> pd.DataFrame:
    """The runs with the experiment's own value of the setting in their variant too, as others have theirs.

    Args:
        found: what `grid` makes of them; None: they stay as they are.
    """
    if found is None:
        return runs
    key = found["key"].iloc[0]
    own = [
        variant if key in _named(variant) else ",".join(filter(None, (variant, f"{key}={cell}")))
        for variant, cell in zip(runs["variant"], runs[f"config.{key}"], strict=True)
    ]
    return runs.assign(variant=pd.Series(own, index=runs.index, dtype="str"))


def _named(variant: str) -> dict[str, str]:
    """The settings that a variant names."""
    pairs = (part.partition("=") for part in str(variant).split(",") if "=" in part)
    return {key: value for key, _, value in pairs}


def _number(cell: str) -> float:
    value = config_value(cell)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
