"""What sweeps set out to train, as they leave it beside their run folders; a report holds it too."""

from pathlib import Path
from typing import Any

from degradation.files import read_json

PLAN = "sweep.json"


def read_plan(folder: Path) -> dict[str, Any]:
    """`at_once`, how many train at a time, and `networks`: name -> cost, what it takes relative to others;
    empty where not known."""
    try:
        found = read_json(folder / PLAN)
    except (OSError, ValueError):
        found = {}
    networks = found.get("networks")
    return {
        "at_once": found.get("at_once", 1),
        "networks": networks if isinstance(networks, dict) else {},
    }
