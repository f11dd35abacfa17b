"""README.md of a report, from the tables: every number in it is computed."""

import pandas as pd

from degradation.reports import evidence, markdown, reproduction, sections, verdict
from degradation.runs.store import Experiment


def page(
    experiment: Experiment,
    shown: pd.DataFrame,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    told: pd.DataFrame,
    common: str = "",
) -> str:
    """The report as Markdown.

    Args:
        experiment: the checked runs, complete or not, and their curves.
        shown: the runs, named as the tables and pictures name them.
        table: what `table.table` makes of them.
        drawn: what `lines.lines` makes of their curves.
        told: what `pairs.pairs` makes of runs and table.
        common: the variant that all runs share, where it was left out of the tables.
    """
    name, runs, curves = experiment.name, shown, experiment.curves
    parts = [
        f"# {markdown.text(name)}: training error against depth",
        f"All runs with `{markdown.text(common)}`." if common else "",
        markdown.items(verdict.verdict(runs, curves, table, drawn, told)),
        "![Error at the end](depth.png)",
        sections.settings(runs, table) or sections.pairs_table(told),
        *sections.notes(runs),
        "![Error against step](curves.png)",
        "Solid: test error. Dashed: `train_error_running`, the mean over the augmented batches since the "
        "last row. Unfinished and failed runs are drawn thin and enter neither the means nor the table. "
        "The same pictures as [depth.svg](depth.svg) and [curves.svg](curves.svg).",
        "## Errors at the last step",
        sections.errors(runs, table),
        "## Differences",
        sections.differences(runs),
        reproduction.section(runs, curves, experiment.beside),
        "## Runs that are not in the table",
        sections.unfinished_runs(runs),
        "## Deviations from the paper's protocol",
        sections.deviations_table(runs),
        "## Are the twins twins?",
        evidence.twins_shown(runs),
        "## Machine, versions and time",
        evidence.machine(runs),
        "## Files",
        "`table.csv`: the table above. `runs.csv`: a row per run, everything that it recorded. "
        "`curves.csv`: a row per evaluation. The report is drawn again from the last two by "
        f"`python scripts/plot_curves.py reports/{markdown.text(name)}`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
