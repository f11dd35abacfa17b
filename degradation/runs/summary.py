"""The few numbers a network that a report on why keeps (`summary.csv`), as other pages read them."""

from pathlib import Path

import pandas as pd

from degradation.errors import BadRequest

SUMMARY, NETWORKS_CSV = "summary.csv", "networks.csv"  # the second: a row a run, all that it recorded
MAY_BE_EMPTY = ("state", "variant", "other")  # its columns of text that may be


def read_table(path: Path, text: tuple[str, ...] = MAY_BE_EMPTY) -> pd.DataFrame:
    """A committed table; what may be empty of text is the empty string, not NaN.

    Raises:
        BadRequest: it can't be read.
    """
    try:
        return pd.read_csv(path, dtype=dict.fromkeys(text, "str")).fillna(dict.fromkeys(text, ""))
    except (ValueError, OSError) as error:
        raise BadRequest(f"{path}: damaged ({error})") from None
