"""A file imports only from lower floors (DESIGN), and the light entries stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

FLOORS = {
    0: (
        "errors",
        "checks",
        "cells",
        "read",
        "commit",
        "schema",
        "settings",
        "parser",
        "optimization",
        "family",
        "families",
        "graph",
        "exhibits",
        "networks",
        "protocol",
        "files",
        "request",
        "folder",
    ),
    1: ("models", "data", "analysis", "plots", "store"),
    2: ("training",),
    3: (
        "experiment",
        "job",
        "sweep",
        "cluster",
        "pool",
        "table",
        "report",
        "benchmark",
        "benchmark_report",
        "compare",
        "compare_report",
        "findings",
        "pages",
        "stations",
    ),
}
FLOOR = {name: floor for floor, names in FLOORS.items() for name in names}
FILES = sorted(
    [*ROOT.glob("degradation/**/*.py"), *ROOT.glob("hydra_plugins/*.py"), *ROOT.glob("scripts/*.py")]
)


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def place(path: Path) -> tuple[int, str]:
    """A file's floor, and its part on that floor."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "degradation":
        return 4, path.stem
    return (0, "") if parts[1] == "__init__" else (FLOOR[parts[1]], parts[1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_arrow_points_up(path: Path) -> None:
    floor, part = place(path)
    for name in imported(path):
        top, *rest = name.split(".")
        if top == "hydra":
            assert floor == 4, f"{path} imports hydra"
        if top in ("torch", "torchvision", "pytorch_lightning"):
            assert floor > 0 and part not in ("analysis", "plots", "store", "report"), f"{path} imports {top}"
        assert top != "scripts"
        if top == "degradation" and rest and rest[0] in FLOOR:
            other = FLOOR[rest[0]]
            assert other <= floor, f"{path} imports {name} from a higher floor"
            if floor == 1 and other == 1:
                assert rest[0] == part, f"{path} imports {name} beside it"


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    assert {path for path, length in lengths.items() if length > 250} == set()
    assert {
        path for path, length in lengths.items() if path.parent.name == "scripts" and length > 60
    } == set()


@pytest.mark.parametrize("module", ["report", "request", "folder", "sweep", "pool"])
def test_light_modules_do_not_import_torch(module: str) -> None:
    code = f"import sys, degradation.{module}; sys.exit('torch' in sys.modules or 'hydra' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
