"""The plan of the house: which rooms there are, and which room imports from which (docs/architecture.md)."""

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

# From the ground up: a room imports from rooms above it in this list, and a wing from no other wing.
TOP = ("errors", "protocol", "files")
SPINE = ("families", "runs", "config", "models", "data", "plots", "analysis", "reports", "training", "sweeps")
WINGS = ("costs", "diagrams", "why", "claims")
ROOMS = (*SPINE, *WINGS, "cli")
LIGHT = ("families", "runs", "config", "plots", "analysis", "reports", "claims")  # torch takes seconds
WHY = ("networks", "inside", "numbers", "trials", "pictures")  # rooms of the wing, in order; its files; then:
LAST = "verdict"
LIGHT_IN_WHY = ("numbers", "pictures", LAST)
COMMANDS = ("cli", "hydra_plugins")  # what a user types, and what Hydra makes of it, is known only here
FILES = sorted(
    [*ROOT.glob("degradation/**/*.py"), *ROOT.glob("hydra_plugins/*.py"), *ROOT.glob("scripts/*.py")]
)
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            names |= inner or {node.module}
    return names


def room(name: str) -> str:
    """The room of a module; of a loose file of the package its own name."""
    parts = name.split(".")
    return parts[1] if parts[0] == "degradation" and len(parts) > 1 else parts[0]


def above(name: str) -> set[str]:
    """The rooms that a room may import from."""
    if name in TOP:
        return {*TOP[: TOP.index(name)], "degradation"}
    whole = {"degradation", *TOP}
    if name in SPINE:
        return whole | set(SPINE[: SPINE.index(name)])
    if name in WINGS:
        return whole | set(SPINE)
    return whole | set(ROOMS) | {"hydra_plugins"}


def test_the_folders_are_the_rooms() -> None:
    inside = [path for path in (ROOT / "degradation").iterdir() if path.name != "__pycache__"]
    assert {path.name for path in inside if path.is_dir()} == set(ROOMS)
    assert {path.stem for path in inside if path.is_file()} == {"__init__", "__main__", *TOP}
    wing = [path for path in (ROOT / "degradation/why").iterdir() if path.name != "__pycache__"]
    assert {path.name for path in wing if path.is_dir()} == {*WHY, LAST}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_arrow_points_up(path: Path) -> None:
    own = room(module(path))
    for name in imported(path):
        top = name.split(".")[0]
        if top in ("degradation", "hydra_plugins") and own in (*TOP, *ROOMS):
            other = room(name)
            assert other == own or other in above(own), f"{path} imports {name}"
        if top in ("hydra", "argparse"):
            assert own in COMMANDS, f"{path} imports {name}"
        if top in ("torch", "torchvision", "pytorch_lightning"):
            assert own not in LIGHT, f"{path} imports {name}"
        assert top != "scripts"


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "degradation/why").glob("*/*.py")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_the_rooms_of_a_wing_have_an_order_too(path: Path) -> None:
    """A room of `why/` uses those before it; `verdict/` the numbers, and how a report writes them."""
    own = path.parent.name
    before = WHY[: WHY.index(own) + 1] if own in WHY else ("numbers", "page", LAST)
    for name in imported(path):
        if name.startswith("degradation.why."):
            assert name.split(".")[2] in before, f"{path} imports {name}"
        if own in LIGHT_IN_WHY:
            heavy = ("torch", "degradation.models", "degradation.training", "degradation.data")
            assert not name.startswith(heavy), f"{path} imports {name}"


def test_no_circle_closes() -> None:
    """Not within a room either, and not by an import that waits in a function."""
    arrows = {module(path): imported(path) & MODULES - {module(path)} for path in FILES}
    graphlib.TopologicalSorter(arrows).prepare()


def arrows() -> set[tuple[str, str]]:
    """Which room uses which, without those arrows that follow from others."""
    uses: dict[str, set[str]] = {name: set() for name in ROOMS}
    for path in FILES:
        own = room(module(path))
        if own in ROOMS:
            uses[own] |= {room(name) for name in imported(path) if name.startswith("degradation.")} & set(
                ROOMS
            )
    uses = {own: others - {own} for own, others in uses.items()}

    def reached(name: str) -> set[str]:
        return uses[name].union(*(reached(other) for other in uses[name]))

    return {
        (own, other)
        for own, others in uses.items()
        for other in others
        if not any(other in reached(third) for third in others - {other})
    }


def test_the_page_draws_this_plan() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    assert re.findall(r"^\| `(\w+)/` \| (wing)?", page, re.MULTILINE) == [
        (name, "wing" if name in WINGS else "") for name in ROOMS
    ]
    drawn = {tuple(line.split(" --> ")) for line in page.split("```")[1].splitlines() if "-->" in line}
    drawn = {(own.strip(), other.strip()) for own, other in drawn}
    assert drawn == arrows(), f"draw {sorted(arrows() - drawn)}, not {sorted(drawn - arrows())}"


def test_each_room_says_what_it_is_for() -> None:
    """What comes in, what goes out, and every file by its name."""
    for name in (*ROOMS, *(f"why/{room}" for room in (*WHY, LAST))):
        folder = ROOT / "degradation" / name
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        assert "->" in said, name
        for path in folder.glob("*.py"):
            named = f"{path.name}" in said or (name == "models" and "a file each" in said)
            tables = path.stem.endswith(("_table", "_report")) and "_table.py" in said
            assert path.stem == "__init__" or named or tables, f"{name}/__init__.py does not name {path.name}"


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    assert {path for path, length in lengths.items() if length > 250} == set()
    assert {
        path for path, length in lengths.items() if path.parent.name == "scripts" and length > 12
    } == set()


@pytest.mark.parametrize(
    "name", ["reports.report", "config.request", "training.folder", "sweeps.pool", "why.verdict.verdicts"]
)
def test_light_modules_do_not_import_torch(name: str) -> None:
    code = f"import sys, degradation.{name}; sys.exit('torch' in sys.modules or 'hydra' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
