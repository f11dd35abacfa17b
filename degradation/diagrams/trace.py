"""A block's graph, read off its code by torch.fx: what docs/models/ draws is what is computed."""

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.nn import functional as F

from degradation.diagrams.graph import INPUT, Edge, Graph, Node
from degradation.models.shortcuts import PaddedShortcut, PooledShortcut

Sources = list[tuple[int, bool]]  # drawn nodes, and whether a shortcut's identity lies on the way


class Tracer(fx.Tracer):
    """Leaves are torch's own modules, and zero padding."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, PaddedShortcut) or super().is_leaf_module(m, module_qualified_name)


def inputs(network: nn.Module, path: str, size: int) -> list[Tensor]:
    """What a module of a network is called with, for one image of `size` x `size` pixels.

    Args:
        network: on the meta device: nothing is computed.
        path: the module's dotted name, such as `stages.1.0`.
    """
    seen: list[Tensor] = []

    def see(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen.extend(given)

    handle = network.get_submodule(path).register_forward_pre_hook(see)
    with torch.no_grad():
        network.eval()(torch.empty(1, 3, size, size, device="meta"))
    handle.remove()
    return seen


def traced(block: nn.Module, given: list[Tensor], plus: str = "+", times: str = "") -> Graph:
    """The graph of a block, every convolution, BN and ReLU a node of its own.

    Args:
        block: (given) -> one tensor; on the meta device.
        plus: what a sum is called. Sums of sums are one node.
        times: what the product with a number is called; empty: it is passed over.

    Raises:
        ValueError: it does something that there is no word for.
    """
    block.eval()
    graph = Tracer().trace(block)
    ShapeProp(fx.GraphModule(block, graph)).propagate(*given)
    found: dict[fx.Node, Sources] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for node in graph.nodes:
        if node.op == "placeholder" and not nodes:
            found[node] = [(0, False)]
            nodes.append(Node((INPUT,)))
        into = [source for one in node.all_input_nodes for source in found.get(one, [])]
        if not into or not _is_image(node) or node.op == "output":
            continue
        word, shortcut = _word(block, node, plus, times), "shortcut" in _scope(node).split(".")
        # What reads a shortcut alone, as the pooling of a column does, is a part of it.
        shortcut = shortcut or all(nodes[source].shortcut for source, _ in into)
        if word == plus and [user.target for user in node.users] == [operator.add]:
            word = ""
        if not word:
            found[node] = [(source, flag or shortcut) for source, flag in into]
            continue
        edges += [(s, len(nodes), flag or shortcut or nodes[s].shortcut) for s, flag in into]
        found[node] = [(len(nodes), False)]
        nodes.append(Node((word,), shortcut))
    return Graph(tuple(nodes), tuple(edges))


def _is_image(node: fx.Node) -> bool:
    """Whether its value has pixels, rather than being a number or a type."""
    value: Any = node.meta.get("tensor_meta")
    return hasattr(value, "shape") and len(value.shape) >= 4


def _scope(node: fx.Node) -> str:
    """Dotted name of the module that computes it."""
    if node.op == "call_module":
        return str(node.target)
    return next(reversed(node.meta.get("nn_module_stack") or {"": None}))


def _word(block: nn.Module, node: fx.Node, plus: str, times: str) -> str:
    """What a node is called; empty: it changes nothing that is drawn."""
    if node.op == "call_module":
        return _of_module(block.get_submodule(str(node.target)))
    functions: dict[Any, Callable[[], str]] = {
        F.relu: lambda: "ReLU",
        F.conv2d: lambda: _of_weight(node),
        F.batch_norm: lambda: "BN",
        F.max_pool2d: lambda: _pool("max", node),
        F.avg_pool2d: lambda: _pool("mean", node),
        torch.cat: lambda: "concat",
        torch.stack: lambda: plus,
        operator.add: lambda: plus,
        operator.mul: lambda: times,
        "sum": lambda: "",  # of what was stacked
    }
    if node.target not in functions:
        raise ValueError(
            f"{node.target} in {type(block).__name__}: degradation/diagrams/trace.py has no word for it"
        )
    return functions[node.target]()


def _of_module(module: nn.Module) -> str:
    if isinstance(module, nn.Conv2d):
        stride, groups = module.stride[0], module.groups
        return _conv(module.kernel_size[0], module.out_channels, stride, groups)
    if isinstance(module, PaddedShortcut):
        pixels = "means of 2×2 px" if isinstance(module, PooledShortcut) else "every 2nd pixel"
        return f"{pixels},\n{module.extra} maps of zeros"
    if isinstance(module, nn.MaxPool2d):
        return f"max of {module.kernel_size}×{module.kernel_size} px"
    words = {nn.BatchNorm2d: "BN", nn.ReLU: "ReLU", nn.Identity: ""}
    return words[type(module)]


def _conv(kernel: int, channels: int, stride: int = 1, groups: int = 1) -> str:
    return (
        f"{kernel}×{kernel}, {channels}{f', /{stride}' if stride > 1 else ''}"
        f"{f', {groups} groups' if groups > 1 else ''}"
    )


def _of_weight(node: fx.Node) -> str:
    weight: Any = node.args[1]
    stride: Any = node.kwargs.get("stride", (1,))
    channels, _, kernel, _ = weight.meta["tensor_meta"].shape
    return _conv(kernel, channels, stride[0])


def _pool(kind: str, node: fx.Node) -> str:
    kernel: Any = node.args[1]
    return f"{kind} of {kernel}×{kernel} px"
