"""What a network's block computes, as nodes and edges: traced from its code, drawn in docs/models/."""

from dataclasses import dataclass

INPUT = "x"
JOINS = ("+", "concat", "mean", "× 0 or 1")  # what is no layer, and is drawn round

Edge = tuple[int, int, bool]  # source, target, whether it is part of a shortcut


@dataclass(frozen=True)
class Node:
    """A step of the computation.

    Attributes:
        words: what it does, in order: `("3×3, 16", "BN", "ReLU")`.
        shortcut: whether it lies on a shortcut.
    """

    words: tuple[str, ...]
    shortcut: bool = False

    @property
    def convolves(self) -> bool:
        return any("×" in word and word not in JOINS and " of " not in word for word in self.words)

    @property
    def merges(self) -> bool:
        """Whether it is a convolution, BN or ReLU, which stand in one box."""
        return self.convolves or set(self.words) <= {"BN", "ReLU"}


@dataclass(frozen=True)
class Graph:
    """Nodes in the order in which they are computed, the input first, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def count(self, word: str) -> int:
        """How many nodes do this, `+` for example."""
        return sum(word in node.words for node in self.nodes)

    def text(self) -> str:
        """A line a node: its number, what it does, the nodes that it reads; `*` marks a shortcut."""
        lines = []
        for place, node in enumerate(self.nodes):
            reads = " ".join(
                f"{source}{'*' * flag}" for source, target, flag in self.edges if target == place
            )
            lines.append(
                f"{place}{'*' * node.shortcut} {', '.join(node.words)} <- {reads}".removesuffix(" <- ")
            )
        return "\n".join(lines)

    def merged(self) -> "Graph":
        """The same with chains of convolution, BN and ReLU (or BN, ReLU and convolution) in one node each,
        and with the edges that go around other nodes marked as shortcuts."""
        nodes, edges, place = [self.nodes[0]], [], {0: 0}
        for number, node in enumerate(self.nodes[1:], 1):
            into = [(place[source], flag) for source, target, flag in self.edges if target == number]
            before = [source for source, target, _ in self.edges if target == number]
            alone = len(before) == 1 and sum(source == before[0] for source, _, _ in self.edges) == 1
            if alone and _continues(nodes[into[0][0]], node):
                place[number] = into[0][0]
                # ReLU of ReLU is ReLU: a layer without its 1x1 convolution applies it twice.
                whole = nodes[place[number]]
                if whole.words[-1] != node.words[0] or node.words[0] != "ReLU":
                    nodes[place[number]] = Node(whole.words + node.words, whole.shortcut)
                continue
            place[number] = len(nodes)
            edges += [(source, len(nodes), flag) for source, flag in into]
            nodes.append(node)
        around = {
            (u, v)
            for u, v, _ in edges
            if any(w != v and _reaches(edges, w, v) for s, w, _ in edges if s == u)
        }
        return Graph(tuple(nodes), tuple((u, v, flag or (u, v) in around) for u, v, flag in edges))


def _continues(box: Node, node: Node) -> bool:
    """Whether a node still belongs into the box before it."""
    if not (box.merges and node.merges) or box.shortcut != node.shortcut:
        return False
    if node.convolves:
        return not box.convolves
    begun = "BN" in box.words[0] or "ReLU" in box.words[0]  # BN, ReLU, convolution: it ends here
    return not (begun and box.convolves) and (node.words[0] == "ReLU" or "ReLU" not in box.words)


def _reaches(edges: list[Edge], source: int, target: int) -> bool:
    """Whether there is a way from one node to another; both may be the same."""
    return source == target or any(_reaches(edges, v, target) for u, v, _ in edges if u == source)
