"""What README.md says of the committed reports: its pictures with their caption, and the findings.

The prose around them is written by hand; what stands between a mark and the next `END` is written here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from degradation.analysis import grid
from degradation.analysis.differences import growth, trained
from degradation.analysis.pairs import MANY, pairs
from degradation.analysis.table import table
from degradation.errors import BadRequest
from degradation.files import write_atomic
from degradation.reports import markdown, reproduction, verdict_of_many
from degradation.reports.caption import caption
from degradation.reports.phrases import brief, joined, over, percent
from degradation.runs import store

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
GROWTHS = {  # family and measure, as the table heads them
    ("plain", "train_error"): "plain: clean training error",
    ("residual", "train_error"): "residual: clean training error",
    ("residual", "test_error"): "residual: test error",
}
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
    return rewrite(readme, {PICTURE: picture(experiments), FINDINGS: findings(experiments)})


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
            errors = "training errors: running above, clean below"
            said = f"*{caption(experiments[name].runs)}; {errors} ([report](reports/{name}/README.md)).*"
            return "\n".join([*shown, said])
    return "No report is whole yet."


def findings(experiments: Experiments) -> str:
    """What the reports of `TOLD` that are there show, every number computed from them: those of plain and
    residual networks alone as a table, with what others measured, the rest as a list."""
    rows, others = [], []
    for name in TOLD:
        if name not in experiments:
            continue
        runs = experiments[name].runs
        runs, report = grid.named(runs, grid.grid(runs)), f"[{name}](reports/{name}/README.md)"
        grown = growth(runs)
        said = _said(runs, trained(grown))
        if said:
            others.append(f"**{report}** ({caption(runs)}). {said}")
        elif len(trained(grown)):
            rows.append([f"**{report}** ({caption(runs)})", *_growths(runs, grown)])
    rows += [row for name in TOLD if name in experiments for row in reproduction.growths(experiments[name])]
    parts = [_table(rows)] * bool(rows) + [markdown.items(others)] * bool(others)
    return "\n\n".join(parts) or "Nothing was measured yet."


def _said(runs: pd.DataFrame, grown: pd.DataFrame) -> str:
    """Of a report over many settings, or many families; of others nothing."""
    if verdict_of_many.settings(grown):
        return " ".join(verdict_of_many.of_settings(grown))
    told = pairs(runs)
    return _families(runs, told) if len(told) >= MANY else ""


def _table(rows: Sequence[Sequence[str]]) -> str:
    told = (
        "How an error changes from the fewest layers to the most, in points; in brackets its 95% interval, "
        "and in how many of the seeds it is above zero:"
    )
    header = ("report", "layers", *GROWTHS.values(), "residual: test error at each, %")
    return f"{told}\n\n{markdown.table(header, rows)}"


def _growths(runs: pd.DataFrame, grown: pd.DataFrame) -> list[str]:
    """The depths; how much the errors grow with them; and the residual networks' test error at each."""
    own = table(runs[runs["variant"] == ""])
    grown = grown[grown["variant"] == ""].set_index(["family", "measure"])
    residual = own[own["family"] == "residual"]
    errors = ", ".join(percent(error) for error in residual["test_error_mean"])
    return [
        ", ".join(str(depth) for depth in sorted(set(own["depth"]))),
        *(brief(grown.loc[of]) if of in grown.index else "–" for of in GROWTHS),
        f"{errors}{over(residual['runs'])}" or "–",
    ]


def _families(runs: pd.DataFrame, told: pd.DataFrame) -> str:
    """For which families leaving the shortcuts out degrades training, and for which that can't be told; and
    whose twin differs in more."""
    said = verdict_of_many.of_families(told)
    if {"plain", "plain_preact"} <= set(told["twin"]):
        said.append("The plain twins of residual and preact are one network, measured once.")
    matched = runs[runs["twin"].fillna("").str.endswith(" matched")]["family"]
    if len(matched):
        said.append(f"The layers of {joined(sorted(set(matched)))}'s twin have other shapes.")
    return " ".join(said)
