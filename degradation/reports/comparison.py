"""Two sets of runs -> `reports/<first>_vs_<second>/`: the same networks, differences paired by seed."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from degradation.analysis import compare, lines, series, table
from degradation.errors import BadRequest
from degradation.files import check_report_folder, write_atomic
from degradation.plots import curves as curves_plot
from degradation.plots import depth as depth_plot
from degradation.plots.style import files
from degradation.reports import html_page, index, interactive
from degradation.reports.compared import HEADINGS, Side, parts, readme
from degradation.runs import store
from degradation.runs.label import short

README = "README.md"
AGAIN = (
    "    python scripts/plot_curves.py FIRST SECOND --compare\n\n"
    "Each is a folder of runs, a report, or a CSV of somebody else's curves."
)


def write(paths: Sequence[Path], out: Path) -> Path:
    """Write the comparison; returns its folder.

    Args:
        paths: two experiments (run folders, reports, or a CSV of somebody else's curves), or one that holds
            two settings.

    Raises:
        BadRequest: they aren't two sets of runs, or no network and seed is complete in both.
    """
    first, second = sides(paths)
    folder = out / f"{_safe(first.name)}_vs_{_safe(second.name)}"
    contents = build(first, second)
    check_report_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_atomic(folder / name, content)
    index.write(out)
    return folder


def sides(paths: Sequence[Path]) -> tuple[Side, Side]:
    """The two sets: of each of two paths one, or the two settings of one."""
    if len(paths) not in (1, 2):
        raise BadRequest(f"--compare takes two experiments, or one with two settings; {len(paths)} are named")
    if all(path.suffix == ".csv" for path in paths):
        raise BadRequest("--compare takes a CSV of somebody else's curves beside runs of ours")
    found = [_one(path) for path in paths]
    if len(found) == 1:
        (one,) = found
        variants = list(series.ordered(one.runs)["variant"].drop_duplicates())
        if len(variants) != 2:
            raise BadRequest(
                f"{paths[0]}: --compare takes one experiment with two settings, and it has {len(variants)}: "
                + (", ".join(variant or "its own" for variant in variants[:6]))
            )
        halves = [one.runs[one.runs["variant"] == variant] for variant in variants]
        names = [short(variant) or one.name for variant in variants]
        return Side(names[0], halves[0], one.curves), Side(names[1], halves[1], one.curves)
    for path, side in zip(paths, found, strict=True):
        variants = list(side.runs["variant"].drop_duplicates())
        if len(variants) > 1:
            raise BadRequest(
                f"{path}: has runs of {len(variants)} settings: --compare needs one, or name it alone"
            )
    if found[0].name == found[1].name:
        found[1] = replace(found[1], name=f"{found[1].name}-2")
    return found[0], found[1]


def build(first: Side, second: Side) -> dict[str, bytes | str]:
    """The contents of the folder by file name: the same, byte for byte, for the same runs."""
    pairs = compare.paired(first.runs, second.runs)
    if pairs.empty:
        raise BadRequest(f"{first.name} and {second.name}: no network and seed is complete in both")
    for side in (first, second):
        series.check_comparable(side.runs)
    both = [_named(side) for side in (first, second)]
    runs = pd.concat([side.runs for side in both], ignore_index=True).fillna({"message": ""})
    curves = pd.concat([side.curves for side in both], ignore_index=True)
    found = compare.differences(pairs)
    of_networks, drawn = table.table(runs), lines.lines(runs, curves)
    beside = _beside(first, second, runs)
    note = f"{first.name} beside {second.name}"
    pictures: dict[str, bytes | str] = {
        **files(curves_plot.figure(drawn, beside, note), "curves"),
        **files(depth_plot.figure(of_networks, note), "depth"),
    }
    said = parts(first, second, pairs, found)
    figures = interactive.data(runs, curves, of_networks, drawn, beside, None)
    return {
        index.DIFFERENCES_CSV: found.to_csv(index=False, lineterminator="\n"),
        **pictures,
        README: readme(said),
        html_page.INDEX: html_page.page(
            note, said.notes[0], replace(said, notes=[]), figures, AGAIN, "", pictures, HEADINGS
        ),
    }


def _one(path: Path) -> Side:
    found = [store.load_others(path)] if path.suffix == ".csv" else store.load([path])
    if len(found) != 1:
        names = ", ".join(one.name for one in found)
        raise BadRequest(f"{path}: --compare takes one experiment at a time, and it holds {names}")
    return Side(found[0].name, found[0].runs, found[0].curves)


def _safe(name: str) -> str:
    return re.sub(r"[^\w.=-]+", "-", name)


def _named(side: Side) -> Side:
    """The set with its name in place of the variant, and in front of each run's."""
    own = side.curves[side.curves["run"].isin(side.runs["run"])]
    runs = side.runs.assign(variant=side.name, run=side.name + "/" + side.runs["run"])
    return Side(side.name, runs, own.assign(run=side.name + "/" + own["run"]))


def _beside(first: Side, second: Side, runs: pd.DataFrame) -> pd.DataFrame:
    """Each family's panels: the first set's left, the second's right."""
    families = list(series.ordered(runs)["family"].drop_duplicates())
    rows = [(family, second.name, family, first.name) for family in families]
    return pd.DataFrame(rows, columns=["family", "variant", "twin", "twin_variant"])
