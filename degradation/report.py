"""Run folders -> reports/<experiment>/: tables, pictures, and a README.md that says what they show."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from degradation import store
from degradation.analysis import lines, page, pairs, series, table
from degradation.errors import BadRequest
from degradation.files import write_atomic
from degradation.plots import curves as curves_plot
from degradation.plots import depth as depth_plot
from degradation.plots import families as families_plot
from degradation.plots.style import files

README, TABLE_CSV = "README.md", "table.csv"


def write(paths: Sequence[Path], out: Path) -> list[Path]:
    """Write the report of every experiment found under the paths; all are made before the first is written.

    Args:
        paths: roots of runs, experiments, single runs or report folders.
        out: where the report folders go, one an experiment.

    Returns:
        The report folders.

    Raises:
        BadRequest: there are no runs, a file is damaged, runs can't be compared, or `out` is not a folder.
    """
    reports = {out / experiment.name: build(experiment) for experiment in store.load(paths)}
    for folder, contents in reports.items():
        if any(path.exists() and not path.is_dir() for path in (folder, *folder.parents)):
            raise BadRequest(f"{folder} can't be a folder: a file is in the way; give another --out")
        for name in contents:
            if (folder / name).is_dir():
                raise BadRequest(f"{folder / name} is a folder: move it away, or give another --out")
    for folder, contents in reports.items():
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomic(folder / name, content)
    return list(reports)


def build(experiment: store.Experiment) -> dict[str, bytes | str]:
    """The contents of a report by file name: the same, byte for byte, for the same runs.

    Raises:
        BadRequest: runs of different data, length or precision would be averaged or compared.
    """
    runs, curves = experiment.runs, experiment.curves
    series.check_comparable(runs)
    # What all runs have in common is said once, not in every label.
    common = runs["variant"].iloc[0] if runs["variant"].nunique() == 1 else ""
    shown = runs.assign(variant="") if common else runs
    of_networks, drawn = table.table(shown), lines.lines(shown, curves)
    return {
        TABLE_CSV: table.table(runs).to_csv(index=False, lineterminator="\n"),
        store.RUNS_CSV: runs.to_csv(index=False, lineterminator="\n"),
        store.CURVES_CSV: curves.to_csv(index=False, lineterminator="\n"),
        **files(curves_plot.figure(drawn), "curves"),
        **files(_depth(shown, of_networks), "depth"),
        README: page.page(experiment.name, shown, of_networks, drawn, common),
    }


def _depth(runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Error against depth: all lines in one picture, or of many families a panel each."""
    told = pairs.pairs(runs, table)
    return depth_plot.figure(table) if len(told) < pairs.MANY else families_plot.figure(table, told)
