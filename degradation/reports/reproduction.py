"""What is shown of somebody else's runs of the same networks: a part of a report, and rows of README.md."""

import pandas as pd

from degradation.analysis import reproduction
from degradation.analysis.reproduction import ENDS, ERRORS
from degradation.config.images import CIFAR10_IMAGES
from degradation.plots import reproduction as plot
from degradation.plots.style import files
from degradation.protocol import PROTOCOL, TEST_ERROR, TRAIN_ERROR_RUNNING
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


def growths(experiment: Experiment) -> list[list[str]]:
    """Rows of README.md's table, as `findings.GROWTHS` heads it: what the paper has, and somebody else's runs
    at their end and after as many epochs as the experiment's; none where they lack one of the pairs."""
    theirs = experiment.beside
    compared = reproduction.table(reproduction.ours(experiment.runs, experiment.curves), theirs)
    ends = compared.set_index(["family", "depth"]).sort_index()
    depths = sorted(set(compared["depth"]))
    paired = {(family, depth) for family in ("plain", "residual") for depth in depths}
    if not depths or not paired <= set(ends.index) & set(TEST_ERROR):
        return []
    grown = [
        "; ".join(
            f"{phrases.signed(column[family, depths[-1]] - column[family, depths[0]])} {when}"
            for column, when in (
                (ends[f"{error}_end"], "at the end"),
                (ends[f"{error}_then"], f"after {compared['epoch'].max():.0f} epochs"),
            )
        )
        for family, error in (("plain", ERRORS[0]), ("residual", ERRORS[0]), ("residual", ERRORS[1]))
    ]
    source = markdown.text(" and ".join(dict.fromkeys(theirs["source"])))
    whose = f"{source}: one run each, {theirs['epoch'].max():.0f} epochs"
    named = ", ".join(map(str, depths))
    errors = ", ".join(phrases.percent(ends["test_error_end"]["residual", depth]) for depth in depths)
    return [_papers(depths), [whose, named, *grown, errors]]


def _papers(depths: list[int]) -> list[str]:
    """The paper's row: of its plain networks it shows running training errors, in a figure."""
    (low, high), (least, most) = (TRAIN_ERROR_RUNNING["plain", depths[end]] for end in (0, -1))
    epochs = PROTOCOL["train.steps"] * PROTOCOL["train.batch_size"] / CIFAR10_IMAGES
    errors = [TEST_ERROR["residual", depth] for depth in depths]
    return [
        f"He et al. 2015, Fig. 6 and Table 6: {epochs:.0f} epochs",
        ", ".join(map(str, depths)),
        f"about {phrases.signed(least - high)} to {phrases.signed(most - low)}, running",
        phrases.percent(float("nan")),
        phrases.signed(errors[-1] - errors[0]),
        ", ".join(phrases.percent(error) for error in errors),
    ]
