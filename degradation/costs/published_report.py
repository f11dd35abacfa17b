"""torchvision's networks -> reports/published/: a table, two pictures, and what the lecture says of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from degradation.costs import published_pictures as pictures
from degradation.errors import BadRequest
from degradation.files import check_report_folder, read_json, write_atomic
from degradation.plots.style import files
from degradation.reports import markdown

FOLDER = "published"
HEAD = """# What the lecture compares: accuracy, operations, memory, time

CS231n's lecture on architectures shows networks by accuracy, operations and parameters, and their memory,
time and power. Here are all of torchvision's classification networks: accuracy and operations as torchvision
publishes them (its first weights of each), time and memory as measured on this machine: the forward pass of
one image of the published size, random weights, float32, channels_last.
`python scripts/compare.py --published` writes this page.

![Accuracy against multiply-adds](bubbles.png)

*Each bubble is a network, its area the number of parameters. Networks of later recipes (grey) owe a part of
their accuracy to those.*"""
BARS = """![Milliseconds and memory](bars.png)

*Bars: the median of {rounds} rounds; whiskers: the fastest and the slowest of them. Ours: the suite's own
networks, with random weights; nobody has trained them on ImageNet.*"""
PLACES = {
    "multiply_adds": "operations",
    "parameters": "parameters",
    "peak_bytes": "memory",
    "seconds": "time",
}
DASH = "–"


def check(out: Path) -> None:
    """Raises:
    BadRequest: `out` can't take the report.
    """
    check_report_folder(out / FOLDER)


def read(out: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """What was measured before, from the report under `out`.

    Raises:
        BadRequest: it isn't there, or can't be read.
    """
    folder = out / FOLDER
    try:
        return pd.read_csv(folder / "published.csv"), dict(read_json(folder / "published.json"))
    except (OSError, ValueError) as error:
        raise BadRequest(f"{folder}: no measured costs to read ({error}): leave out --again") from None


def write(table: pd.DataFrame, facts: Mapping[str, Any], out: Path) -> Path:
    """Write the report.

    Args:
        table: what `published.measure` returns; facts: device, threads, rounds, seconds, versions, commit.

    Returns:
        Its README.md.
    """
    folder = out / FOLDER
    contents = {
        "published.csv": table.to_csv(index=False, lineterminator="\n"),
        "published.json": json.dumps(facts, indent=1) + "\n",
        **files(pictures.bubbles(table), "bubbles"),
        **files(pictures.bars(table), "bars"),
        "README.md": page(table, facts),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_atomic(folder / name, content)
    return folder / "README.md"


def page(table: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    energy = "The lecture's power: no counter of energy may be read on this machine, so there is none here."
    machine = (
        f"{facts['device']}, {facts['threads']} threads; {facts['rounds']} rounds; the whole command took "
        f"{facts['seconds'] / 60:.0f} min; "
        + ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        + f"; commit {facts['commit']}."
    )
    parts = [
        HEAD,
        "## What the lecture says, here",
        markdown.items(said(table)),
        BARS.format(rounds=facts["rounds"]),
        energy,
        "## All networks",
        _table(table),
        "## Machine and versions",
        machine,
    ]
    return "\n\n".join(parts) + "\n"


def said(table: pd.DataFrame) -> list[str]:
    """The lecture's sentences with the numbers; ranks are among torchvision's networks of those it names."""
    named = table[~table["own"] & table["network"].map(pictures.group).ne("")].set_index("network")
    heaviest = "; ".join(
        f"{what}: {', '.join(named[column].dropna().nlargest(3).index) or 'not measured'}"
        for what, column in (
            ("most parameters", "parameters"),
            ("most operations", "multiply_adds"),
            ("most memory", "peak_bytes"),
            ("slowest", "seconds"),
        )
    )
    return [
        f"*VGG is the heaviest.* Of the {len(named)} networks of the kinds that it names, {heaviest}.",
        f"*GoogLeNet is among the most efficient.* {_better('googlenet', named)}"
        f" {_places('googlenet', named)}",
        f"*AlexNet takes few operations, but not little memory.* {_places('alexnet', named)}",
        f"*ResNet lies in the middle, with a high accuracy.* {_places('resnet50', named)}",
    ]


def _places(network: str, named: pd.DataFrame) -> str:
    """Its place among the others by all that is known of it."""
    if network not in named.index:
        return "Not measured."
    known = [column for column in PLACES if pd.notna(named[column][network])]
    least = ", ".join(
        f"{named[column].rank(method='min')[network]:.0f} by {PLACES[column]}" for column in known
    )
    best = named["accuracy"].rank(method="min", ascending=False)[network]
    return f"Places of {network} of {len(named)}, 1 the least: {least}; by accuracy, 1 the best: {best:.0f}."


def _better(network: str, named: pd.DataFrame) -> str:
    """Which networks are at least as accurate with no more operations."""
    if network not in named.index:
        return ""
    own = named.loc[network]
    cheaper = named[(named["multiply_adds"] <= own["multiply_adds"]) & (named["accuracy"] >= own["accuracy"])]
    others = [name for name in cheaper.index if name != network]
    if not others:
        return "None of them is as accurate with as few operations."
    return f"As accurate with no more operations: {', '.join(others)}."


def _table(table: pd.DataFrame) -> str:
    header = ("network", "px", "parameters", "multiply-adds", "accuracy, %", "forward, ms", "peak memory, MB")
    return markdown.table(header, [_cells(row) for _, row in table.sort_values("multiply_adds").iterrows()])


def _cells(row: pd.Series) -> list[str]:
    time = DASH
    if pd.notna(row["seconds"]):
        low, middle, high = (f"{1e3 * row[name]:.3g}" for name in ("seconds_low", "seconds", "seconds_high"))
        time = f"{middle} ({low} to {high})"
    elif pd.notna(row["why"]):
        time = f"{DASH} ({row['why']})"
    return [
        f"{row['network']} (ours)" if row["own"] else str(row["network"]),
        str(row["size"]),
        f"{row['parameters']:,}",
        f"{row['multiply_adds'] / 1e6:,.0f} M",
        DASH if pd.isna(row["accuracy"]) else f"{row['accuracy']:.1f}",
        time,
        DASH if pd.isna(row["peak_bytes"]) else f"{row['peak_bytes'] / 1e6:.0f}",
    ]
