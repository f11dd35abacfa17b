"""The command `degradation`, and the map that it prints: commands, experiments, families."""

import contextlib
import difflib
import importlib
import os
import sys
import textwrap
from collections.abc import Sequence

import degradation
from degradation.errors import BAD_REQUEST, DONE
from degradation.families.catalog import FAMILIES
from degradation.files import CONF
from degradation.reports.listing import first_sentence

COMMANDS = {
    "train": "one network, or with -m a sweep of them",
    "watch": "how the networks of a sweep stand, live or once",
    "plot": "the report of each experiment: tables, pictures, a verdict",
    "adopt": "a run folder of a network that others trained, from its weights",
    "compare": "what every network costs here",
    "benchmark": "how fast this suite trains, beside the usual way",
    "why": "why plain networks degrade: what trained networks show",
    "models": "the pages of docs/models/ and the findings of README.md, written anew",
}
WIDTH = 100  # characters


def main() -> int:
    """Run the command that is named, or print the map."""
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what the Tab key may propose
        from degradation.cli import complete

        complete.propose(COMMANDS)
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        with contextlib.suppress(BrokenPipeError):  # `degradation | head`
            print(overview(), flush=True)
        return DONE
    if name == "--version":
        print(degradation.__version__)
        return DONE
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        print(f"degradation {name}: no such command; {hint}", file=sys.stderr)
        return BAD_REQUEST
    sys.argv = [f"degradation {name}", *sys.argv[2:]]
    code: int = importlib.import_module(f"degradation.cli.{name}").main()
    return code


def overview() -> str:
    """All that can be typed, a line each."""
    parts = [
        degradation.__doc__ or "",
        _section("degradation COMMAND, and `degradation COMMAND --help`", list(COMMANDS.items())),
        _section(
            "degradation train -m experiment=NAME, then degradation plot",
            [(path.stem, first_sentence(path)) for path in sorted((CONF / "experiment").glob("*.yaml"))],
        ),
        _section(
            "degradation train model=NAME model.depth=LAYERS; plain twins are plain and plain_NAME",
            [
                (name, f"{rules.depths(rules.resolve({})).formula} layers")
                for name, rules in FAMILIES.items()
                if not name.startswith("plain_")
            ],
        ),
    ]
    return "\n\n".join(parts)


def _section(title: str, rows: Sequence[tuple[str, str]]) -> str:
    wide = max(len(name) for name, _ in rows) + 4
    lines = [
        textwrap.fill(text, WIDTH, initial_indent=f"  {name}".ljust(wide), subsequent_indent=" " * wide)
        for name, text in rows
    ]
    return "\n".join([title, *lines])
