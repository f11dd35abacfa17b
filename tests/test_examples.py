"""docs/examples.md: each example runs as it stands, in a copy of the repository."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, run_script
from PIL import Image

from degradation.files import read_json

TEXT = (ROOT / "docs/examples.md").read_text()
SECTIONS = dict(part.split("\n", 1) for part in TEXT.split("\n## ")[1:])
FENCED = re.compile(r"^(`[^\n]*)\n(?:[^\n`][^\n]*\n)*\n```\w+\n(.*?)```", re.DOTALL | re.MULTILINE)
PAIR = ("plain_threefold", "threefold")
NAMED = re.compile(r"`([\w./]+\.(?:py|yaml))`(?:, above `(.+?)`)?")


def copy_of_the_repository(folder: Path) -> Path:
    for name in ("degradation", "conf", "hydra_plugins", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def follow(section: str, folder: Path) -> list[Path]:
    """Write each file that the section names, or put its lines above the line that it names."""
    written = []
    for said, lines in FENCED.findall(section):
        name, above = NAMED.match(said).groups()  # type: ignore[union-attr]
        path = folder / name
        if above:
            before = path.read_text()
            at = before.rindex(above)
            start = before.rindex("\n", 0, at) + 1
            lines = before[:start] + lines + before[start:]
        path.write_text(lines)
        written.append(path)
    return written


def run_commands(section: str, folder: Path, scripts: Path) -> None:
    """The section's commands in a folder, with fewer steps and images as its mark says, by those scripts."""
    ((mark, commands),) = re.findall(r"<!-- run with: (.*?) -->\n\n((?:    .+\n)+)", section)
    for line in commands.strip().splitlines():
        words = shlex.split(line)[1:]
        extra = mark.split() if "train.py" in line else []
        keys = {word.split("=")[0] for word in extra}
        words = [word for word in words if word.split("=")[0] not in keys] + extra
        path = {} if scripts == ROOT else {"PYTHONPATH": str(scripts)}
        done = run_script(str(scripts / words[0]), *words[1:], cwd=folder, **path)
        assert done.returncode == 0, done.stderr


def statuses(folder: Path) -> dict[str, str]:
    return {path.parent.name: read_json(path)["status"] for path in folder.glob("runs/*/*/record.json")}


@pytest.mark.slow
def test_a_network(tmp_path: Path) -> None:
    folder = copy_of_the_repository(tmp_path)
    assert len(follow(SECTIONS["A network"], folder)) == 4
    run_commands(SECTIONS["A network"], folder, folder)
    assert len(statuses(folder)) == 2 and set(statuses(folder).values()) == {"complete"}
    twin, own = (read_json(next(folder.glob(f"runs/shapes/{name}-20*/record.json"))) for name in PAIR)
    assert twin["init_sha256"] == own["init_sha256"] and twin["stream_sha256"] == own["stream_sha256"]
    assert "threefold" in (folder / "reports/shapes/README.md").read_text()


@pytest.mark.slow
def test_a_data_set(tmp_path: Path) -> None:
    folder = copy_of_the_repository(tmp_path)
    assert len(follow(SECTIONS["A data set"], folder)) == 4
    run_commands(SECTIONS["A data set"], folder, folder)
    assert len(statuses(folder)) == 2 and set(statuses(folder).values()) == {"complete"}
    assert (folder / "reports/custom_stripes/depth.png").stat().st_size


def test_an_analysis(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", SECTIONS["An analysis"], re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(code, "examples.md", "exec"), {})
    assert "'points'" in capsys.readouterr().out


@pytest.mark.slow
def test_your_own_images(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (4, 40, 50, 3), np.uint8)
    for part in ("train", "val"):
        for number, one in enumerate(pixels):
            path = tmp_path / "photos" / part / ("cat", "dog")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(one).save(path)
    section = SECTIONS["Your own images, from the folder to the report"]
    run_commands(section, tmp_path, ROOT)
    assert len(statuses(tmp_path)) == 2 and set(statuses(tmp_path).values()) == {"complete"}
    assert (tmp_path / "reports/photos/depth.png").stat().st_size
