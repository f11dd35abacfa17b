"""docs/models.md and docs/models/: diagrams drawn from the networks' code, counts, and what the runs show.

The prose is written by hand; what stands between the marks `START` and `END` is written here.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from degradation.analysis.series import check_comparable
from degradation.diagrams import diagram
from degradation.diagrams.exhibits import EXHIBITS, Drawn
from degradation.diagrams.graph import Graph
from degradation.diagrams.trace import inputs, traced
from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES
from degradation.families.family import Family
from degradation.families.history import CHANGED, EARLIER
from degradation.files import write_atomic
from degradation.models import build_model
from degradation.models.count import multiply_adds, parameters
from degradation.plots.style import described
from degradation.reports import beside, markdown
from degradation.runs import store

INDEX, START, END = "models.md", "<!-- numbers -->", "<!-- end -->"
CLAIMS = (
    *("families", "shortcuts", "gates", "forms", "cardinality"),
    *("width", "ancestors", "drops", "columns", "reuse"),
)
# Reports whose runs the pages tell of, as far as they are there.
SHOWN = (
    *("long_cifar10", "cifar10", "shapes_seeds", "families_shapes", "resnet34_shapes"),
    *(f"{it}_cifar10" for it in CLAIMS),
)
SMALLER = "Smaller data and shorter training than the papers'; the reports say by how much."
DASH = "–"


def write(docs: Path, reports: Path) -> list[Path]:
    """Draw all diagrams anew, and write the marked sections of all pages; all are made before the first is
    written.

    Args:
        docs: the folder of `models.md` and `models/`.
        reports: the folder of the reports; those that are not there are left out.

    Returns:
        The files that changed.

    Raises:
        BadRequest: a page or its marks are missing, or a report is damaged.
    """
    experiments = load(reports)
    made: dict[Path, bytes] = {docs / INDEX: page(docs / INDEX, index()).encode()}
    for name, exhibit in EXHIBITS.items():
        path = docs / "models" / f"{name}.md"
        made[path] = page(path, numbers(name, experiments)).encode()
        made[path.with_suffix(".svg")] = draw(exhibit.drawn)
    changed = [path for path, content in made.items() if not path.exists() or path.read_bytes() != content]
    for path in changed:
        write_atomic(path, made[path])
    return changed


def load(reports: Path) -> list[store.Experiment]:
    """The reports of `SHOWN` that are there, in that order."""
    found = [store.load([reports / name]) for name in SHOWN if (reports / name / store.RUNS_CSV).exists()]
    for (experiment,) in found:
        check_comparable(experiment.runs)
    return [experiment for (experiment,) in found]


def page(path: Path, section: str) -> str:
    """A page's text with this section between its marks."""
    text = path.read_text() if path.exists() else ""
    if text.count(START) != 1 or text.count(END) != 1 or text.index(START) > text.index(END):
        raise BadRequest(f"{path}: a page has to hold {START} and {END}, once each and in this order")
    return f"{text[: text.index(START)]}{START}\n\n{section}\n\n{text[text.index(END) :]}"


def draw(blocks: Sequence[Drawn]) -> bytes:
    """A diagram as SVG; its description holds the graphs as text."""
    graphs = [(block.title, graph(block)) for block in blocks]
    return described(diagram.figure(graphs), description(graphs))


def graph(block: Drawn) -> Graph:
    """The graph of a block, its chains of layers merged."""
    with torch.device("meta"):
        network = build_model(block.family, depth=block.depth, **block.keys)
    given = inputs(network, block.path, FAMILIES[block.family].size)
    return traced(network.get_submodule(block.path), given, block.plus, block.times).merged()


def description(graphs: Sequence[tuple[str, Graph]]) -> str:
    return "\n\n".join(f"{' '.join(title.split())}:\n{graph.text()}" for title, graph in graphs)


def numbers(name: str, experiments: Sequence[store.Experiment]) -> str:
    """The marked section of a family's page: how large its networks are, and what the runs show."""
    return f"{counts(name)}\n\n## What the runs here show\n\n{shown(name, experiments)}"


def counts(name: str) -> str:
    """Parameters and multiply-adds of a family's networks, and the parameters of their plain twins."""
    header = ("network", "keys", "image", "parameters", "multiply-adds", "the twin's parameters", "twin")
    return markdown.table(header, [counted(name, depth, keys) for depth, keys in EXHIBITS[name].sizes])


def counted(name: str, depth: int, keys: Mapping[str, Any]) -> tuple[str, ...]:
    """A row of `counts`."""
    rules = FAMILIES[name]
    size = 32 if keys.get("version") == "cifar" else rules.size
    options = {**keys, "num_classes": 10 if size == 32 else 1000}
    own = rules.resolve({key: value for key, value in keys.items() if key in rules.keys})
    kind, twin = rules.kind(rules.shortcut(keys.get("shortcut"), own)), DASH
    with torch.device("meta"):
        network = build_model(name, depth=depth, **options)
        if kind != "none" and rules.twin and rules.twin != name:
            plain = {key: value for key, value in options.items() if key != "shortcut"}
            twin = f"{parameters(build_model(rules.twin, depth=depth, **plain)):,}"
    said = ", ".join(f"`{key}={value}`" for key, value in keys.items())
    cost = f"{multiply_adds(network, 3, size):,}"
    return f"{name}-{depth}", said, f"{size}x{size}", f"{parameters(network):,}", cost, twin, kind


def shown(name: str, experiments: Sequence[store.Experiment]) -> str:
    """The clean training error of a family and its twin in the committed runs, and its growth with depth."""
    rows, said, few = [], [], False
    before: list[tuple[str, pd.DataFrame]] = []
    for experiment in experiments:
        link = f"[{experiment.name}](../../reports/{experiment.name}/README.md)"
        runs = experiment.runs[experiment.runs["family"].isin((name, FAMILIES[name].twin))]
        rows += [(link, *cells) for cells in beside.rows(runs, name)]
        said += [f"{link}: {text}" for text in (*beside.sentences(runs, name), *notes(name, runs))]
        said += [
            f"{link}: {', '.join(same)}: the same networks, trained in the same way, as in {other}, not a "
            "second finding."
            for other, earlier in before
            if (same := beside.repeated(runs, earlier))
        ]
        before.append((link, runs))
        few = few or beside.few(runs, name)
    if not rows:
        return "Nothing yet: no run of this family is among the reports."
    header = ("experiment", *beside.COLUMNS, "plain twin, %", f"{name}, %", "difference in points")
    caveat = beside.CAVEAT if few else ""
    parts = [
        "Training error (clean) at the last step. Width, px (the images' sides) and parameters are as "
        "trained: where they are below those under Size, so was the network.",
        markdown.table(header, rows),
        markdown.items(said),
        f"{SMALLER}\n{caveat}".strip(),
    ]
    return "\n\n".join(part for part in parts if part)


def notes(name: str, runs: pd.DataFrame) -> list[str]:
    """What has to be known of the networks that were trained: how wide they are, whether they were built
    otherwise than now."""
    exhibit, own = EXHIBITS[name], beside.own_runs(runs, name)
    made = [exhibit.note(beside.model(run)) for _, run in own.iterrows()]
    commits = [commit for commit in EARLIER if own["commit"].str.contains(commit).any()]
    if name in CHANGED and commits:
        made.append(
            f"these runs (commit {' and '.join(commits)}) are of an earlier form: {CHANGED[name]}. "
            f"The {name} of now may come out otherwise."
        )
    return [text for text in dict.fromkeys(made) if text]


def index() -> str:
    """The table of all families that are no twins."""
    rows = []
    for name in EXHIBITS:
        rules = FAMILIES[name]
        keys = ", ".join(
            f"`{key}` {'null' if one.own is None else one.own}" for key, one in rules.keys.items()
        )
        twin = f"`{rules.twin}`: {kinds(rules)}" if rules.twin else "none"
        twin = "is one itself" if rules.twin == name else twin
        rows.append((f"[{name}](models/{name}.md)", depths(rules), shortcuts(rules), keys or DASH, twin))
    return markdown.table(("family", "depths", "shortcuts", "keys of its own", "plain twin"), rows)


def depths(rules: Family) -> str:
    """The formula, and where a key changes it, that key's other formulas."""
    own = rules.resolve({})
    said = [rules.depths(own).formula]
    for key, one in rules.keys.items():
        for choice in one.choices:
            try:
                formula = rules.depths({**own, key: choice}).formula
            except BadRequest:  # a choice that needs another key beside it
                continue
            said += [f"{formula} with `{key}={choice}`"] if formula != said[0] else []
    return "; ".join(said)


def shortcuts(rules: Family) -> str:
    """Those that it takes, its own first."""
    own = rules.resolve({})
    found = [rules.shortcuts({**own, "block": block}) for block in ("basic", "bottleneck")]
    said = ", ".join(f"`{one}`" for one in found[0])
    return said if found[0] == found[1] else f"{said}; with bottlenecks first `{found[1][0]}`"


def kinds(rules: Family) -> str:
    """What the twin is, by shortcut."""
    by_kind: dict[str, list[str]] = {}
    for one in rules.shortcuts(rules.resolve({})):
        by_kind.setdefault(rules.kind(one), []).append(one)
    if len(by_kind) == 1:
        return next(iter(by_kind))
    return ", ".join(f"{kind} ({', '.join(sorted(ones))})" for kind, ones in sorted(by_kind.items()))


def drawn(svg: bytes) -> str:
    """The description in a diagram, as `description` wrote it."""
    found = re.search(r"<dc:description>(.*?)</dc:description>", svg.decode(), re.DOTALL)
    return found[1] if found else ""
