"""How the runs of a report are trained again."""

import pandas as pd

from degradation.files import CONF
from degradation.reports import dress, markdown


def again(name: str, runs: pd.DataFrame) -> str:
    """The commands, as Markdown.

    Args:
        name: the experiment's.
        runs: the checked runs.
    """
    commits = sorted({commit for commit in runs["commit"] if commit})
    lines = [f"git checkout {markdown.text(commits[0])}"] if len(commits) == 1 else []
    lines.append("python -m pip install -c constraints.txt -e .")
    if (CONF / "experiment" / f"{name}.yaml").is_file():
        lines.append(f"python scripts/train.py -m experiment={name}")
    lines.append(f"python scripts/plot_curves.py runs/{name}")
    run = runs["run"].iloc[0]
    one = f'python scripts/train.py --config-path "$PWD/runs/{name}/{run}" --config-name config runs=again'
    several = (
        f"The runs are of {len(commits)} commits, which the machine's section names."
        if len(commits) > 1
        else ""
    )
    return "\n\n".join(
        part
        for part in (
            "In a checkout of the project:",
            "\n".join(f"    {line}" for line in lines),
            several,
            "Each run folder holds all settings of its run, which trains it again:",
            f"    {one}",
            "The same machine type, versions and threads give the same bits on a CPU.",
        )
        if part
    )


def hashes(runs: pd.DataFrame) -> str:
    """What each run started from and saw, as the first twelve digits of SHA-256; HTML, under a fold."""
    kinds = {"init_sha256": "initial values", "data_sha256": "data", "stream_sha256": "batches"}
    rows = [
        [run["run"], run["status"], *(run[kind][:12] or "–" for kind in kinds), run["commit"][:12] or "–"]
        for run in runs.to_dict("records")
    ]
    summary = f"Hashes of {len(rows)} runs (SHA-256, first 12 digits; whole in runs.csv)"
    return dress.fold(summary, dress.table(["run", "state", *kinds.values(), "commit"], rows))
