"""A report's tables as text, and back; and those that a command had measured when it was stopped."""

import io
import shutil
from pathlib import Path

import pandas as pd

from degradation.files import sha256, write_atomic
from degradation.why.lesions import TYPES

MEASURING = "measuring"  # the folder of what isn't finished


def text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


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


class Kept:
    """The tables of a command that measures for hours: the same command, given again, goes on from them."""

    def __init__(self, report: Path, *asked: str):
        """
        Args:
            report: the folder that they become a part of when all are measured.
            asked: what has to be the same: runs, settings, code.
        """
        self.folder = report / MEASURING
        self.digest = sha256(*(part.encode() for part in asked))[:12]

    def table(self, name: str) -> pd.DataFrame | None:
        path = self._path(name)
        return measured(path.read_text()) if path.exists() else None

    def keep(self, name: str, table: pd.DataFrame) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._path(name), text(table))

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}-{self.digest}.csv"
