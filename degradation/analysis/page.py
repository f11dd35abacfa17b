"""README.md of a report, from the tables: every number in it is computed."""

import pandas as pd

from degradation.analysis import deviations, evidence, markdown, pairs, unfinished, words
from degradation.analysis.series import MEASURES, NETWORK, label, plain_twin
from degradation.analysis.table import paper_running
from degradation.analysis.verdict import excess, gap, growth
from degradation.protocol import READ_OFF_A_FIGURE

DASH = "–"
WHO = ("twin", "network")
SAID = {
    "train_error": "training error (clean)",
    "train_error_running": "training error (running)",
    "test_error": "test error",
}
UNVERIFIED = (
    "`data.verify=false`: the images were read from a copy whose files differ from the official ones, so "
    "their md5s were not checked; `data_sha256` in runs.csv tells which images they are."
)


def page(
    name: str,
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    table: pd.DataFrame,
    drawn: pd.DataFrame,
    told: pd.DataFrame,
    common: str = "",
) -> str:
    """The report as Markdown.

    Args:
        name: the experiment's.
        runs, curves: the checked runs, complete or not, and their curves.
        table: what `table.table` makes of them.
        drawn: what `lines.lines` makes of their curves.
        told: what `pairs.pairs` makes of runs and table.
        common: the variant that all runs share, where it was left out of the tables.
    """
    parts = [
        f"# {markdown.text(name)}: training error against depth",
        f"All runs with `{markdown.text(common)}`." if common else "",
        markdown.items(words.verdict(runs, curves, table, drawn, told)),
        _pairs(told),
        "![Error at the end against depth](depth.png)",
        "![Error against step](curves.png)",
        "Solid: test error. Dashed: `train_error_running`, the mean over the augmented batches since the "
        "last row. Unfinished and failed runs are drawn thin and enter neither the means nor the table. "
        "The same pictures as [depth.svg](depth.svg) and [curves.svg](curves.svg).",
        "## Errors at the last step",
        _errors(runs, table),
        "## Differences",
        _differences(runs),
        "## Runs that are not in the table",
        _unfinished(runs),
        "## Deviations from the paper's protocol",
        _deviations(runs),
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


def _pairs(told: pd.DataFrame) -> str:
    """The table of many families and their twins; nothing where there are few."""
    if len(told) < pairs.MANY:
        return ""
    rows = [
        [
            label(row["family"], row["variant"]),
            f"{row['shallow']} → {row['deep']}",
            *(f"{words.percent(row[f'{who}_shallow'])} → {words.percent(row[f'{who}_deep'])}" for who in WHO),
            words.points(row),
            row["answer"],
        ]
        for _, row in told.iterrows()
    ]
    header = ["family", "layers", "plain twin, %", "with shortcut, %", "twin's growth beyond it, points"]
    return (
        "## For which families does leaving the shortcut out degrade training?\n\n"
        + markdown.table([*header, "degrades?"], rows)
        + "\n\nClean training error at the last step."
    )


def _errors(runs: pd.DataFrame, table: pd.DataFrame) -> str:
    if table.empty:
        return "No run is complete yet."
    readings = paper_running(runs)
    rows = []
    for _, row in table.iterrows():
        network = (str(row["family"]), str(row["variant"]), int(row["depth"]))
        paper = f"{row['paper_test_error']:g}" if pd.notna(row["paper_test_error"]) else DASH
        rounded = "~" if (network[0], network[2]) in READ_OFF_A_FIGURE and paper != DASH else ""
        low, high = readings.get(network, (None, None))
        rows.append(
            [
                label(*network),
                f"{row['parameters']:,}" if pd.notna(row["parameters"]) else DASH,
                f"{row['multiply_adds']:,}" if pd.notna(row["multiply_adds"]) else DASH,
                str(row["runs"]),
                *(_spread(row[f"{measure}_mean"], row[f"{measure}_std"]) for measure in MEASURES),
                rounded + paper,
                f"~{low:g} to ~{high:g}" if low is not None else DASH,
            ]
        )
    header = [
        "network",
        "parameters",
        "multiply-adds",
        "runs",
        *(f"{SAID[measure]}, %" for measure in MEASURES),
    ]
    header += ["paper: test error, %", "paper: training error (running), %"]
    notes = [
        "Mean ± sample standard deviation over the seeds; of one run there is none.",
        "Clean: all training images in use, un-augmented, evaluation mode. "
        "Running: the augmented batches since the last row.",
    ]
    if table["paper_test_error"].notna().any():
        notes.append("~: read off the paper's Fig. 6; the others are printed in its Table 6.")
    notes += _dropping(runs)
    if deviations.deviations(runs).empty:
        notes.append("The settings are the paper's.")
    else:
        notes.append(
            "This is not the paper's protocol (see the deviations), so its numbers are for orientation only."
        )
    return markdown.table(header, rows) + "\n\n" + " ".join(notes)


def _dropping(runs: pd.DataFrame) -> list[str]:
    """Of networks that drop blocks in training: how many layers they train in a step."""
    if "expected_depth" not in runs:
        return []
    dropping = runs[runs["expected_depth"] != ""].drop_duplicates(NETWORK)
    return [
        f"{label(row['family'], row['variant'], row['depth'])} trains "
        f"{float(row['expected_depth']):g} layers in a step on average."
        for _, row in dropping.iterrows()
    ]


def _differences(runs: pd.DataFrame) -> str:
    """All differences with their intervals, in percentage points."""
    rows = []
    for _, row in growth(runs).iterrows():
        name = label(row["family"], row["variant"])
        rows.append((f"{name}: err({row['deep']}) - err({row['shallow']})", row))
    for _, row in gap(runs).iterrows():
        rows.append((f"{row['twin']} - {label(row['family'], row['variant'])}, {row['depth']} layers", row))
    for _, row in excess(runs).iterrows():
        name = label(row["family"], row["variant"])
        plain, ends = plain_twin(row["family"]), f"{row['shallow']} to {row['deep']}"
        rows.append((f"growth of {plain} - growth of {name}, {ends}", row))
    cells: dict[str, dict[str, str]] = {}
    for name, row in rows:
        shown = words.points(row) if pd.notna(row["points"]) else DASH
        cells.setdefault(name, {})[row["measure"]] = shown
    if not cells:
        return "There are no two complete runs to compare."
    header = ["points", *(SAID[measure] for measure in MEASURES)]
    body = [[name, *(shown.get(measure, DASH) for measure in MEASURES)] for name, shown in cells.items()]
    return (
        markdown.table(header, body) + "\n\nPaired by seed; the interval is Student's t, from three seeds on."
    )


def _unfinished(runs: pd.DataFrame) -> str:
    frame = unfinished.unfinished(runs)
    if frame.empty:
        return "None: every run of the grid is complete."
    rows = []
    for _, row in frame.iterrows():
        reached = (
            f"{row['step']} of {row['steps']}" if pd.notna(row["steps"]) and pd.notna(row["step"]) else DASH
        )
        network = label(row["family"], row["variant"], row["depth"])
        rows.append([network, str(row["seed"]), row["status"], reached, row["message"] or DASH])
    return markdown.table(["network", "seed", "status", "step", "message"], rows)


def _deviations(runs: pd.DataFrame) -> str:
    frame = deviations.deviations(runs)
    parts = []
    if frame.empty:
        parts.append("None.")
    else:
        rows = [[f"`{row['key']}`", row["paper"], row["here"], row["runs"]] for _, row in frame.iterrows()]
        parts.append(markdown.table(["key", "paper", "here", "runs"], rows))
    if "config.data.verify" in runs and runs["config.data.verify"].eq("false").any():
        parts.append(UNVERIFIED)
    if frame["key"].str.startswith("schedule.warmup").any():
        parts.append("A warm-up is part of the paper's protocol for residual-110 alone.")
    beyond = deviations.others(runs)
    if beyond:
        named = ", ".join(f"`{markdown.text(one)}`" for one in beyond)
        parts.append(f"Settings that the protocol does not speak of: {named}.")
    return "\n\n".join(parts)


def _spread(mean: float, std: float) -> str:
    return words.percent(mean) if pd.isna(std) else f"{mean:.2f} ± {std:.2f}"
