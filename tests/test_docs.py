"""What README.md and docs/ tell a reader to type is right, and what they point to is there.

The pages of the families have their own: tests/test_pages.py.
"""

import itertools
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

from degradation.cli import benchmark, compare, models, plot
from degradation.cli.compose import check_words, compose

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Words of Hydra's own, which no config is composed of, and jobs that only a cluster can start.
OWN = ("-m", "--cfg", "job", "--config-path", "--config-name", "config")


def blocks(path: Path) -> list[str]:
    """The indented lines of a page, those that a backslash continues as one, without what a # explains."""
    text = path.read_text().replace("\\\n", " ")
    lines = re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    return [re.split(r"\s+#", line)[0].strip() for line in lines]


def commands(script: str) -> list[list[str]]:
    """The words after each `python scripts/<script>` of all pages."""
    found = [
        line.split(script, 1)[1] for path in PAGES for line in blocks(path) if f"python {script}" in line
    ]
    return [shlex.split(words) for words in found]


def test_every_network_that_a_page_names_can_be_composed() -> None:
    jobs = []
    given = commands("scripts/train.py")
    assert len(given) > 10
    for words in given:
        check_words(words)
        keys = [word for word in words if word not in OWN and "=" in word]
        if any(word.startswith(("/", "$")) for word in words):
            continue  # a run again from its own config: tests/test_cli.py does that
        values = [values_of(key) for key in keys if not key.startswith("hydra")]
        jobs += [list(job) for job in itertools.islice(itertools.product(*values), 4)]
    assert len(compose(jobs)) == len(jobs)


def values_of(word: str) -> list[str]:
    """`key=a,b` as `key=a` and `key=b`; a list in brackets is one value."""
    key, _, value = word.partition("=")
    return [word] if value.startswith("[") else [f"{key}={one}" for one in value.split(",")]


@pytest.mark.parametrize(
    ("script", "module"),
    [("plot_curves", plot), ("compare", compare), ("benchmark", benchmark), ("models", models)],
)
def test_every_option_that_a_page_names_is_there(script: str, module: ModuleType) -> None:
    for words in commands(f"scripts/{script}.py"):
        module.parser().parse_args(words)


def test_what_is_typed_exists() -> None:
    typed = {word for path in PAGES for line in blocks(path) for word in line.split() if "/" in word}
    for word in typed:
        if re.fullmatch(r"(scripts|tests)/[\w./]+", word):
            assert (ROOT / word).exists(), word


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_lines_of_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand in docs/code.md, but for those that need torchvision's weights, which are a download."""
    text = (ROOT / "docs/code.md").read_text().split("## In Python")[1].split("Weights of torchvision")[0]
    lines = re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    (tmp_path / "reports").symlink_to(ROOT / "reports")
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    exec("\n".join(lines), known)
    assert sum(one.numel() for one in known["network"].parameters()) == 853_018  # type: ignore[attr-defined]
    assert (tmp_path / "depth.pdf").stat().st_size and (tmp_path / "curves.pdf").stat().st_size
