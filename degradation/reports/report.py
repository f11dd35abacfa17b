"""Run folders -> reports/<experiment>/: tables, pictures, and a README.md that says what they show."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from degradation.analysis import grid, ladder, lines, pairs, series, sides, table
from degradation.errors import BadRequest
from degradation.files import check_report_folder, write_atomic
from degradation.plots import curves as curves_plot
from degradation.plots import depth as depth_plot
from degradation.plots import families as families_plot
from degradation.plots import grid as grid_plot
from degradation.plots import ladder as ladder_plot
from degradation.plots.style import files
from degradation.reports import again, caption, html_page, index, interactive, page, reproduction
from degradation.runs import store
from degradation.runs.planned import PLAN

README, TABLE_CSV = "README.md", "table.csv"


def write(paths: Sequence[Path], out: Path, beside: pd.DataFrame | None = None) -> list[Path]:
    """Write the report of every experiment found under the paths; all are made before the first is written.

    And `index.html` beside them, which lists all that are there.

    Args:
        paths: roots of runs, experiments, single runs or report folders.
        out: where the report folders go, one an experiment.
        beside: curves of somebody else, to be shown in each (`runs.reproduction`); None: those that the
            report folders hold.

    Returns:
        The report folders.

    Raises:
        BadRequest: there are no runs, a file is damaged, runs can't be compared, or `out` is not a folder.
    """
    experiments = store.load(paths)
    if beside is not None:
        experiments = [dataclasses.replace(experiment, beside=beside) for experiment in experiments]
    reports = {out / experiment.name: build(experiment) for experiment in experiments}
    for folder, contents in reports.items():
        check_report_folder(folder)
        for name in contents:
            if (folder / name).is_dir():
                raise BadRequest(f"{folder / name} is a folder: move it away, or give another --out")
    for folder, contents in reports.items():
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomic(folder / name, content)
    index.write(out)
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
    found = grid.grid(shown)
    shown = grid.named(shown, found)
    of_networks, drawn = table.table(shown), lines.lines(shown, curves)
    told, twins = pairs.pairs(shown), sides.sides(shown)
    changes = ladder.ladder(shown)
    many = len(told) >= pairs.MANY  # one picture can't hold all their lines: a panel each
    note = caption.caption(runs)
    if found is not None:  # variants are the values of one setting: it takes depth's place as the axis
        own = found[found["own"]]["value"]
        depth = grid_plot.figure(found, found["key"].iloc[0], own.iloc[0] if len(own) else None, note)
    elif changes is not None:
        depth = ladder_plot.figure(changes, ladder.TRAINS if ladder.asked(changes) else None, note)
    elif many:
        depth = families_plot.figure(of_networks, told, note)
    else:
        depth = depth_plot.figure(of_networks, "\n".join(filter(None, (note, caption.growths(shown)))))
    said = page.parts(experiment, shown, of_networks, drawn, told, common)
    pictures = {
        **files(curves_plot.figure(drawn, twins, note), "curves"),
        **files(depth, "depth"),
        **reproduction.files_of(experiment, note),
    }
    plan = {"networks": dict.fromkeys(sorted(experiment.planned))}
    return {
        TABLE_CSV: table.table(runs).to_csv(index=False, lineterminator="\n"),
        store.RUNS_CSV: runs.to_csv(index=False, lineterminator="\n"),
        # as objects, whose digits Python writes: numpy takes longer for the same ones
        store.CURVES_CSV: curves.astype(object).to_csv(index=False, lineterminator="\n"),
        **pictures,
        **({PLAN: json.dumps(plan, indent=1) + "\n"} if experiment.planned else {}),
        README: page.readme(experiment.name, said),
        html_page.INDEX: html_page.page(
            experiment.name,
            note,
            said,
            interactive.data(shown, curves, of_networks, drawn, twins, found),
            again.again(experiment.name, runs),
            again.hashes(runs),
            pictures,
        ),
    }
