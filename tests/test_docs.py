"""What README.md and docs/ tell a reader to type is right, and what they point to is there.

The pages of the families have their own: tests/test_pages.py.
"""

import itertools
import re
import shlex
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from conftest import ROOT, run_script
from PIL import Image

from degradation.cli import adopt, benchmark, compare, models, plot, watch, why
from degradation.cli.compose import check_words, compose
from degradation.files import read_json
from degradation.reports.dress import dressed

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDED = [
    page for page in PAGES if page.name != "examples.md"
]  # whose networks tests/test_examples.py adds
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
        line.split(script, 1)[1] for path in COMMANDED for line in blocks(path) if f"python {script}" in line
    ]
    return [shlex.split(words) for words in found]


def test_every_network_that_a_page_names_can_be_composed() -> None:
    jobs = []
    given = commands("scripts/train.py")
    assert len(given) > 10
    for words in given:
        check_words(words)
        keys = [word for word in words if word not in OWN and "=" in word]
        keys = [word for word in keys if not word.startswith("model.weights=")]  # a file that the reader has
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
    [
        ("watch", watch),
        ("adopt", adopt),
        ("plot_curves", plot),
        ("compare", compare),
        ("benchmark", benchmark),
        ("models", models),
        ("why", why),
    ],
)
def test_every_option_that_a_page_names_is_there(script: str, module: ModuleType) -> None:
    for words in commands(f"scripts/{script}.py"):
        module.parser().parse_intermixed_args(words)


def test_what_is_typed_exists() -> None:
    typed = {word for path in PAGES for line in blocks(path) for word in line.split() if "/" in word}
    for word in typed:
        if re.fullmatch(r"(scripts|tests)/[\w./]+", word):
            assert (ROOT / word).exists(), word


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), f"{page.name}: {link}"
    headings = re.findall(r'<h\d id="([^"]*)"', dressed(page.read_text()))
    assert set(re.findall(r"\]\(#([^)]*)\)", page.read_text())) <= set(headings)


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


def command_blocks() -> list[tuple[str, str]]:
    """The mark over each block of commands in README.md, and the block."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"(?:<!-- ((?:not )?run .*?) -->\n\n)?((?:^    \S.*\n)+)", text, re.MULTILINE)
    return [(mark, block) for mark, block in found]


def changed(line: str, extra: list[str]) -> list[str]:
    """The words of a command, and `extra` in place of those with the same keys."""
    keys = {word.split("=")[0] for word in extra}
    words = shlex.split(re.split(r"\s+#", line)[0])
    return [word for word in words if "=" not in word or word.split("=")[0] not in keys] + extra


def images(folder: Path) -> None:
    """A folder of images: two classes, two images each."""
    pixels = np.random.default_rng(0).integers(0, 255, (4, 40, 50, 3), np.uint8)
    for part in ("train", "val"):
        for number, one in enumerate(pixels):
            path = folder / part / f"class{number % 2}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(one).save(path)


@pytest.mark.slow
@pytest.mark.parametrize(("mark", "block"), command_blocks(), ids=lambda text: text.strip()[:50])
def test_each_block_of_commands_runs_or_says_why_not(mark: str, block: str, tmp_path: Path) -> None:
    """With fewer steps and images, as its mark says; the report's command on what the one before it made."""
    assert mark.startswith(("run with: ", "not run by a test: ")), block
    if mark.startswith("not"):
        return
    extra = mark.removeprefix("run with: ").split()
    images(tmp_path / "path/to/images")
    for line in block.strip().splitlines():
        assert line.strip().startswith("python scripts/")
        training = "train.py" in line and "--cfg" not in line
        done = run_script(*changed(line.strip(), extra if training else [])[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    made = list(tmp_path.glob("runs/*/*/record.json"))
    assert made and all(read_json(path)["status"] == "complete" for path in made)
    if "plot_curves.py" in block:
        assert (tmp_path / "reports/shapes/depth.png").stat().st_size
