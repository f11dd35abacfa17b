"""The evidence that twins are twins: the hashes of their initial values, batches and data."""

import pandas as pd

from degradation.analysis.series import config_value, with_twins
from degradation.families.catalog import FAMILIES

SAME, DIFFERS, UNKNOWN, NOT_CLAIMED = "same", "differs", "not recorded", "not claimed"
COLUMNS = ["family", "variant", "depth", "seed", "run", "twin", "kind", "init", "data", "stream"]


def pairs(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per network and its plain twin of the same depth, seed and settings, unfinished ones included.

    Columns: family, variant, depth, seed, run, twin (names of the runs), kind (`exact`, `subset`, `matched`,
    `none`), and init, data, stream: `same`, `differs`, `not recorded`, or `not claimed` (initial values of a
    matched pair). The batches are compared only where both runs stand at the same step.
    """
    rows = []
    for _, pair in with_twins(runs).iterrows():
        kind = _kind(pair)
        init = {"exact": "init_sha256", "subset": "init_shared_sha256"}.get(kind)
        same_step = (
            pd.notna(pair["step"]) and pd.notna(pair["step_twin"]) and pair["step"] == pair["step_twin"]
        )
        rows.append(
            {
                **{key: pair[key] for key in ("family", "variant", "depth", "seed", "run")},
                "twin": pair["run_twin"],
                "kind": kind,
                "init": _compare(pair, init) if init else NOT_CLAIMED,
                "data": _compare(pair, "data_sha256"),
                "stream": _compare(pair, "stream_sha256") if same_step else UNKNOWN,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _kind(pair: pd.Series) -> str:
    shortcut = config_value(str(pair.get("config.model.shortcut", "")))
    return FAMILIES[str(pair["family"])].kind(str(shortcut))


def _compare(pair: pd.Series, column: str) -> str:
    ours, theirs = pair[column], pair[f"{column}_twin"]
    if not ours or not theirs:
        return UNKNOWN
    return SAME if ours == theirs else DIFFERS
