"""The parts of a report's README.md: tables and notes."""

import pandas as pd

from degradation.analysis import deviations, pairs
from degradation.analysis.differences import excess, gap, growth, trained
from degradation.analysis.series import MEASURES, NETWORK, plain_twin
from degradation.analysis.table import paper_running
from degradation.protocol import READ_OFF_A_FIGURE
from degradation.reports import markdown, phrases, verdict_of_many
from degradation.runs.label import label

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
NOTES = {
    ("fractalnet",): "**fractalnet** evaluates with BN statistics of training steps that keep one column "
    "or drop some; a deep one's clean error can be mostly theirs (docs/models/fractalnet.md).",
    ("plain", "plain_preact"): "**plain_preact** with basic blocks is the plain network: the same function "
    "from the same initial values. Where both were trained alike, their rows are one measurement, not two.",
}
LONG = 12  # rows, from which a table lies under a fold


def pairs_table(told: pd.DataFrame) -> str:
    """The table of many families and their twins; nothing where there are few."""
    if len(told) < pairs.MANY:
        return ""
    rows = [
        [
            label(row["family"], row["variant"]),
            f"{row['shallow']} → {row['deep']}",
            *(
                f"{phrases.percent(row[f'{who}_shallow'])} → {phrases.percent(row[f'{who}_deep'])}"
                for who in WHO
            ),
            phrases.points(row),
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


def settings(runs: pd.DataFrame, table: pd.DataFrame) -> str:
    """The table of many settings of one family; nothing where there are few."""
    grown = trained(growth(runs))
    if not verdict_of_many.settings(grown):
        return ""
    means = table.set_index(NETWORK)["train_error_mean"]
    rows = []
    for _, row in grown.iterrows():
        ends = [means.get((row["family"], row["variant"], row[end])) for end in ("shallow", "deep")]
        errors = " → ".join(phrases.percent(error) for error in ends)
        name = label(row["family"], row["variant"])
        rows.append([name, f"{row['shallow']} → {row['deep']}", errors, phrases.points(row)])
    header = ["network and setting", "layers", "training error (clean), %", "growth, points"]
    return "## How much training error grows with depth, by setting\n\n" + markdown.table(header, rows)


def notes(runs: pd.DataFrame) -> list[str]:
    """What a reader has to know of some families."""
    there = set(runs["family"])
    return [text for families, text in NOTES.items() if there >= set(families)]


def errors(runs: pd.DataFrame, table: pd.DataFrame, differs: pd.DataFrame) -> str:
    """The table of the errors at the end. `differs`: what `deviations.deviations` finds."""
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
    header += ["He et al.: test error, %", "He et al.: training error (running), %"]
    said = [place for place in range(len(header)) if any(row[place] != DASH for row in rows)]
    header, *rows = ([cells[place] for place in said] for cells in (header, *rows))  # no empty column
    notes = [
        "Mean ± sample standard deviation over the seeds; of one run there is none.",
        "Clean: all training images in use, un-augmented, evaluation mode. "
        "Running: the augmented batches since the last row.",
    ]
    if table["paper_test_error"].notna().any():
        notes.append("~: read off the paper's Fig. 6; the others are printed in its Table 6.")
    notes += _dropping(runs)
    if differs.empty:
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


def differences(runs: pd.DataFrame) -> str:
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
        shown = phrases.points(row) if pd.notna(row["points"]) else DASH
        cells.setdefault(name, {})[row["measure"]] = shown
    if not cells:
        return "None: no two complete runs of a seed differ in depth alone, or are a network and its twin."
    header = ["points", *(SAID[measure] for measure in MEASURES)]
    body = [[name, *(shown.get(measure, DASH) for measure in MEASURES)] for name, shown in cells.items()]
    said = "Paired by seed; the interval is Student's t, from three seeds on."
    whole = f"{markdown.table(header, body)}\n\n{said}"
    return whole if len(body) < LONG else markdown.fold(f"{len(body)} differences", whole)


def unfinished_runs(frame: pd.DataFrame) -> str:
    """`frame`: what `unfinished.unfinished` finds."""
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


def deviations_table(runs: pd.DataFrame, differs: pd.DataFrame) -> str:
    """Where the experiment is not the paper's. `differs`: what `deviations.deviations` finds."""
    parts = []
    if differs.empty:
        parts.append("None.")
    else:
        rows = [[f"`{row['key']}`", row["paper"], row["here"], row["runs"]] for _, row in differs.iterrows()]
        parts.append(markdown.table(["key", "paper", "here", "runs"], rows))
    if "config.data.verify" in runs and runs["config.data.verify"].eq("false").any():
        parts.append(UNVERIFIED)
    if differs["key"].str.startswith("schedule.warmup").any():
        parts.append("A warm-up is part of the paper's protocol for residual-110 alone.")
    beyond = deviations.others(runs)
    if beyond:
        named = ", ".join(f"`{markdown.text(one)}`" for one in beyond)
        parts.append(f"Settings that the protocol does not speak of: {named}.")
    return "\n\n".join(parts)


def _spread(mean: float, std: float) -> str:
    return phrases.percent(mean) if pd.isna(std) else f"{mean:.2f} ± {std:.2f}"
