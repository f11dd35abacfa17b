"""Run folders -> reports/<experiment>_why/: a table and a picture an analysis, and a page.

The tables are all that a picture or a sentence is made of, so a report is drawn again without the weights.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from degradation.analysis.series import check_comparable, complete, ordered
from degradation.errors import BadRequest
from degradation.files import Unfinished, check_report_folder, write_atomic
from degradation.plots.style import files
from degradation.reports import caption
from degradation.runs import read, store
from degradation.runs.schema import COMPLETE
from degradation.runs.summary import NETWORKS_CSV, SUMMARY
from degradation.training.commit import code
from degradation.why import page, tables
from degradation.why.analyses import ANALYSES, need_networks, need_weights
from degradation.why.measuring import measure
from degradation.why.networks.recorded import load_starts
from degradation.why.networks.trained import Started, load_runs
from degradation.why.numbers.compare import COLUMNS
from degradation.why.numbers.quantities import FINAL

STATE = "state"  # of a network, of which a report can only say how it was before training
BUDGET = "steps"  # which `budgets` has in place of a variant
END = "_why"  # of the folder's name, behind the experiment's
README = "README.md"
Stored = dict[str, str]  # the text of a report's tables by file name
Say = Callable[[str], None]


def write(
    paths: Sequence[Path], out: Path, names: Sequence[str], images: int, root: str | None, say: Say
) -> list[Path]:
    """Measure, and write the report of each experiment; of a report that is named, draw it again.

    An analysis that is measured is kept at once: stopped, the same call goes on with the next one.

    Args:
        paths: experiments, roots of runs, single runs; or folders that this function wrote.
        out: where the report folders go.
        names: of the analyses. Tables of others that lie in the folder already stay, and are drawn again;
            so do the rows of networks that aren't in `paths`, whose weights may be gone.
        images: see `measuring.measure`.
        root: where the images lie, if elsewhere than when the networks were trained.
        say: is told how far it is.

    Returns:
        The report folders.

    Raises:
        BadRequest: there are no complete runs, one that is named isn't, or files are missing or damaged;
            or what the report holds was trained in another way.
    """
    if images < 1:
        raise BadRequest(f"--images {images}: at least 1")
    again = [path for path in paths if (path / NETWORKS_CSV).is_file()]
    experiments = _folders([path for path in paths if path not in again], names)
    for name in experiments:
        check_report_folder(out / f"{name}{END}")
    found = {folder: _stored(folder) for folder in again}
    kept: dict[Path, Unfinished] = {}
    for name, (recorded, folders) in experiments.items():
        folder = out / f"{name}{END}"
        before = _stored(folder)
        runs = _joined(folder, before, NETWORKS_CSV, recorded.runs)
        if NETWORKS_CSV in before:
            _check_recipe(folder, runs)
        kept[folder] = Unfinished(folder, tables.text(recorded.runs), str(images), code())
        networks = _loaded(recorded, folders, names, root, say)
        done = measure(names, recorded, networks, images, kept[folder], say)
        new = {f"{name}.csv": _joined(folder, before, f"{name}.csv", table) for name, table in done.items()}
        new[NETWORKS_CSV] = runs
        found[folder] = {**before, **{file: tables.text(ordered(table)) for file, table in new.items()}}
    contents = {folder: {**stored, **build(folder, stored)} for folder, stored in found.items()}
    for folder, of_file in contents.items():
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in of_file.items():
            write_atomic(folder / file, content)
        if folder in kept:
            kept[folder].forget()
    return list(contents)


def _loaded(
    recorded: store.Experiment, folders: Sequence[Path], names: Sequence[str], root: str | None, say: Say
) -> Sequence[Started]:
    """The networks of an experiment with their weights, or without where there is only a report of them."""
    if not need_networks(names):
        return []
    return load_runs(folders, root, say) if folders else load_starts(recorded, root)


def build(folder: Path, stored: Stored) -> dict[str, bytes | str]:
    """What is made of a report's tables, by file name: the same, byte for byte, for the same tables.

    Raises:
        BadRequest: a table is damaged.
    """
    contents: dict[str, bytes | str] = {}
    summary = []
    try:
        networks = tables.networks(stored[NETWORKS_CSV])
        found = {name: tables.measured(stored[f"{name}.csv"]) for name in ANALYSES if f"{name}.csv" in stored}
        note = caption.caption(networks)
        common = networks["variant"].iloc[0] if networks["variant"].nunique() == 1 else ""
        if common:  # what all have in common is said once
            found = {name: table.assign(variant="") for name, table in found.items()}
            networks = networks.assign(variant="")
        for name, table in found.items():
            contents |= files(ANALYSES[name].draw(table, note), name)
            summary.append(ANALYSES[name].numbers(table).assign(analysis=name))
    except (ValueError, KeyError) as error:
        raise _damaged(folder, error) from None
    if not summary:
        raise BadRequest(f"{folder}: holds no table of an analysis: measure anew")
    numbers = pd.concat(summary, ignore_index=True)[["analysis", *COLUMNS]]
    asked = {name: f"{ANALYSES[name].asks}\n{_shown(name, table)}" for name, table in found.items()}
    contents[SUMMARY] = tables.rounded(numbers)
    experiment = folder.name.removesuffix(END)
    source = ""
    if need_weights(list(found)) or any(_trained(table) for table in found.values()):
        source = " Read from the weights of complete runs, in float32."
    elif need_networks(list(found)):
        source = " Of networks made again as they were before training, in float32."
    contents[README] = page.page(experiment, networks, asked, numbers, note, source, common)
    return contents


def _joined(folder: Path, before: Stored, file: str, new: pd.DataFrame) -> pd.DataFrame:
    """The new rows behind those of other networks and states that the report's table holds already.

    Raises:
        BadRequest: the table is damaged.
    """
    if file not in before:
        return new
    keys, read_table = (
        (["run"], tables.networks) if file == NETWORKS_CSV else ([*store.NETWORK], tables.measured)
    )
    try:
        old = read_table(before[file])
        if file != NETWORKS_CSV:
            keys += [key for key in (STATE, BUDGET) if key in old and key in new]
        places = old[keys].merge(new[keys].drop_duplicates(), how="left", indicator=True)["_merge"]
    except (ValueError, KeyError) as error:
        raise _damaged(folder / file, error) from None
    joined = pd.concat([old[(places == "left_only").to_numpy()], new], ignore_index=True)
    for key in {STATE, BUDGET}.intersection(keys):  # initialisation first, the shortest first
        joined = joined.sort_values(key, ascending=key == BUDGET, kind="stable", ignore_index=True)
    return joined


def _check_recipe(folder: Path, runs: pd.DataFrame) -> None:
    """Refuse networks that were trained in another way than those that the report holds, naming it."""
    try:
        check_comparable(runs.fillna(""))
    except BadRequest as error:
        raise BadRequest(f"{folder} holds networks of before: {error}, or delete that folder") from None


def _damaged(path: Path, error: Exception) -> BadRequest:
    return BadRequest(f"{path}: a table is damaged ({error}): delete it and measure anew")


def _folders(paths: Sequence[Path], names: Sequence[str]) -> dict[str, tuple[store.Experiment, list[Path]]]:
    """Each experiment by name, and the folders of those runs that are complete; no folders where the
    analyses take no networks, or a report is named, which can only say how they began.

    Raises:
        BadRequest: a report is named, whose weights are gone, and an analysis takes them, or an experiment
            has no complete run.
    """
    if not paths:
        return {}
    each = [folder for path in paths for folder in read.find(path)]
    reports = [folder for folder in each if (folder / store.RUNS_CSV).exists()]
    if reports and need_weights(names):
        others = ",".join(name for name in ANALYSES if not need_weights([name]))
        raise BadRequest(
            f"{reports[0]} is a report, which holds no weights: name the runs' own folder, or ask what takes "
            f"none (--only {others})"
        )
    if reports or not need_networks(names):
        return {experiment.name: (experiment, []) for experiment in store.load(paths)}
    places = {(folder.absolute().parent.name, folder.absolute().name): folder for folder in each}
    found = {}
    for experiment in store.load(paths):
        check_comparable(experiment.runs)
        folders = [places[(experiment.name, run)] for run in complete(experiment.runs)["run"]]
        named = [folder for path in paths for folder in places.values() if path == folder]
        if not folders or any(folder not in folders for folder in named if _of(folder, experiment)):
            row = next(iter(experiment.runs[experiment.runs["status"] != COMPLETE].itertuples()))
            raise BadRequest(f"{places[(experiment.name, row.run)]}: {row.status}, not complete: train on")
        found[experiment.name] = (experiment, folders)
    return found


def _of(folder: Path, experiment: store.Experiment) -> bool:
    return folder.absolute().parent.name == experiment.name


def _shown(name: str, table: pd.DataFrame) -> str:
    if "images" not in table:
        return f"As the runs recorded it, on {ANALYSES[name].shown}."
    counts = sorted(set(table["images"]))
    if not any(counts):
        return "Read from the weights alone."
    return f"Measured on {' or '.join(f'{count:,}' for count in counts)} {ANALYSES[name].shown}."


def _trained(table: pd.DataFrame) -> bool:
    return STATE in table and bool((table[STATE] == FINAL).any())


def _stored(folder: Path) -> Stored:
    """The tables that lie in a report's folder, as text by file name."""
    names = [NETWORKS_CSV, *(f"{name}.csv" for name in ANALYSES)]
    return {name: (folder / name).read_text() for name in names if (folder / name).is_file()}
