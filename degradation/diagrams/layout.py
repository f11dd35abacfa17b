"""Where the nodes of a block's graph stand: the longest path straight down, the other paths beside it."""

from dataclasses import dataclass
from itertools import pairwise

from degradation.diagrams.graph import Graph

Path = list[int]  # nodes, in order; the ends of a path beside the trunk lie on others


@dataclass
class Layout:
    """Places of a graph's nodes.

    Attributes:
        lane: of each node: 0 is the trunk, ordinary paths go to the left (-1, -2), shortcuts to the right.
        row: of each node, from 0 down; not always whole.
        trunk: the longest path.
        beside: the other paths, and the lane of each.
    """

    lane: dict[int, int]
    row: dict[int, float]
    trunk: Path
    beside: list[tuple[Path, int]]


def layout(graph: Graph) -> Layout:
    """Place the nodes. The nodes of a path beside the trunk are spread evenly between its ends."""
    follow = [[v for u, v, _ in graph.edges if u == node] for node in range(len(graph.nodes))]
    trunk = _longest(graph, follow)
    made = Layout({}, {}, trunk, [])
    for row, node in enumerate(trunk):
        made.lane[node], made.row[node] = 0, row
    left = [(u, v) for u, v, _ in graph.edges if (u, v) not in set(pairwise(trunk))]
    while left:
        paths = [_walk(edge, follow, made.row) for edge in left if edge[0] in made.row]
        path = max(paths, key=lambda path: (len(path), paths.index(path)))
        right = any(graph.nodes[node].shortcut for node in path[1:-1]) or len(path) == 2
        start, end = made.row[path[0]], made.row[path[-1]]
        lane = _free(made, start, end, 1 if right else -1)
        for place, node in enumerate(path[1:-1], 1):
            made.lane[node] = lane
            made.row[node] = start + (end - start) * place / (len(path) - 1)
        made.beside.append((path, lane))
        left = [edge for edge in left if edge not in set(pairwise(path))]
    return made


def _longest(graph: Graph, follow: list[list[int]]) -> Path:
    """The longest path from the input to the end without shortcuts; of equals the last."""
    best: dict[int, Path] = {}
    for node in reversed(range(len(graph.nodes))):
        after = [best[v] for v in follow[node] if v in best and not graph.nodes[v].shortcut]
        best[node] = [node, *max(reversed(after), key=len, default=[])]
    return best[0]


def _walk(edge: tuple[int, int], follow: list[list[int]], placed: dict[int, float]) -> Path:
    """From an edge on until a node that has its place."""
    path = [*edge]
    while path[-1] not in placed:
        path.append(next(iter(follow[path[-1]])))
    return path


def _free(made: Layout, start: float, end: float, step: int) -> int:
    """The first lane on a side with nothing in it between two rows."""
    lane = step
    while any(
        other == lane and made.row[path[0]] < end and start < made.row[path[-1]]
        for path, other in made.beside
    ):
        lane += step
    return lane
