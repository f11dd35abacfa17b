"""What README.md says of the committed reports: its pictures with their caption, and the findings.

The prose around them is written by hand; what stands between a mark and the next `END` is written here.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from degradation.analysis import grid
from degradation.analysis.differences import ENOUGH_SEEDS, growth, trained
from degradation.analysis.pairs import MANY, pairs
from degradation.analysis.table import table
from degradation.errors import BadRequest
from degradation.files import write_atomic
from degradation.reports import markdown, verdict_of_many
from degradation.reports.caption import caption
from degradation.reports.phrases import few, over, percent, points
from degradation.runs import store
from degradation.runs.label import label

PICTURE, FINDINGS, END = "<!-- picture -->", "<!-- findings -->", "<!-- end -->"
PICTURES = ("long_cifar10", "cifar10", "cifar10_cpu", "shapes")  # the first with all eight networks is shown
SHOWN = {
    "curves": "Error against step: plain networks, and residual ones",
    "depth": "Error at the end against depth: plain networks beside residual ones",
}
TOLD = (
    "long_cifar10",
    "cifar10",
    "budgets_cifar10",
    "shapes_seeds",
    "shapes_lr",
    "families_cifar10",
    "families_shapes",
)
EIGHT = 8
Experiments = Mapping[str, store.Experiment]


def write(readme: Path, reports: Path) -> list[Path]:
    """Write the marked sections of README.md; returns it if it changed.

    Raises:
        BadRequest: it or its marks are missing, or a report is damaged.
    """
    wanted = [reports / name for name in dict.fromkeys(PICTURES + TOLD)]
    there = [folder for folder in wanted if (folder / store.RUNS_CSV).exists()]
    experiments = {one.name: one for one in store.load(there)} if there else {}
    return rewrite(readme, {PICTURE: picture(experiments), FINDINGS: markdown.items(findings(experiments))})


def rewrite(path: Path, contents: Mapping[str, str]) -> list[Path]:
    """Write the sections behind these marks anew; returns the page if it changed.

    Raises:
        BadRequest: it or a mark is missing.
    """
    before = path.read_text() if path.exists() else ""
    after = before
    for mark, content in contents.items():
        after = section(after, mark, content, path)
    if after == before:
        return []
    write_atomic(path, after)
    return [path]


def section(text: str, mark: str, content: str, path: Path) -> str:
    """The text with this content between the mark and the next `END`.

    Raises:
        BadRequest: they aren't there once, in this order.
    """
    start = text.find(mark)
    end = text.find(END, start)
    if start < 0 or end < 0 or text.count(mark) != 1:
        raise BadRequest(f"{path}: has to hold {mark} once, and {END} after it")
    return f"{text[:start]}{mark}\n\n{content}\n\n{text[end:]}"


def picture(experiments: Experiments) -> str:
    """The curves and the errors by depth of the best experiment that is whole, and what was trained."""
    for name in PICTURES:
        if name in experiments and len(table(experiments[name].runs)) >= EIGHT:
            shown = [f"![{alt}](reports/{name}/{picture}.png)" for picture, alt in SHOWN.items()]
            said = f"*{caption(experiments[name].runs)} ([report](reports/{name}/README.md)).*"
            return "\n\n".join(shown) + "\n" + said
    return "No report is whole yet."


def findings(experiments: Experiments) -> list[str]:
    """Of each report of `TOLD` that is there what it shows, every number computed from it."""
    found = []
    for name in TOLD:
        said = _said(experiments[name].runs) if name in experiments else ""
        if said:
            trained = caption(experiments[name].runs)
            found.append(f"**[{name}](reports/{name}/README.md)** ({trained}). {said}")
    return found or ["Nothing was measured yet."]


def _said(runs: pd.DataFrame) -> str:
    runs = grid.named(runs, grid.grid(runs))
    grown, told = trained(growth(runs)), pairs(runs)
    if verdict_of_many.settings(grown):
        return " ".join(verdict_of_many.of_settings(grown))
    if len(told) >= MANY:
        return _families(told)
    return " ".join(
        [*_growths(grown), *_test_errors(runs), few(grown[grown["seeds"] < ENOUGH_SEEDS]["seeds"])]
    ).strip()


def _growths(grown: pd.DataFrame) -> list[str]:
    """How much the clean training error grows with depth, without and with shortcuts."""
    return [
        f"From {row['shallow']} to {row['deep']} layers the clean training error of "
        f"{label(row['family'], row['variant'])} networks changes by {points(row, ' points')}."
        for _, row in grown.iterrows()
    ]


def _test_errors(runs: pd.DataFrame) -> list[str]:
    """The test error of residual networks by depth, and how it grows."""
    runs = runs[(runs["family"] == "residual") & (runs["variant"] == "")]
    own, grown = table(runs), growth(runs)
    own, grown = own[own["test_error_mean"].notna()], grown[grown["measure"] == "test_error"]
    if len(own) < 3:
        return []
    errors = ", ".join(percent(error) for error in own["test_error_mean"])
    changes = [
        f"; from {row['shallow']} to {row['deep']} it changes by {points(row, ' points')}"
        for _, row in grown.iterrows()
    ]
    depths = ", ".join(map(str, own["depth"]))
    return [f"Residual test error: {errors}% at {depths} layers{over(own['runs'])}{''.join(changes)}."]


def _families(told: pd.DataFrame) -> str:
    """For which families leaving the shortcuts out degrades training, and for which that can't be told."""
    said = verdict_of_many.of_families(told)
    if {"plain", "plain_preact"} <= set(told["twin"]):
        said.append("The plain twins of residual and preact are one network, measured once.")
    return " ".join(said)
