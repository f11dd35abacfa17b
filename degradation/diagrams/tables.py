"""A network in words: a table of its layers and one of its stages, as text."""

from collections.abc import Sequence
from itertools import groupby

from degradation.models.layers import ALL, Layer

LAYERS = ("layer", "what", "output", "parameters", "multiply-adds", "receptive field")
STAGES = ("stage", "output", "blocks", "layers", "parameters", "multiply-adds")


def layer_table(layers: Sequence[Layer]) -> str:
    """A line a layer, and the totals. A BN's parameters stand with the layer before it."""
    rows = [
        (
            one.name,
            one.what,
            "×".join(map(str, one.shape)),
            f"{one.parameters:,}",
            f"{one.multiply_adds:,}",
            "all" if one.field == ALL else f"{one.field:g} px",
        )
        for one in layers
    ]
    return _text(LAYERS, [*rows, ("total", "", "", *_sums(layers), "")])


def stage_table(layers: Sequence[Layer]) -> str:
    """A line a stage, as the paper's Table 1: the blocks that it repeats. Without shortcuts' layers in the
    blocks; with them in the sums."""
    rows = []
    for name, found in groupby(layers, key=stage):
        own = list(found)
        side = "×".join(map(str, own[-1].shape[1:])) or "1"
        weighted = [one for one in own if on_path(one) and one.multiply_adds]
        blocks = [
            "; ".join(one.what.replace(", /2", "") for one in part)
            for _, part in groupby(weighted, key=block)
        ]
        said = ", ".join(f"{len(list(same))} × [{what}]" for what, same in groupby(blocks))
        count = str(len(blocks)) if name.startswith("stage") else ""
        rows.append((name, side, count, said, *_sums(own)))
    return _text(STAGES, [*rows, ("total", "", "", "", *_sums(layers))])


def stage(layer: Layer) -> str:
    """`stage 1` and so on, or the layer's own name; a pooling is a line of its own."""
    first, _, rest = layer.name.partition(".")
    return f"stage {int(rest.split('.')[0]) + 1}" if first == "stages" else layer.name


def block(layer: Layer) -> str:
    """The dotted name of the block that a layer is in, or its own."""
    parts = layer.name.split(".")
    return ".".join(parts[:3]) if parts[0] == "stages" else layer.name


def on_path(layer: Layer) -> bool:
    """Whether it lies on the way through all layers, and on no shortcut."""
    return "shortcut" not in layer.name.split(".")


def _sums(layers: Sequence[Layer]) -> tuple[str, str]:
    return f"{sum(one.parameters for one in layers):,}", f"{sum(one.multiply_adds for one in layers):,}"


def _text(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    wide = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    numbers = {place for place, name in enumerate(header) if name in LAYERS[3:]}
    lines = [
        "  ".join(
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, wide, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]
    return "\n".join(lines)
