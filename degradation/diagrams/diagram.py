"""Blocks drawn side by side from their graphs: a plain twin and its network, shortcuts in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from degradation.diagrams import paths
from degradation.diagrams.graph import JOINS, Graph, Node
from degradation.diagrams.layout import Layout, layout
from degradation.diagrams.paths import Point
from degradation.plots.style import FAINT, INK, SERIES, STYLE

SIZE = 9.0  # points
ROW, GAP, LINE = 0.58, 0.18, 0.15  # inches: from row to row, between boxes, of text
SKIP = 0.2  # inches: a lane that holds no box
DISC = 0.11  # inches: radius of a plus
WIDEST = 7.2  # inches: what stands beside each other; the rest comes below
TITLE, UNDER, END = 0.17, 0.3, 0.46  # inches: a title's line, to the middle of x, below the last middle
SHORTCUT = SERIES[0]
FILL, SHORTCUT_FILL = "0.95", "#FBE6D9"


@dataclass
class Panel:
    """A graph with its places in inches: x of the boxes' middles from the panel's left edge, y downwards."""

    title: str
    graph: Graph
    at: Layout
    x: dict[int, float]  # by lane
    wide: dict[int, float]  # boxes, by lane: those on shortcuts have their own width
    width: float  # the panel


def figure(graphs: Sequence[tuple[str, Graph]]) -> Figure:
    """Draw blocks from left to right, and what is too wide for that in a line below.

    Args:
        graphs: title and graph of each. What is a shortcut has a colour of its own.
    """
    with mpl.rc_context(STYLE):
        lines = _lines_of([_panel(title, graph) for title, graph in graphs])
        heights = [_titles(line) + UNDER + max(_rows(one) for one in line) * ROW + END for line in lines]
        width, height = max(_across(line) for line in lines), sum(heights)
        made = Figure(figsize=(width, height))
        axes = made.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        top = 0.0
        for line, tall in zip(lines, heights, strict=True):
            left = GAP
            for panel in line:
                _draw(axes, panel, left, top + _titles(line))
                left += panel.width + 2 * GAP
            top += tall
        return made


def _lines_of(panels: Sequence[Panel]) -> list[list[Panel]]:
    lines: list[list[Panel]] = [[]]
    for panel in panels:
        if lines[-1] and _across([*lines[-1], panel]) > WIDEST:
            lines.append([])
        lines[-1].append(panel)
    return lines


def _across(line: Sequence[Panel]) -> float:
    return sum(panel.width + 2 * GAP for panel in line)


def _titles(line: Sequence[Panel]) -> float:
    """Where the titles of a line of panels end."""
    return 0.1 + TITLE * (1 + max(panel.title.count("\n") for panel in line))


def _rows(panel: Panel) -> float:
    return max(panel.at.row.values())


def _panel(title: str, graph: Graph) -> Panel:
    at = layout(graph)
    boxes = set(at.lane.values())
    lanes = sorted(boxes | {lane for _, lane in at.beside})
    wide = {
        lane: _widest(graph, [node for node in at.lane if (at.lane[node] > 0) == (lane > 0)])
        for lane in boxes
    }
    x, edge = {}, 0.0
    for lane in lanes:
        half = wide[lane] / 2 if lane in boxes else 0.0
        x[lane] = edge + half if lane in boxes else edge + SKIP
        edge = x[lane] + half + (GAP if lane != lanes[-1] and lane in boxes else 0)
    width = max(edge + 0.02, _wide(title, bold=True))
    return Panel(title, graph, at, x, wide, width)


def _widest(graph: Graph, nodes: Sequence[int]) -> float:
    return max(_wide(line) for node in nodes for line in _lines(graph.nodes[node])) + 0.16


def _wide(text: str, bold: bool = False) -> float:
    """Inches."""
    font = FontProperties(family=STYLE["font.family"], weight="bold" if bold else "normal")
    return max(
        float(TextPath((0, 0), line, size=SIZE, prop=font).get_extents().width) / 72
        for line in text.split("\n")
    )


def _lines(node: Node) -> list[str]:
    """A box's text: the convolution in a line of its own, what comes before or after it in another."""
    lines: list[list[str]] = [[]]
    for word in node.words:
        if lines[-1] and (Node((word,)).convolves or Node((lines[-1][-1],)).convolves):
            lines.append([])
        lines[-1].append(word)
    return "\n".join(", ".join(line) for line in lines).split("\n")


def _draw(axes: Axes, panel: Panel, left: float, under: float) -> None:
    """One panel, given its left edge and where its title ends."""
    middle = {
        node: (left + _x(panel, node), under + UNDER + panel.at.row[node] * ROW) for node in panel.at.row
    }
    axes.text(left, under, panel.title, weight="bold", fontsize=SIZE, va="bottom", ha="left", color=INK)
    for u, v, flag in panel.graph.edges:
        _arrow(axes, _line(panel, u, v, left, middle), flag)
    x, y = _below(panel, panel.at.trunk[-1], middle)
    _arrow(axes, Path([(x, y), (x, y + 0.22)]), False)
    for place in range(len(panel.graph.nodes)):
        _node(axes, panel, place, middle[place])


def _line(panel: Panel, u: int, v: int, left: float, middle: dict[int, Point]) -> Path:
    """From a node to the next: what goes to the right, leaves and enters by the side."""
    lane = dict(((path[0], path[1]), lane) for path, lane in panel.at.beside if len(path) == 2).get((u, v), 0)
    if lane:
        return paths.around(_side(panel, u, middle), _side(panel, v, middle), left + panel.x[lane])
    start, end = _below(panel, u, middle), _above(panel, v, middle)
    if panel.at.lane[v] > panel.at.lane[u] >= 0:
        return paths.out_of_side(_side(panel, u, middle), end)
    if panel.at.lane[u] > panel.at.lane[v] and _round(panel.graph.nodes[v]):
        return paths.into_side(start, _side(panel, v, middle))
    return paths.into_lane(start, end) if panel.at.lane[v] < 0 else paths.from_lane(start, end)


def _x(panel: Panel, node: int) -> float:
    """A node of the trunk that has no path to its left stands over the middle of those that there are."""
    row, lane = panel.at.row[node], panel.at.lane[node]
    left = [(path, one) for path, one in panel.at.beside if one < 0]
    if lane or not left:
        return panel.x[lane]
    beside = any(panel.at.row[path[0]] < row < panel.at.row[path[-1]] for path, _ in left)
    return panel.x[0] if beside else (panel.x[min(one for _, one in left)] + panel.x[0]) / 2


def _round(node: Node) -> bool:
    return node.words[0] in JOINS


def _half(panel: Panel, node: int) -> Point:
    """Half of a node's width and height, inches."""
    words = panel.graph.nodes[node]
    if words.words in (("+",), ("x",)):
        return DISC, DISC
    if _round(words):
        return _wide(words.words[0]) / 2 + 0.09, DISC
    return panel.wide[panel.at.lane[node]] / 2, LINE * len(_lines(words)) / 2 + 0.05


def _below(panel: Panel, node: int, middle: dict[int, Point]) -> Point:
    return middle[node][0], middle[node][1] + _half(panel, node)[1]


def _above(panel: Panel, node: int, middle: dict[int, Point]) -> Point:
    return middle[node][0], middle[node][1] - _half(panel, node)[1]


def _side(panel: Panel, node: int, middle: dict[int, Point]) -> Point:
    return middle[node][0] + _half(panel, node)[0], middle[node][1]


def _arrow(axes: Axes, path: Path, shortcut: bool) -> None:
    axes.add_patch(
        FancyArrowPatch(
            path=path,
            arrowstyle="-|>,head_length=3,head_width=2",
            color=SHORTCUT if shortcut else FAINT,
            linewidth=1.8 if shortcut else 1.1,
            shrinkA=0,
            shrinkB=0,
            mutation_scale=1.2,
            capstyle="butt",
            joinstyle="miter",
        )
    )


def _node(axes: Axes, panel: Panel, place: int, middle: Point) -> None:
    node, (x, y), (half, tall) = panel.graph.nodes[place], middle, _half(panel, place)
    if node.words != ("x",):
        look: dict[str, Any] = {
            "facecolor": "white" if _round(node) else SHORTCUT_FILL if node.shortcut else FILL,
            "edgecolor": SHORTCUT if node.shortcut else INK if _round(node) else FAINT,
            "linewidth": 1.1,
        }
        corner = f"round,pad=0,rounding_size={DISC if _round(node) else 0.04}"
        box = FancyBboxPatch((x - half, y - tall), 2 * half, 2 * tall, boxstyle=corner, **look)
        axes.add_patch(Circle((x, y), DISC, **look) if node.words == ("+",) else box)
    style = "italic" if node.words == ("x",) else "normal"
    text = "\n".join(_lines(node))
    axes.text(x, y, text, style=style, ha="center", va="center", fontsize=SIZE, color=INK, linespacing=1.25)
