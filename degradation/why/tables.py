"""A report's tables as text, and back."""

import io

import pandas as pd

from degradation.why.inside.lesions import TYPES


def text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


def rounded(table: pd.DataFrame) -> str:
    """Without the last digits, which another CPU computes otherwise from the same tables."""
    return table.to_csv(index=False, lineterminator="\n", float_format="%.10g")


def networks(text: str) -> pd.DataFrame:
    """networks.csv: all that runs recorded, as text but for what orders them."""
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    return table.astype({"depth": "int64", "seed": "int64"})


def measured(text: str) -> pd.DataFrame:
    """The table of an analysis."""
    header = text.partition("\n")[0].split(",")
    kinds = {
        column: kind
        for column, kind in {**TYPES, "variant": "str", "column": "str"}.items()
        if column in header
    }
    return pd.read_csv(io.StringIO(text), dtype=kinds).fillna({"variant": ""})
