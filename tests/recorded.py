"""A CUDA graph's stand-in for a CPU: what a graph would bake in is baked in, what it refuses is refused."""

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

# They bring values to the host, or take them from there.
REFUSED = ("_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "lift_fresh")
NO_KERNEL = ("empty", "empty_strided", "empty_like", "new_empty", "_record_function")


def only_views(func: Any, given: Any, found: Any) -> bool:
    """Whether an operation gave other views of the memory that it was given, and computed nothing."""
    memory = {one.untyped_storage().data_ptr() for one in _tensors(given)}
    own = [one.untyped_storage().data_ptr() in memory for one in _tensors(found)]
    return bool(own) and all(own) and not func._schema.is_mutable


class Recording(TorchDispatchMode):
    """Notes every operation, with the memory that it reads and writes, while it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._schema.name.split("::")[1]
        if name in REFUSED or (name == "index" and any(_boolean(one) for one in args[1])):
            raise RuntimeError(f"{name}: the host would wait for the device")
        found = func(*args, **(kwargs or {}))
        if not only_views(func, (args, kwargs), found) and not name.startswith(NO_KERNEL):
            # detached: the same memory, without the history that autograd keeps
            kept = tree_map_only(Tensor, torch.Tensor.detach, (args, kwargs or {}, found))
            self.done.append((func, *kept))
        return found

    @torch.inference_mode()
    def replay(self) -> None:
        """Each operation again, on the same memory."""
        for func, args, kwargs, before in self.done:
            again = func(*args, **kwargs)
            for old, new in zip(_tensors(before), _tensors(again), strict=True):
                if old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class Recorded:
    """A `Capture` of such recordings."""

    records = True

    def __init__(self, device: torch.device | None = None, urgent: bool = False) -> None:
        self.urgent, self.recordings = urgent, []  # type: ignore[var-annotated]

    def on(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def begin(self) -> None:
        pass

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        with Recording() as recording:
            work()
        self.recordings.append(recording)
        return recording.replay

    def wait(self) -> None:
        pass


def _boolean(index: Tensor | None) -> bool:
    return index is not None and index.dtype in (torch.bool, torch.uint8)


def _tensors(found: Any) -> list[Tensor]:
    return [one for one in tree_leaves(found) if isinstance(one, Tensor)]
