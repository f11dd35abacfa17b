"""Blocks compiled by torch.compile."""

import contextlib
from collections.abc import Callable, Iterator

import torch
from torch import nn

from degradation.training.classifier import Classifier


def compile_blocks(classifier: Classifier, mode: str) -> None:
    """Compile each block for training; equal ones share their code. Beyond torch's limit of kinds it fails,
    where torch would go on uncompiled without a word.

    Raises:
        RuntimeError: the network has no stages of blocks.
    """
    stages = getattr(classifier.network, "stages", None)
    if stages is None:
        raise RuntimeError("train.compile: this network has no stages of blocks; use train.compile=none")
    torch._dynamo.config.recompile_limit = 512  # kinds of blocks in a group; torch allows 8
    torch._dynamo.config.fail_on_recompile_limit_hit = True
    for stage in stages:
        for block in stage:
            block.compile(fullgraph=True, dynamic=False, mode=mode)
    classifier.compiled = True


@contextlib.contextmanager
def checking(network: nn.Module, check: Callable[[], None]) -> Iterator[None]:
    """Have `check` called before each stage: in the first step, which compiles, that is every few seconds."""
    stages = [stage for stage in getattr(network, "stages", ()) if isinstance(stage, nn.Module)]
    hooks = [stage.register_forward_pre_hook(lambda *_: check()) for stage in stages]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
