"""What networks cost -> reports/compare/: a table, two pictures and a page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from degradation.analysis.series import check_comparable
from degradation.costs import compare_table, pictures
from degradation.costs.compare import Compared
from degradation.costs.compare_table import CELLS
from degradation.errors import BadRequest
from degradation.families.history import CHANGED, EARLIER
from degradation.files import check_report_folder, read_json, write_atomic
from degradation.plots.style import files
from degradation.reports import markdown
from degradation.runs import store

FOLDER, DASH, ROUNDS_CSV = "compare", "–", "rounds.csv"
HEAD = """# What every network costs

`python scripts/compare.py` builds the networks of `degradation/costs/networks.py` with random weights and
measures them on this machine, all of them once before any of them again ({rounds} in all). A time is that of
the fastest round, since what else the machine does only adds to it; operations are those of torch's flop
counter, peak memory is what the network's own process grows by. float32, channels_last. A batch is {batches}.

Where nothing else is named, a network has its family's own width and keys, and images of its paper's size.
That does not make each a paper's network. The suite's own are the plain twins except `plain` and
`plain_resnet_imagenet`, `bottleneck` (with option A), `inception_resnet`, `resnext` at another width and
`squeezenet` for 32 px; `resnet_imagenet` of 18 and 34 layers has option B; SqueezeNet's authors take 227 px.
GoogLeNet and Inception v3 are torchvision's without their auxiliary classifiers.{more}

![Test error against operations](errors.png)

*Test error against multiply-adds: a point a network with complete runs, a panel an experiment, all on the
same axes; experiments of more than four lines are left out. Operations are those at the width and image size
that the network was trained with, not those of the table below.*

![Milliseconds an image](times.png)
"""
COLUMNS = (
    "network",
    "px",
    "parameters",
    "multiply-adds",
    "activations, MB an image",
    "forward, ms (1)",
    "forward and backward, ms (1)",
    "forward, ms an image (batch)",
    "forward and backward, ms an image (batch)",
    "peak memory of training, GB (1)",
    "peak memory of training, GB (batch)",
    "energy of training, J an image (batch)",
    "test error, %",
)
NOTES = (
    "Activations: what the backward pass keeps of an image in training. (1): one image, with BN in "
    "evaluation mode; (batch): a batch. Training is forward and backward. Peak memory on a CPU holds what "
    "torch itself loads with its first calls. Test error: of complete runs of this very network, at this "
    "width and image size, on real images; the experiment is named. In brackets behind a time: the slowest "
    "of its rounds. FractalNet and stochastic depth draw anew in each call of training what they leave out, "
    "so of a batch of theirs the time is the rounds' mean."
)
NO_ENERGY = " Energy: this machine has no counter that may be read (RAPL, NVML)."
FORMS = {
    size: [f"resnext-29{width} form={form}" for form in "abc"]
    for size, width in (("ResNeXt-29 8x64d", ""), ("a quarter as wide", " width=16"))
}


def prepare(runs: Sequence[Path], out: Path) -> dict[str, pd.DataFrame]:
    """The checked runs of each experiment, by its name.

    Args:
        runs: where to look; nothing: the reports under `out`.

    Raises:
        BadRequest: they can't be read, runs of mixed settings would be averaged, or `out` can't take the
            report.
    """
    check_report_folder(out / FOLDER)
    paths = list(runs) or sorted(path.parent for path in out.glob(f"*/{store.RUNS_CSV}"))
    experiments = {one.name: one.runs for one in store.load(paths)} if paths else {}
    for found in experiments.values():
        check_comparable(found)
    return experiments


def read(out: Path) -> Compared:
    """What was measured before, from the report under `out`.

    Raises:
        BadRequest: it isn't there, or can't be read.
    """
    folder = out / FOLDER
    try:
        costs, rounds = (pd.read_csv(folder / name) for name in ("compare.csv", ROUNDS_CSV))
        facts = read_json(folder / "compare.json")
    except (OSError, ValueError) as error:
        raise BadRequest(f"{folder}: no measured costs to read ({error}): leave out --again") from None
    return Compared(compare_table.counts(costs), rounds, facts)


def write(measured: Compared, experiments: Mapping[str, pd.DataFrame], out: Path) -> Path:
    """Write the report.

    Args:
        experiments: the checked runs of each experiment, for the errors.

    Returns:
        Its README.md.
    """
    folder = out / FOLDER
    costs = compare_table.costs(measured.counts, measured.rounds, experiments)
    points = compare_table.points(experiments)
    contents = {
        "compare.csv": costs.to_csv(index=False, lineterminator="\n"),
        ROUNDS_CSV: measured.rounds.to_csv(index=False, lineterminator="\n"),
        "errors.csv": points.to_csv(index=False, lineterminator="\n"),
        "compare.json": json.dumps(measured.facts, indent=1) + "\n",
        **files(pictures.errors(points), "errors"),
        **files(pictures.times(costs), "times"),
        "README.md": page(costs, measured.facts),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_atomic(folder / name, content)
    return folder / "README.md"


def page(costs: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    sizes = costs.drop_duplicates("size").sort_values("size")
    batches = ", ".join(f"{row['batch']} images at {row['size']} px" for _, row in sizes.iterrows())
    rounds = int(max(costs[f"{cell}_rounds"].max() for cell in CELLS))
    energy = costs["training_batch_joules"].notna().any()
    parts = [
        HEAD.format(
            batches=batches,
            rounds=f"{rounds} round{'s' * (rounds > 1)}",
            more=_otherwise(costs, str(facts["commit"])),
        ),
        markdown.table(COLUMNS, [_cells(row) for _, row in costs.iterrows()]),
        NOTES + ("" if energy else NO_ENERGY),
        "## ResNeXt's three forms",
        forms(costs),
        "## Cells that stay empty",
        _empty(costs),
        "## Machine and versions",
        f"{facts['device']}, {facts['threads']} threads; the whole command took "
        f"{facts['seconds'] / 60:.0f} min of at most {facts['minutes']:g}; "
        + ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        + f"; commit {facts['commit']}.",
        "`compare.csv`: the table with every cell; `rounds.csv`: each round; `errors.csv`: the points. The "
        "same pictures as [errors.svg](errors.svg) and [times.svg](times.svg).",
    ]
    return "\n\n".join(parts) + "\n"


def forms(costs: pd.DataFrame) -> str:
    """Which of the three equal forms of a ResNeXt block is fastest here."""
    rows = []
    for size, names in FORMS.items():
        for cell in CELLS:
            own = compare_table.fastest(costs, names, cell)
            if len(own) > 1:
                images = own["batch"].iloc[0] if cell.endswith("batch") else 1
                times = {row["network"][-1]: f"{1e3 * row[cell] / images:,.1f}" for _, row in own.iterrows()}
                fastest = [f"({own['network'].iloc[0][-1]})", f"{own['ratio'].iloc[-1]:.2f} times"]
                what = cell.replace("_one", ", one image").replace("_batch", f", {images} images")
                rows.append([size, what, *(times.get(form, DASH) for form in "abc"), *fastest])
    if not rows:
        return "Not measured."
    about = (
        "(a) eight separate paths, (b) paths concatenated before the last 1x1 layer, (c) one grouped "
        "convolution. Given the same weights their outputs agree to float error, as "
        "tests/test_family_facts.py holds. Milliseconds an image; training is forward and backward."
    )
    return f"{about}\n\n" + markdown.table(
        ("size", "", "(a)", "(b)", "(c)", "fastest", "than the slowest"), rows
    )


def _cells(row: pd.Series) -> list[str]:
    error = f"{row['test_error']:.2f} ({row['experiment']})" if pd.notna(row["test_error"]) else DASH
    return [
        str(row["network"]),
        str(row["size"]),
        f"{row['parameters']:,}",
        f"{row['multiply_adds'] / 1e6:,.0f} M",
        f"{row['activation_bytes'] / 1e6:.1f}",
        *(_milliseconds(row, cell, 1) for cell in CELLS[:2]),
        *(_milliseconds(row, cell, row["batch"]) for cell in CELLS[2:]),
        *(_number(row[f"{cell}_peak"] / 1e9) for cell in ("training_one", "training_batch")),
        _number(row["training_batch_joules"]),
        error,
    ]


def _milliseconds(row: pd.Series, cell: str, images: int) -> str:
    """The fastest round, and the slowest if there are several; of an image."""
    fastest, slowest = (_number(1e3 * row[key] / images) for key in (cell, f"{cell}_slowest"))
    return f"{fastest} ({slowest})" if row[f"{cell}_rounds"] > 1 else fastest


def _otherwise(costs: pd.DataFrame, commit: str) -> str:
    """What is not as its name might suggest: of a network that is there, or of what this commit built."""
    said = []
    if {"config.model.widen", "config.model.stride_at"} <= set(costs):
        widened = costs["config.model.family"].eq("resnet_imagenet") & costs["config.model.widen"].gt(1)
        if costs[widened]["config.model.stride_at"].eq("1x1").any():
            said.append(
                "`resnet_imagenet-50 widen=2` has its stride at the 1x1 layers and is no Wide ResNet-50-2."
            )
    there = set(costs.get("config.model.family", ()))
    changed = [f"{name}: {form}" for name, form in CHANGED.items() if name in there]
    if commit.startswith(EARLIER) and changed:
        said.append(
            f"Commit {commit[:7]}, which measured this, built some otherwise than now ({'; '.join(changed)})."
        )
    return "".join(f" {text}" for text in said)


def _number(value: float) -> str:
    """Three digits, or a dash where nothing was measured."""
    return DASH if pd.isna(value) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _empty(costs: pd.DataFrame) -> str:
    rows = [
        [str(row["network"]), cell.replace("_", ", "), str(row[f"{cell}_why"])]
        for _, row in costs.iterrows()
        for cell in CELLS
        if pd.notna(row[f"{cell}_why"])
    ]
    return markdown.table(("network", "cell", "why"), rows) if rows else "None."
