"""What a comparison of two sets of runs says: its sentences and tables."""

from dataclasses import dataclass

import pandas as pd

from degradation.analysis import compare
from degradation.analysis.differences import ENOUGH_SEEDS
from degradation.analysis.series import MEASURES
from degradation.reports import markdown, phrases
from degradation.reports.caption import caption
from degradation.reports.page import Parts
from degradation.reports.sections import DASH, SAID

HEADINGS = {
    "differences": "Growth with depth",
    "deviations": "Settings that differ",
    "unfinished": "Runs that are in no pair",
    "twins": "Are the pairs pairs?",
    "machine": "Machine and versions",
}


@dataclass(frozen=True)
class Side:
    """One of the two sets: its name, its runs, their curves."""

    name: str
    runs: pd.DataFrame
    curves: pd.DataFrame

    @property
    def has_settings(self) -> bool:
        """Whether its settings are known; of somebody else's curves they aren't."""
        return any(str(column).startswith("config.") for column in self.runs)


def parts(first: Side, second: Side, pairs: pd.DataFrame, found: pd.DataFrame) -> Parts:
    """What the comparison says.

    Args:
        first, second: the two sets.
        pairs: what `compare.paired` makes of them.
        found: what `compare.differences` makes of the pairs.
    """
    return Parts(
        title=f"{markdown.text(second.name)} minus {markdown.text(first.name)}"
        + (", paired by seed" if pairs["by_seed"].all() else ""),
        common="",
        verdict=_verdict(first, second, found),
        many="",
        notes=[caption(pd.concat([side.runs for side in (first, second) if side.has_settings]))],
        errors=_errors(first, second, found, pairs["by_seed"].all()),
        differences=_growths(pairs),
        beside="",
        unfinished=_left_out(first, second, pairs),
        deviations=_settings(first, second),
        twins=_evidence(pairs),
        machine=_machine(first, second),
    )


def _verdict(first: Side, second: Side, found: pd.DataFrame) -> list[str]:
    """For how many networks the difference can be told from noise, and the largest."""
    items = []
    for measure in ("train_error", "test_error"):
        own = found[(found["measure"] == measure) & found["points"].notna()]
        if own.empty:
            continue
        judged = own[own["seeds"] >= ENOUGH_SEEDS]
        most = own.loc[own["points"].abs().idxmax()]
        text = f"**{SAID[measure]}**, {second.name} minus {first.name}: "
        if len(judged):
            text += (
                f"of {len(judged)} networks the 95% interval of the difference lies {phrases.lies(judged)}. "
            )
        text += f"The largest is {phrases.points(most, ' points')}, of {most['family']}-{most['depth']}."
        items.append(f"{text} {phrases.few(own[own['seeds'] < ENOUGH_SEEDS]['seeds'])}".rstrip())
    return items or ["**No verdict**: none of these runs measured its error at the end."]


def _evidence(pairs: pd.DataFrame) -> str:
    said = {"init_sha256": "initial values", "data_sha256": "images", "stream_sha256": "batches"}
    counts = compare.same(pairs)
    parts = [f"{what} in {counts[kind]}" for kind, what in said.items()]
    return f"Of {len(pairs)} pairs of runs the hashes are the same: {phrases.joined(parts)}."


def _errors(first: Side, second: Side, found: pd.DataFrame, by_seed: bool) -> str:
    rows = [
        [
            f"{row['family']}-{row['depth']}",
            SAID[row["measure"]],
            phrases.percent(row["first"]),
            phrases.percent(row["second"]),
            phrases.points(row) if pd.notna(row["points"]) else DASH,
        ]
        for _, row in found.iterrows()
    ]
    header = ["network", "error", f"{first.name}, %", f"{second.name}, %", "difference, points"]
    said = "Means over the seeds that both have; the difference is paired by seed, its interval Student's t."
    if not by_seed:
        said = "Means over all runs of a network. One set has no seeds: nothing pairs them, so no interval."
    return f"{markdown.table([markdown.text(cell) for cell in header], rows)}\n\n{said}"


def _growths(pairs: pd.DataFrame) -> str:
    grown = compare.growths(pairs)
    if grown.empty:
        return "No family has two depths in both."
    cells: dict[str, list[str]] = {}
    for _, row in grown.iterrows():
        name = f"{row['family']}: growth from {row['shallow']} to {row['deep']} layers"
        cells.setdefault(name, []).append(phrases.points(row) if pd.notna(row["points"]) else DASH)
    header = ["second minus first, points", *(SAID[measure] for measure in MEASURES)]
    return markdown.table(header, [[name, *values] for name, values in cells.items()])


def _left_out(first: Side, second: Side, pairs: pd.DataFrame) -> str:
    rows = []
    for side, column in ((first, "run"), (second, "run_second")):
        left = side.runs[~side.runs["run"].isin(pairs[column])]
        rows += [[side.name, run["run"], run["status"]] for _, run in left.iterrows()]
    if not rows:
        return "None: every run has its like in the other set."
    return markdown.table(["set", "run without a complete like in the other", "state"], rows)


def _settings(first: Side, second: Side) -> str:
    if not (first.has_settings and second.has_settings):
        return "Not known: one of the sets says nothing of its settings."
    rows = [
        [f"`{row['key']}`", row["first"], row["second"]]
        for _, row in compare.settings(first.runs, second.runs).iterrows()
    ]
    if not rows:
        return "None: the settings of both are the same."
    return markdown.table(["key", markdown.text(first.name), markdown.text(second.name)], rows)


def _machine(first: Side, second: Side) -> str:
    columns = [
        "device",
        "precision",
        "commit",
        *sorted(c for c in first.runs if str(c).startswith("versions.")),
    ]
    rows = []
    for column in columns:
        values = [
            ", ".join(sorted({str(v) for v in side.runs.get(column, [])} - {""})) for side in (first, second)
        ]
        rows.append([column.removeprefix("versions."), *(value or DASH for value in values)])
    return markdown.table(["what", markdown.text(first.name), markdown.text(second.name)], rows)


def readme(said: Parts) -> str:
    lines = [
        f"# {said.title}",
        *said.notes,
        markdown.items(said.verdict),
        "![Error at the end](depth.png)",
        "## Errors at the last step",
        said.errors,
        f"## {HEADINGS['differences']}",
        said.differences,
        "![Error against step](curves.png)",
        f"## {HEADINGS['deviations']}",
        said.deviations,
        f"## {HEADINGS['unfinished']}",
        said.unfinished,
        f"## {HEADINGS['twins']}",
        said.twins,
        f"## {HEADINGS['machine']}",
        said.machine,
    ]
    return "\n\n".join(part for part in lines if part) + "\n"
