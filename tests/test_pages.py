"""The pages of the families: whole, up to date, and their diagrams show what the code computes."""

import functools
import html
import itertools
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from fake_runs import SHAPES, fake_run
from torch import Tensor, nn

from degradation.cli.compose import compose
from degradation.diagrams import diagram, pages
from degradation.diagrams.exhibits import EXHIBITS, Drawn, twins
from degradation.diagrams.graph import JOINS, Graph
from degradation.diagrams.layout import layout
from degradation.diagrams.trace import traced
from degradation.errors import BadRequest
from degradation.families.catalog import FAMILIES
from degradation.families.history import CHANGED, EARLIER
from degradation.models import build_model
from degradation.models.initial import initialise
from degradation.reports import beside, markdown
from degradation.runs import store

DOCS = ROOT / "docs"
PAGES = [DOCS / pages.INDEX, *(DOCS / "models" / f"{name}.md" for name in EXHIBITS)]
# How often the network's diagram joins paths; for several blocks those of all of them.
FACTS = {
    "residual": {"+": 2},
    "bottleneck": {"+": 2},
    "preact": {"+": 3},
    "wide": {"+": 2},
    "resnext": {"+": 4, "concat": 1},  # form (a) adds up its paths, form (b) concatenates them
    "inception_resnet": {"+": 1, "concat": 2},
    "stochastic_depth": {"+": 3, "× 0 or 1": 2},
    "densenet": {"concat": 3},
    "fractalnet": {"mean": 2},
    "resnet_imagenet": {"+": 2},
    "resnext_imagenet": {"+": 1},
    "densenet_imagenet": {"concat": 1},
    "squeezenet": {"concat": 2},
    "squeezenet_bypass": {"concat": 3, "+": 2},
    "nin": {},
    "vgg": {},
    "alexnet": {},
}


@functools.cache
def graphs(name: str) -> list[tuple[str, Graph]]:
    """Title and graph of each block of a family's diagram."""
    return [(block.title, pages.graph(block)) for block in EXHIBITS[name].drawn]


def test_the_reports_that_pages_tell_of_are_of_experiments() -> None:
    for name in pages.SHOWN:
        assert (ROOT / f"conf/experiment/{name}.yaml").exists(), name


@pytest.fixture(scope="module")
def experiments() -> list[store.Experiment]:
    return pages.load(ROOT / "reports")


def test_every_family_has_a_page_or_is_a_twin() -> None:
    assert set(FAMILIES) == set(EXHIBITS) | {FAMILIES[name].twin for name in EXHIBITS} - {None}


@pytest.mark.parametrize("name", EXHIBITS)
def test_what_the_runs_show_is_up_to_date(name: str, experiments: list[store.Experiment]) -> None:
    text = (DOCS / "models" / f"{name}.md").read_text()
    shown = text.split("## What the runs here show\n\n")[1].split(f"\n\n{pages.END}")[0]
    assert shown == pages.shown(name, experiments), "run scripts/models.py"


@pytest.mark.parametrize("name", EXHIBITS)
def test_counts_are_up_to_date(name: str) -> None:
    """All rows are there; those of the deepest networks, which take seconds, are not counted anew."""
    text = (DOCS / "models" / f"{name}.md").read_text()
    rows = [line for line in text.split(pages.START)[1].split("\n## ")[0].split("\n") if f"| {name}-" in line]
    sizes = EXHIBITS[name].sizes
    shallow = max(30, min(depth for depth, _ in sizes))
    assert len(rows) == len(sizes)
    for row, (depth, keys) in zip(rows, sizes, strict=True):
        counted = pages.counted(name, depth, keys) if depth <= shallow else (f"{name}-{depth}",)
        assert row.startswith(markdown.table((), [counted]).split("\n")[-1].rstrip("|")), (
            "run scripts/models.py"
        )


def test_index_is_up_to_date() -> None:
    path = DOCS / pages.INDEX
    assert pages.page(path, pages.index()) == path.read_text(), "run scripts/models.py"


@pytest.mark.parametrize("name", EXHIBITS)
def test_diagram_is_up_to_date(name: str) -> None:
    """By what it says it shows: the bytes depend on matplotlib's version."""
    committed = html.unescape(pages.drawn((DOCS / "models" / f"{name}.svg").read_bytes()))
    assert committed == pages.description(graphs(name)), "run scripts/models.py"
    counts = {word: sum(graph.count(word) for _, graph in graphs(name)) for word in JOINS}
    assert {word: count for word, count in counts.items() if count} == FACTS[name]


def test_diagrams_are_reproducible() -> None:
    blocks = EXHIBITS["fractalnet"].drawn
    assert pages.draw(blocks) == pages.draw(blocks)


def plain_part(graph: Graph) -> tuple[list[tuple[str, ...]], list[tuple[int, int]]]:
    """A graph without what lies on shortcuts, and without the joins that are left with one input."""
    into = {
        v: [u for u, w, flag in graph.edges if w == v and not flag and not graph.nodes[u].shortcut]
        for v in range(len(graph.nodes))
    }
    kept = [
        v
        for v, node in enumerate(graph.nodes)
        if not node.shortcut and not (node.words[0] in JOINS and len(into[v]) == 1)
    ]

    def real(v: int) -> int:
        return v if v in kept else real(into[v][0])

    edges = [(kept.index(real(u)), kept.index(v)) for v in kept for u in into[v]]
    return [graph.nodes[v].words for v in kept], edges


def unmerged(block: Drawn) -> Graph:
    """Every layer a node of its own, but with the edges that go around them marked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("degradation.diagrams.graph._continues", lambda box, node: False)
        return pages.graph(block)


@pytest.mark.parametrize("name", [name for name in EXHIBITS if FAMILIES[name].twin not in (None, name)])
def test_without_its_shortcuts_a_block_is_the_twins(name: str) -> None:
    plain, network = (unmerged(block) for block in EXHIBITS[name].drawn[:2])
    if name == "resnext":  # its second and third panel are forms (a) and (b)
        network = unmerged(EXHIBITS[name].drawn[3])
    assert plain_part(network) == plain_part(plain)
    assert not any(flag for _, _, flag in plain.edges) and not any(node.shortcut for node in plain.nodes)
    assert any(flag for _, _, flag in network.edges)


def test_what_the_reviews_are_told() -> None:
    """Option A has no kernel, option B has a 1x1 one of stride 2 (the page of residual)."""
    blocks = [Drawn("", "residual", 20, "stages.1.0", {"shortcut": option}) for option in ("A", "B")]
    padded, projected = ([node for node in pages.graph(one).nodes if node.shortcut] for one in blocks)
    assert [node.convolves for node in padded] == [False]
    assert [node.words for node in projected] == [("1×1, 32, /2", "BN")]


def test_plain_preact_is_plain() -> None:
    """The page of preact says so."""
    networks = [build_model(name, depth=14, width=4).eval() for name in ("plain", "plain_preact")]
    for network in networks:
        initialise(network, seed=0)
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(networks[0](images), networks[1](images))


def test_merging_keeps_the_layers() -> None:
    _, block = twins("preact", 20, "stages.1.1")
    graph, whole = unmerged(block), pages.graph(block)
    assert sorted(w for node in graph.nodes for w in node.words) == sorted(
        w for node in whole.nodes for w in node.words
    )
    assert whole.nodes[1].words == ("BN", "ReLU", "3×3, 32")


@pytest.mark.parametrize("name", EXHIBITS)
def test_nothing_overlaps(name: str) -> None:
    for _, graph in graphs(name):
        at = layout(graph)
        assert set(at.row) == set(range(len(graph.nodes)))
        for u, v in itertools.combinations(at.row, 2):
            assert at.lane[u] != at.lane[v] or abs(at.row[u] - at.row[v]) >= 1
        assert all(at.row[u] < at.row[v] for u, v, _ in graph.edges)


@pytest.mark.parametrize("name", EXHIBITS)
def test_readable_at_700_pixels(name: str) -> None:
    """And not so narrow that there is nothing to compare."""
    assert 250 <= diagram.figure(graphs(name)).get_size_inches()[0] * 96 <= 700


@pytest.mark.parametrize("name", EXHIBITS)
def test_titles_stand_close_above_their_blocks(name: str) -> None:
    """Whether a title has one line or two, in the first line of blocks or in a later one."""
    made = diagram.figure(graphs(name))
    texts = made.axes[0].texts
    titles = [text for text in texts if text.get_weight() == "bold"]
    tops = [text.get_position()[1] for text in texts if text.get_style() == "italic"]
    assert len(titles) == len(tops) == len(graphs(name))
    assert [text.get_verticalalignment() for text in titles] == ["bottom"] * len(titles)
    for title, top in zip(titles, tops, strict=True):
        assert top - title.get_position()[1] == pytest.approx(diagram.UNDER)
    assert diagram.UNDER < 0.35


def test_all_of_resnexts_forms_are_drawn() -> None:
    drawn = [block.keys.get("form", "c") for block in EXHIBITS["resnext"].drawn if block.family == "resnext"]
    assert drawn == ["a", "b", "c"]


def test_what_pools_a_column_is_drawn_as_a_part_of_it() -> None:
    """FractalNet's columns are pooled, each by itself, before the last join."""
    _, graph = graphs("fractalnet")[1]
    pooled = [node.shortcut for node in graph.nodes if node.words == ("max of 2×2 px",)]
    assert sorted(pooled) == [False, True, True]
    assert graph.nodes[-1].words == ("mean",)


def test_unknown_operations_are_named() -> None:
    class Block(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(x)

    with pytest.raises(ValueError, match=r"sigmoid.*Block"):
        traced(Block(), [torch.empty(1, 1, 2, 2, device="meta")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_resolve(path: Path) -> None:
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", path.read_text())]
    assert all((path.parent / link).exists() for link in links if link and not link.startswith("https://"))
    assert all(link.startswith("https://arxiv.org/abs/") for link in links if link.startswith("http"))
    if path.stem in EXHIBITS:
        assert f"{path.stem}.svg" in links


def commands(path: Path) -> Sequence[list[str]]:
    """The overrides of each `scripts/train.py` in a page."""
    text = path.read_text().replace("\\\n", " ")
    lines = re.findall(r"^    python scripts/train\.py (.*)$", text, re.MULTILINE)
    return [[word for word in shlex.split(line) if word != "-m"] for line in lines]


def test_commands_are_right() -> None:
    jobs: list[list[str]] = []
    for path in PAGES:
        assert commands(path), path
        for words in commands(path):
            values = [[f"{key}={one}" for one in value.split(",")] for key, value in split(words)]
            jobs += [[one[0] for one in values], [one[-1] for one in values]]
    assert len(compose(jobs)) == len(jobs)


def split(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(key, value) for key, _, value in (word.partition("=") for word in words)]


def shown(tmp_path: Path, name: str) -> str:
    return pages.shown(name, store.load([tmp_path / "runs"]))


def test_runs_are_shown_as_they_were_trained(tmp_path: Path) -> None:
    """Width, pixels and parameters are the runs', not those of the paper's networks."""
    for family in ("plain", "residual"):
        fake_run(tmp_path / "runs/drawn", family, 20, config=SHAPES, parameters=68_050)
        fake_run(tmp_path / "runs/long", family, 32)
    text = shown(tmp_path, "residual")
    assert "| 20 | 8 | 16 | 68,050 | 68,050 | 1.00 | 1.00 |" in text
    assert "| 32 | 16 | 32 | 464,154 | 464,154 | 1.00 | 1.00 |" in text


def test_a_run_that_another_report_has_too_is_no_second_finding(tmp_path: Path) -> None:
    """How often it was measured and what its experiment is called make no difference; the recipe does."""
    often = {**SHAPES, "train.evaluate_every": 124}
    fake_run(tmp_path / "runs/a", "plain", 20, config=SHAPES)
    fake_run(tmp_path / "runs/a", "plain", 56, config=SHAPES)
    fake_run(tmp_path / "runs/b", "plain", 20, config=often)
    fake_run(tmp_path / "runs/b", "plain", 56, config={**often, "optimizer.lr": 0.1})
    first, second = (one.runs for one in store.load([tmp_path / "runs"]))
    assert beside.repeated(second, first) == ["plain-20"]
    fake_run(tmp_path / "runs/b", "residual", 20, config=often)
    said = "plain-20: the same networks, trained in the same way, as in [a]"
    assert said in shown(tmp_path, "residual")


def test_nothing_wide_was_trained(tmp_path: Path) -> None:
    """Twice the filters of a network of width 8 are those of an ordinary one."""
    config = {**SHAPES, "model.shortcut": "B", "model.widen": 2}
    fake_run(tmp_path / "runs/a", "wide", 16, config=config)
    assert "stages of 16, 32 and 64 filters, those of an ordinary network: nothing wide" in shown(
        tmp_path, "wide"
    )
    fake_run(tmp_path / "runs/b", "wide", 16, config={**config, "model.width": 16})
    assert "stages of 32, 64 and 128 filters." in shown(tmp_path, "wide")
    config = {**SHAPES, "model.shortcut": "B", "model.cardinality": 4, "model.base_width": 64}
    fake_run(tmp_path / "runs/c", "resnext", 29, config=config)
    assert "`cardinality=4` with `base_width=64` is 4x8d." in shown(tmp_path, "resnext")


@pytest.mark.parametrize("name", CHANGED)
def test_runs_of_an_earlier_form_are_told_as_such(name: str, tmp_path: Path) -> None:
    depth = FAMILIES[name].depths(FAMILIES[name].resolve({})).values[0]
    fake_run(tmp_path / "runs/now", name, depth, config=SHAPES)
    assert "earlier form" not in shown(tmp_path, name)
    fake_run(tmp_path / "runs/then", name, depth, config=SHAPES, commit=f"{EARLIER[-1]}5e1120be-dirty")
    text = shown(tmp_path, name)
    assert f"(commit {EARLIER[-1]}) are of an earlier form: {CHANGED[name]}." in text
    assert text.count("earlier form") == 1


def test_without_reports(tmp_path: Path) -> None:
    assert pages.load(tmp_path) == []
    assert "Nothing yet" in pages.shown("residual", [])


@pytest.mark.parametrize("text", ["", "<!-- numbers -->", "<!-- end --><!-- numbers -->"])
def test_a_page_without_its_marks_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    with pytest.raises(BadRequest, match=r"page\.md: a page has to hold"):
        pages.page(tmp_path / "page.md", "")
