"""One CSV of curves that somebody else measured, of any networks: the same tables as of our own runs."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from degradation.errors import BadRequest
from degradation.runs.cells import Cells
from degradation.runs.read import Found, check_curves, to_curves
from degradation.runs.schema import COMPLETE, CURVE_COLUMNS, FINAL_COLUMNS, RUN_COLUMNS

NEEDED = ("network", "step")
MEASURED = ("train_error", "train_error_running", "test_error")  # percent
COLUMNS = (*NEEDED, "seed", *(column for column in CURVE_COLUMNS if column != "step"))
NETWORK = re.compile(r"([a-z][a-z0-9_]*)-([1-9]\d{0,3})")


def read(path: Path) -> list[Found]:
    """The runs of a CSV: a row an evaluation, of the networks one after the other.

    Its columns are `network` (`plain-20`), `step` (updates done), errors in percent (`train_error` on all
    training images, `train_error_running`, `test_error`; one of them at least) and, where it has several runs
    of a network, `seed`. Other columns of curves.csv may be there.

    Raises:
        BadRequest: it isn't of this form; says where.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise BadRequest(
            f"{path}: not a CSV file that can be read ({' '.join(str(error).split())})"
        ) from None
    unknown = [column for column in table if column not in COLUMNS]
    missing = [column for column in NEEDED if column not in table]
    if missing or unknown:
        what = f"no column {missing[0]}" if missing else f"column {unknown[0]} isn't known"
        raise BadRequest(f"{path}: {what}; there are {', '.join(COLUMNS)}")
    if table.empty or not any(column in table for column in MEASURED):
        raise BadRequest(f"{path}: no rows, or none of the columns {', '.join(MEASURED)}")
    return list(_runs(table, path))


def _runs(table: pd.DataFrame, path: Path) -> Iterator[Found]:
    seeds = table["seed"] if "seed" in table else pd.Series("", index=table.index)
    if seeds.eq("").any() and seeds.ne("").any():
        raise BadRequest(f"{path}: row {seeds.eq('').argmax() + 2}: no seed, though other rows have one")
    whole = table.reindex(columns=CURVE_COLUMNS, fill_value="")
    curves = to_curves(whole.to_numpy().tolist(), path)
    for (network, seed), rows in table.groupby([table["network"], seeds], sort=False):
        name = NETWORK.fullmatch(network)
        if name is None or (seed and not seed.isdecimal()):
            wrong = (
                f"network {network!r}: one such as plain-20" if name is None else f"seed {seed!r}: a number"
            )
            raise BadRequest(f"{path}: row {rows.index[0] + 2}: {wrong}")
        own = curves.loc[rows.index].reset_index(drop=True)
        last = own.iloc[-1]
        cells: Cells = dict.fromkeys(RUN_COLUMNS, "")
        cells |= {column: _cell(last[column]) for column in FINAL_COLUMNS}
        cells |= {"step": str(int(last["step"])), "steps": str(int(last["step"])), "status": COMPLETE}
        cells |= {"family": name[1], "depth": name[2], "seed": seed, "experiment_name": path.stem}
        cells |= {"run": f"{network}-seed{seed}" if seed else network}
        check_curves(own, cells, path)
        yield Found(path, False, cells, own)


def _cell(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))
