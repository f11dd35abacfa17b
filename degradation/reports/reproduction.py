"""The part of a report that shows somebody else's curves of the same networks."""

import pandas as pd

from degradation.analysis import reproduction
from degradation.analysis.reproduction import ENDS, ERRORS
from degradation.plots import reproduction as plot
from degradation.plots.style import files
from degradation.reports import markdown, phrases
from degradation.reports.sections import SAID
from degradation.runs.label import label
from degradation.runs.reproduction import REPRODUCTION_CSV
from degradation.runs.store import Experiment


def files_of(experiment: Experiment, note: str) -> dict[str, bytes | str]:
    """The picture and the file of somebody else's curves; nothing where there are none."""
    theirs = experiment.beside
    if theirs.empty:
        return {}
    own = reproduction.ours(experiment.runs, experiment.curves)
    own = own[own["variant"] == ""]
    text = theirs.to_csv(index=False, lineterminator="\n")
    return {REPRODUCTION_CSV: text, **files(plot.figure(own, theirs, note), "reproduction")}


def section(runs: pd.DataFrame, curves: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Our errors beside those of somebody who trained the same networks; nothing where there are none."""
    if theirs.empty:
        return ""
    compared = reproduction.table(reproduction.ours(runs, curves), theirs)
    rows = [
        [
            label(row["family"], "", row["depth"]),
            str(row["runs"]),
            f"{row['epoch']:.0f}",
            *(phrases.percent(row[f"{error}{end}"]) for error in ERRORS for end in ENDS),
        ]
        for _, row in compared.iterrows()
    ]
    whose = ("here", "theirs then", f"theirs after {theirs['epoch'].max():.0f}")
    header = ["network", "runs", "epochs here"]
    header += [f"{SAID[error]}: {who}" for error in ERRORS for who in whose]
    source = markdown.text(" and ".join(dict.fromkeys(theirs["source"])))
    return (
        f"## Beside a published reproduction\n\nNetworks that somebody else trained, from {source}: "
        "after as many epochs as here (then), in the middle of their schedule, and at its end. Percent.\n\n"
        + markdown.table(header, rows)
        + "\n\n![Beside a published reproduction](reproduction.png)"
    )
