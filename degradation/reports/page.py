"""The parts of a report, from the tables: every number in them is computed. And README.md, made of them."""

from dataclasses import dataclass

import pandas as pd

from degradation.analysis import deviations
from degradation.analysis.differences import growth, trained
from degradation.analysis.ladder import ladder as changes_of
from degradation.analysis.unfinished import unfinished
from degradation.reports import evidence, ladder, markdown, reproduction, sections, verdict
from degradation.runs.store import Experiment


@dataclass(frozen=True)
class Parts:
    """What a report says, as Markdown; empty: nothing to say.

    Attributes:
        title: the experiment and what it shows.
        common: the variant that all runs share.
        verdict: its sentences, most important first.
        many: the table of many settings or families.
        notes: what a reader has to know of some families.
        errors: the table of the errors at the end.
        differences, beside, unfinished, deviations, twins, machine: the sections of these names.
    """

    title: str
    common: str
    verdict: list[str]
    many: str
    notes: list[str]
    errors: str
    differences: str
    beside: str
    unfinished: str
    deviations: str
    twins: str
    machine: str


def parts(
    experiment: Experiment,
    shown: pd.DataFrame,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    told: pd.DataFrame,
    common: str = "",
) -> Parts:
    """The report in words.

    Args:
        experiment: the checked runs, complete or not, and their curves.
        shown: the runs, named as the tables and pictures name them.
        table: what `table.table` makes of them.
        drawn: what `lines.lines` makes of their curves.
        told: what `pairs.pairs` makes of runs and table.
        common: the variant that all runs share, where it was left out of the tables.
    """
    differs = deviations.deviations(shown)
    changes = changes_of(shown)
    absent = unfinished(shown, experiment.planned)
    many = sections.settings(shown, table) or sections.pairs_table(told)
    return Parts(
        title=f"{markdown.text(experiment.name)}: training error against depth",
        common=f"All runs with `{markdown.text(common)}`." if common else "",
        verdict=verdict.verdict(shown, experiment.curves, table, drawn, told, absent),
        many=many if changes is None else ladder.section(changes, trained(growth(shown))),
        notes=sections.notes(shown),
        errors=sections.errors(shown, table, differs),
        differences=sections.differences(shown),
        beside=reproduction.section(shown, experiment.curves, experiment.beside),
        unfinished=sections.unfinished_runs(absent),
        deviations=sections.deviations_table(shown, differs),
        twins=evidence.twins_shown(shown),
        machine=evidence.machine(shown),
    )


def readme(name: str, said: Parts) -> str:
    """README.md of the report of an experiment."""
    lines = [
        f"# {said.title}",
        said.common,
        markdown.items(said.verdict),
        "![Error at the end](depth.png)",
        said.many,
        *said.notes,
        "![Error against step](curves.png)",
        "Solid: test error. Dashed: `train_error_running`, the mean over the augmented batches since the "
        "last row. Unfinished and failed runs are drawn thin and enter neither the means nor the table. "
        "The same pictures as [depth.svg](depth.svg) and [curves.svg](curves.svg).",
        "## Errors at the last step",
        said.errors,
        "## Differences",
        said.differences,
        said.beside,
        "## Runs that are not in the table",
        said.unfinished,
        "## Deviations from the paper's protocol",
        said.deviations,
        "## Are the twins twins?",
        said.twins,
        "## Machine, versions and time",
        said.machine,
        "## Files",
        "`table.csv`: the table above. `runs.csv`: a row per run, everything that it recorded. "
        "`curves.csv`: a row per evaluation. The report is drawn again from the last two by "
        f"`python scripts/plot_curves.py reports/{markdown.text(name)}`.",
    ]
    return "\n\n".join(part for part in lines if part) + "\n"
