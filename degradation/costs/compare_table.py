"""What the networks of the comparison cost, with errors where runs exist."""

import math
from collections.abc import Collection, Mapping

import pandas as pd

from degradation.analysis import table
from degradation.analysis.series import complete, config_value, pixels, plain_twin

CELLS = ("forward_one", "training_one", "forward_batch", "training_batch")
POINT_COLUMNS = ["experiment", "family", "variant", "depth", "pair", "plain", "parameters", "multiply_adds"]
BATCH = "config.train.batch_size"
ERRORS = ["train_error", "test_error"]
COLUMNS = [*ERRORS, "experiment", "runs"]  # what `with_errors` adds
MEASURED = ("", "_peak", "_joules", "_why")  # of a cell in a round
DRAWING = ("config.model.survival", "config.model.drop_path")  # of networks that leave parts out by chance


def costs(
    counts: pd.DataFrame, rounds: pd.DataFrame, experiments: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The whole table: a row a network, with `over_rounds` and `with_errors` behind its counts.

    Args:
        counts, rounds: see `compare.Compared`.
        experiments: see `with_errors`.
    """
    drawing = counts.reindex(columns=list(DRAWING)).notna().any(axis=1)
    measured = over_rounds(rounds, list(counts["network"][drawing]))
    return with_errors(counts.merge(measured, on="network", how="left"), experiments)


def over_rounds(rounds: pd.DataFrame, drawing: Collection[str] = ()) -> pd.DataFrame:
    """A row a network, what it took in all rounds.

    Args:
        rounds: see `compare.Compared`.
        drawing: networks that compute another part of themselves in each call of training.

    Returns:
        `network`, and of each cell of `CELLS`: its seconds in the fastest of `<cell>_rounds` (what else the
        machine does only adds to a time; of a batch's training of those that draw, the mean),
        `<cell>_slowest` (seconds), `<cell>_peak` (bytes, the largest) and `<cell>_joules` (of an image, the
        least); NaN where none measured it, for the reason of the last in `<cell>_why`.
    """
    rounds = rounds.reindex(columns=["network", *(f"{cell}{end}" for cell in CELLS for end in MEASURED)])
    groups = rounds.groupby("network", sort=False)
    found: dict[str, pd.Series] = {}
    for cell in CELLS:
        times = groups[cell]
        found |= {cell: times.min(), f"{cell}_slowest": times.max(), f"{cell}_rounds": times.count()}
        peak, joules = f"{cell}_peak", f"{cell}_joules"
        found |= {peak: groups[peak].max(), joules: groups[joules].min()}
        found[f"{cell}_why"] = groups[f"{cell}_why"].last().where(found[cell].isna())
    by_chance = found["training_batch"].index.isin(drawing)
    found["training_batch"] = found["training_batch"].mask(by_chance, groups["training_batch"].mean())
    return pd.DataFrame(found).reset_index()


def counts(costs: pd.DataFrame) -> pd.DataFrame:
    """What was counted alone, of a table to which cells and errors were joined."""
    return costs.drop(columns=[name for name in costs if name.startswith(CELLS) or name in COLUMNS])


def with_errors(costs: pd.DataFrame, experiments: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The costs, and of each network the errors of its runs.

    Args:
        costs: a row a network: `size` and the config as `config.model.*`.
        experiments: name -> checked runs. Those count that are complete, have the same keys of the model and
            were trained on CIFAR-10 or a folder of images of this size; of several experiments the one with
            the most training images seen, and of several settings in one that with the shortest variant: runs
        of other settings are no seeds of one another.

    Returns:
        The same rows with `train_error`, `test_error` (means over the seeds, percent), `experiment` and
        `runs` (how many); NaN, empty and 0 where there are none.
    """
    found = [_errors(row, experiments) for _, row in costs.iterrows()]
    return costs.reset_index(drop=True).join(pd.DataFrame(found, columns=COLUMNS))


def _errors(network: pd.Series, experiments: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    best: tuple[float, dict[str, object]] = (
        0.0,
        dict.fromkeys(ERRORS, float("nan")) | {"experiment": "", "runs": 0},
    )
    for name, runs in experiments.items():
        same = complete(runs)
        same = same[[_same(network, run) for _, run in same.iterrows()]]
        if same.empty:
            continue
        first = min(same["variant"], key=lambda variant: (len(variant), variant))
        same = same[same["variant"] == first]
        batch = pd.to_numeric(same.get(BATCH, math.nan), errors="coerce")  # NaN: an adopted network
        seen = float((same["steps"].astype(float) * batch).max())
        means = {measure: same[measure].mean(skipna=False) for measure in ERRORS}
        if seen > best[0]:
            best = (seen, means | {"experiment": name, "runs": len(same)})
    return best[1]


def _same(network: pd.Series, run: pd.Series) -> bool:
    """Whether the run trained this network on real images of this size."""
    keys = {key for key in (*network.index, *run.index) if str(key).startswith("config.model.")}
    # A column that some networks don't have holds floats: 20.0 for 20.
    ours = {key: _text(network[key]) for key in keys if key in network and pd.notna(network[key])}
    theirs = {key: _text(config_value(str(run[key]))) for key in keys if key in run and run[key] != ""}
    data = config_value(str(run.get("config.data.name", "")))
    real = data in ("cifar10", "folder")
    return bool(ours) and ours == theirs and real and pixels(run) == network["size"]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def points(experiments: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The networks of all experiments with complete runs, as points of error against operations.

    Columns: experiment, family, variant, depth, pair (the family without `plain_`; `residual` for `plain`),
    plain (whether it is the twin without shortcuts), parameters, multiply_adds, train_error, test_error
    (means over the seeds, percent).
    """
    frames = []
    for name, runs in experiments.items():
        own = table.table(runs)
        own = own.assign(
            experiment=name,
            pair=[_pair(family) for family in own["family"]],
            plain=[family == plain_twin(family) for family in own["family"]],
            **{measure: own[f"{measure}_mean"] for measure in ERRORS},
        )
        frames.append(own[[*POINT_COLUMNS, *ERRORS]])
    columns = [*POINT_COLUMNS, *ERRORS]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _pair(family: str) -> str:
    return "residual" if family == "plain" else family.removeprefix("plain_")


def fastest(costs: pd.DataFrame, names: list[str], cell: str) -> pd.DataFrame:
    """The named networks that were measured, fastest first, with `ratio` to the fastest."""
    own = costs[costs["network"].isin(names) & costs[cell].notna()].sort_values(cell, ignore_index=True)
    return own.assign(ratio=own[cell] / own[cell].min())
