"""What the benchmark measured -> reports/benchmark/: tables, facts and a picture a kind of device."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from degradation.costs import benchmark_table, pictures
from degradation.costs.benchmark import Measured
from degradation.costs.benchmark_table import ALONE
from degradation.files import check_report_folder, read_json, write_atomic
from degradation.plots.style import files
from degradation.reports import markdown

COMMAND = "python scripts/benchmark.py"
WAITING = "waiting.json"
KINDS = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple GPU"}
HEAD = f"""# Benchmark

`{COMMAND}` times the training steps of the paper's eight networks (32x32 pixels,
evaluation left out) in two ways, in turns, in one run:

- **the usual way**: Lightning's automatic loop, a DataLoader with torchvision's per-image transforms,
  float32, default memory format, PyTorch's default TF32 settings (on for convolutions, off for matrix
  products; a CPU has none), one network after another, with the best number of workers and threads, found in
  this run;
- **this suite**, as a sweep trains: on a CPU a process a core, each with a network, on a GPU all networks at
  once.

Beside them is the machine's own limit, measured in the same run: a large bf16 matrix product on all cores.
The share of the limit is how much of its rate this suite's images/s come to (6 operations a multiply-add).
A convolution of these shapes doesn't reach that rate. *Convolutions alone* are the images/s if a step were
nothing but its convolutions, each kernel (forward, backward by data, backward by weight) called alone in the
suite's precision, on as many processes: what is between this suite and them is all else that a step does.
"""


def write(measured: Measured, out: Path) -> Path:
    """Write the benchmark's report; what was measured on other kinds of device stays.

    Returns:
        Its README.md.
    """
    folder = out / "benchmark"
    check_report_folder(folder)
    kind = measured.facts["kind"]
    folder.mkdir(parents=True, exist_ok=True)
    rows = pd.DataFrame(measured.rows)
    write_atomic(folder / f"{kind}.csv", rows.to_csv(index=False, lineterminator="\n"))
    write_atomic(folder / f"{kind}.json", json.dumps(measured.facts, indent=1) + "\n")
    title = (
        f"{measured.facts['device']}: training images per second, median of {measured.facts['rounds']} rounds"
    )
    for name, content in files(pictures.speed(benchmark_table.speed(rows), title), kind).items():
        write_atomic(folder / name, content)
    write_atomic(folder / "README.md", page(folder))
    return folder / "README.md"


def page(folder: Path) -> str:
    """README.md of all that was measured on any device."""
    parts = [HEAD]
    for kind, name in KINDS.items():
        if (folder / f"{kind}.csv").exists():
            rows, facts = pd.read_csv(folder / f"{kind}.csv"), read_json(folder / f"{kind}.json")
            parts.append(f"## {name}: {facts['device']}\n\n{section(rows, facts, kind)}")
    if not (folder / "cuda.csv").exists():
        parts.append(
            "## What has not run on a GPU\n\nNothing here has run on a GPU yet: not the capture of CUDA "
            "graphs, not the streams side by side, not compiled blocks inside a graph. Their arithmetic is "
            "tested on a CPU (`tests/test_fast.py`, which also holds the tests that wait for a GPU); "
            "`scripts/paper_on_gpu.sh` runs those tests once a machine.\n"
        )
    if (folder / WAITING).exists():
        parts.append(waiting(read_json(folder / WAITING)["waits"]))
    return "\n".join(parts)


def waiting(rows: list[dict[str, Any]]) -> str:
    """How long one waits for a command.

    Args:
        rows: `what`, `aim`, `n`, `seconds` (median), `low`, `high`, `megabytes` (the most; None: not asked).
    """
    cells = [
        (
            one["what"],
            f"{one['seconds']:.2f} s ({one['low']:.2f} to {one['high']:.2f})",
            str(one["n"]),
            f"{one['aim']:g} s",
            "" if one["megabytes"] is None else f"{one['megabytes']:.0f} MB",
        )
        for one in rows
    ]
    header = ("what", "median (fastest to slowest)", "n", "aimed at", "memory at most")
    return (
        "## How long one waits\n\n`python tests/waiting.py --tests`, on the CPU above, which did nothing "
        f"else.\n\n{markdown.table(header, cells)}\n"
    )


def section(rows: pd.DataFrame, facts: dict[str, Any], kind: str) -> str:
    """One device's table and what stands around it."""
    summary, batch = benchmark_table.speed(rows), facts["batch_size"]
    every = summary[summary["network"] == benchmark_table.ALL].iloc[0]
    times = {way: benchmark_table.figure_seconds(every[way], batch) for way in ("usual", "suite")}
    usual = facts["usual"]
    said = [
        f"All eight networks: **{every['ratio']:.2f} times** the usual way's images per second "
        f"(from {every['ratio_low']:.2f} to {every['ratio_high']:.2f} over the rounds), at "
        f"{100 * every['share']:.0f}% of the bf16 matrix product's rate.",
        f"The whole figure (8 networks, 64,000 steps of {batch}), extrapolated from these steps: "
        f"{_hours(times['usual'])} the usual way, {_hours(times['suite'])} this way.",
        f"The usual way's fastest setting: {usual['threads']} threads, {usual['workers']} workers, of "
        + "; ".join(
            f"{one['threads']} threads, {one['workers']} workers ({1e3 * one['seconds']:.1f})"
            for one in facts["usual_tried"]
        )
        + " (in brackets: milliseconds an image, the shallowest and the deepest network together).",
        f"This suite: {facts['precision']}, engine {facts['engine']}, compile {facts['compile']}, "
        + (f"{facts['processes']} processes of one thread." if facts["processes"] else "one process."),
        f"{facts['rounds']} rounds; on both sides {facts['steps'][1]} steps of {batch} images timed after "
        f"{facts['steps'][0]} that warm up.",
        *_distance(every),
        "Limits (median): " + _limits(facts) + ".",
        "Versions: "
        + ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        + f"; commit {facts['commit']}.",
    ]
    if "usual_without_tf32" in facts:
        rates = ", ".join(f"{name} {rate:.0f}" for name, rate in facts["usual_without_tf32"].items())
        said.append(f"The usual way without TF32, once, images/s: {rates}.")
    header = ["network", "usual, images/s", "this suite, images/s", "ratio", "share of the limit"]
    header += ["convolutions alone, images/s", "outside"]
    cells = [
        (
            row["network"],
            *(_spread(row, name, 0) for name in ("usual", "suite")),
            _spread(row, "ratio", 2),
            f"{100 * row['share']:.0f}%",
            "" if pd.isna(row["convolutions"]) else _spread(row, "convolutions", 0),
            "" if pd.isna(row["outside"]) else f"{100 * row['outside']:.1f}%",
        )
        for _, row in summary.iterrows()
    ]
    return (
        f"![Images per second, this suite beside the usual way]({kind}.png)\n\n{markdown.items(said)}\n\n"
        f"{markdown.table(header, cells)}\n\n"
        f"Medians, in brackets the slowest and the fastest round ([{kind}.csv]({kind}.csv) has every round). "
        "`outside`: the part of this suite's time that passes outside forward, backward and optimizer.\n"
        + _passes(summary)
    )


def _passes(summary: pd.DataFrame) -> str:
    """The convolutions alone, pass by pass; nothing where they were not measured."""
    if summary["convolutions_forward"].isna().all():
        return ""
    rate = summary["share"] / summary["suite"]  # of the limit, an image/s
    cells = []
    for number, row in summary.iterrows():
        shares = [row[name] * rate[number] / (1 if name == "convolutions" else 3) for name in ALONE.values()]
        rates = [
            f"{row[name]:.0f} ({100 * share:.0f}%)"
            for name, share in zip(ALONE.values(), shares, strict=True)
        ]
        cells.append((row["network"], *rates))
    header = ("network", "all passes", "forward", "gradient by the input", "gradient by the weights")
    return (
        "\nThe convolutions alone, pass by pass: images/s if a step were nothing else (medians). In "
        "brackets: the share of the bf16 matrix product's rate. A pass is a third of the operations.\n\n"
        + markdown.table(header, cells)
        + "\n"
    )


def _distance(every: pd.Series) -> list[str]:
    """How much of the convolutions' own rate is reached; nothing where that was not measured."""
    if pd.isna(every["convolutions"]):
        return []
    return [
        f"This suite trains at {100 * every['suite'] / every['convolutions']:.0f}% of the rate that its "
        "convolutions alone would have."
    ]


def _spread(row: pd.Series, name: str, digits: int) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{row[name]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _limits(facts: dict[str, Any]) -> str:
    found = pd.DataFrame(facts["limits"]).median()
    return (
        f"bf16 matrix product {found['bf16_flops'] / 1e9:,.0f} GFLOP/s, float32 "
        f"{found['float32_flops'] / 1e9:,.0f} GFLOP/s, copy {found['copy_bytes'] / 1e9:.1f} GB/s"
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{seconds / 60:.1f} min"
