"""The numbers, as in `quantities.py`, of the analyses that train further (no torch)."""

import numpy as np
import pandas as pd

from degradation.runs.label import short
from degradation.why.numbers.quantities import FIRST, INITIAL, WORSE, each, first_quarter

# Where a run around a witness starts: the second is the shallow network itself, trained on.
SHALLOW, AGAIN, WITNESS, NOISE, FRESH = "shallow", "again", "witness", "noise", "fresh"
RUN, LINE, LAYER = "run", "line", "layer"
AS_IT_IS, SHORTENED = "as it is", "shortened"  # where a run starts from a network's end
HIGHEST = "highest running training error on the way from the witness (%)"
AT_WITNESS = "error of the witness minus the shallow network's (points)"
AFTER_BEYOND = "training error after SGD from the witness, minus the shallow network's (points)"
AGAIN_BEYOND = (
    "training error after SGD from the witness, minus after as much from the shallow network (points)"
)
FRESH_BEYOND = "training error after SGD from a fresh start, minus that from the witness (points)"
LENGTH, STEP = f"length over that at the start{FIRST}", f"step over length{FIRST}"
SHORTER = "training error, shortened minus as it is (points)"
POINT = 1.0  # of training error, by which a run may end above the shallow network's and be as good


def witness(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the witness is as good as what it is made of, and what SGD does from there."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        runs, line = own[own["kind"] == RUN], own[(own["kind"] == LINE) & (own["start"] == FRESH)]
        starts, ends = (runs[runs["when"] == when].set_index("start") for when in ("start", "end"))
        near = ends[ends.index.isin([WITNESS, NOISE])]
        worse = near["train_error"] > ends.loc[SHALLOW, "train_error"] + POINT
        beyond = line["error"].max() - line.loc[line["at"].isin([0, 1]), "error"].max()
        highest = "highest error on the line from the witness to the fresh run"
        by_size = {
            f"training error after SGD from noise of {size:g} filter norm{'s' * (size != 1)} (%)": error
            for size, error in zip(near["size"], near["train_error"], strict=True)
            if size
        }
        on = ends["train_error"].get(AGAIN)  # reports of before have none
        control = {} if on is None else {AGAIN_BEYOND: near.loc[WITNESS, "train_error"] - on}
        return {
            AT_WITNESS: starts.loc[WITNESS, "error"] - ends.loc[SHALLOW, "error"],
            HIGHEST: near.loc[WITNESS, "highest"],
            "training error after SGD from the witness (%)": near.loc[WITNESS, "train_error"],
            **by_size,
            "training error after SGD from a fresh start (%)": ends.loc[FRESH, "train_error"],
            AFTER_BEYOND: near.loc[WITNESS, "train_error"] - ends.loc[SHALLOW, "train_error"],
            **control,
            FRESH_BEYOND: ends.loc[FRESH, "train_error"] - near.loc[WITNESS, "train_error"],
            f"{WORSE}, of {len(near)} a seed that start at the witness or near (%)": 100 * worse.mean(),
            f"{highest} (%)": line["error"].max(),
            f"{highest}, beyond the worse end (points)": beyond,
        }

    return each(table, of)


def around(table: pd.DataFrame) -> pd.DataFrame:
    """How far above the shallow network runs end that begin at its witness, near it, or afresh. All changes
    of a network are numbers of it as it is."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for change, rows in own[own["when"] == "end"].groupby("change", sort=False):
            error = rows.set_index("start")["train_error"]
            near = rows[rows["start"].isin([WITNESS, NOISE])]
            sizes = dict(zip(near["size"], near["train_error"], strict=True))
            with_it = str(change)
            found |= {from_around(size, with_it): end - error[SHALLOW] for size, end in sorted(sizes.items())}
            found |= {
                from_fresh(with_it): error[FRESH] - error[SHALLOW],
                fresh_beyond(with_it): error[FRESH] - error[WITNESS],
                beyond_again(with_it): error[WITNESS] - error[AGAIN],
                farther(with_it): sizes[max(sizes)] - error[WITNESS],
            }
        return found

    return each(table.assign(change=table["variant"].map(short), variant=""), of)


def from_around(size: float, change: str = "") -> str:
    place = f"noise of {size:g} filter norm{'s' * (size != 1)} around it" if size else "the witness"
    return f"training error{_with(change)} from {place}, minus the shallow network's (points)"


def from_fresh(change: str = "") -> str:
    return f"training error{_with(change)} from a fresh start, minus the shallow network's (points)"


def fresh_beyond(change: str = "") -> str:
    return f"training error{_with(change)} from a fresh start, minus from the witness (points)"


def beyond_again(change: str = "") -> str:
    again = "after as much from the shallow network"
    return f"training error{_with(change)} from the witness, minus {again} (points)"


def farther(change: str = "") -> str:
    return f"training error{_with(change)} from the most noise, minus from the witness (points)"


def _with(change: str) -> str:
    return f" with {change}," if change else ""


def lengths(table: pd.DataFrame) -> pd.DataFrame:
    """How much longer the first layers' weights have become, how little a step turns them, and what giving
    them back their length does."""
    layers, runs = table[table["kind"] == LAYER], table[table["kind"] == RUN]

    def of_layers(own: pd.DataFrame) -> dict[str, float]:
        first = first_quarter(own)
        with np.errstate(divide="ignore"):
            length, step = np.log10(first["grown"]).mean(), np.log10(first["step"]).mean()
        grown = {} if (own["state"] == INITIAL).all() else {LENGTH: length}
        return {**grown, STEP: step}

    def of_runs(own: pd.DataFrame) -> dict[str, float]:
        ends = own.set_index("start")["train_error"]
        return {
            "training error, trained on as it is (%)": ends[AS_IT_IS],
            "training error, trained on from shortened weights (%)": ends[SHORTENED],
            SHORTER: ends[SHORTENED] - ends[AS_IT_IS],
        }

    tables = [each(layers, of_layers), each(runs.drop(columns="state"), of_runs)]
    return pd.concat([one for one in tables if len(one)], ignore_index=True)
