"""What the report says of the runs themselves: that twins are twins, on which machine, for how long."""

import pandas as pd

from degradation.analysis import twins
from degradation.analysis.series import NETWORK, ordered
from degradation.reports import markdown
from degradation.runs.label import label
from degradation.runs.schema import ORIGIN, SOURCE

HASHES = {"init": "initial values", "data": "data", "stream": "batches"}


def twins_shown(runs: pd.DataFrame) -> str:
    """What the hashes prove of each pair; a hash that differs is said loudly."""
    frame = twins.pairs(runs)
    if frame.empty:
        return "There are no two runs that are twins."
    parts = []
    for kind, group in frame.groupby("kind", sort=True):
        said = [f"{what} {_counted(group[column])}" for column, what in HASHES.items()]
        parts.append(f"{len(group)} {'pair' if len(group) == 1 else 'pairs'} ({kind}): {'; '.join(said)}.")
    for column, what in HASHES.items():
        for _, pair in frame[frame[column] == twins.DIFFERS].iterrows():
            parts.append(
                f"**WARNING: {pair['run']} and {pair['twin']} differ in their {what}: they are not twins.**"
            )
    return markdown.items(parts)


def _counted(found: pd.Series) -> str:
    counts = found.value_counts().sort_index()
    if len(counts) == 1:
        return f"{counts.index[0]} in all"
    return ", ".join(f"{state} in {count}" for state, count in counts.items())


def adopted(runs: pd.DataFrame) -> str:
    """Whose the networks are that others trained: a sentence for all files of one origin; of none nothing."""
    if SOURCE not in runs:
        return ""
    theirs = runs[runs[SOURCE] != ""]
    origins = theirs.get(ORIGIN, pd.Series("", index=theirs.index))
    return "\n\n".join(
        f"Trained by others: {', '.join(f'`{markdown.text(name)}`' for name in own[SOURCE])}"
        f"{f' ({markdown.text(origin)})' if origin else ''}."
        for origin, own in theirs.groupby(origins, sort=False)
    )


def machine(runs: pd.DataFrame) -> str:
    """Where the runs were trained, with which versions, and how long it took."""
    facts = [
        ("device", runs["device"]),
        ("precision", runs["precision"]),
        ("threads", runs["threads"].astype("str").replace("<NA>", "")),
        ("deterministic", runs["deterministic"]),
        ("commit", runs["commit"]),
        *((str(c).removeprefix("versions."), runs[c]) for c in runs if str(c).startswith("versions.")),
    ]
    rows = [[name, _values(cells)] for name, cells in facts]
    timed = ordered(runs[runs["seconds"].notna()])
    seconds = []
    for (family, variant, depth), took in timed.groupby(NETWORK, sort=False)["seconds"]:
        each, total = f"{took.mean():,.0f}", f"{took.sum():,.0f}"
        seconds.append([label(family, variant, depth), str(len(took)), each, total])
    said = f"Training took {timed['seconds'].sum():,.0f} s in all, over {len(timed)} runs." if seconds else ""
    times = markdown.table(["network", "runs", "seconds a run", "seconds in all"], seconds) if seconds else ""
    return "\n\n".join(
        part for part in (adopted(runs), markdown.table(["what", "value"], rows), said, times) if part
    )


def _values(cells: pd.Series) -> str:
    """The values that occur, with how many runs have each where they are several."""
    counts = cells[cells != ""].value_counts()
    if len(counts) < 2:
        return str(counts.index[0]) if len(counts) else "-"
    return "; ".join(f"{value} ({count} runs)" for value, count in sorted(counts.items()))
