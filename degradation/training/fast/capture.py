"""How the same work is done again and again on a device: as a CUDA graph, or on a CPU as it is."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

import torch

from degradation.training.classifier import Classifier

Work = Callable[[], None]


class Capture(Protocol):
    """One network's place on the device.

    Attributes:
        records: whether `record` notes what the work does; if not, its Python code runs every time.
    """

    records: bool

    def on(self) -> contextlib.AbstractContextManager[object]:
        """What is done inside is done at this place."""

    def begin(self) -> None:
        """What is done here from now on waits for what the host has given to the device until now."""

    def record(self, work: Work) -> Work:
        """Note what `work` does to which memory; the result does the same again, and doesn't wait for it."""

    def wait(self) -> None:
        """Until all that was given here is done, so that what it wrote may be read or overwritten."""


class AsItIs:
    """On a CPU there is nothing to capture."""

    records = False

    def on(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def begin(self) -> None:
        pass

    def record(self, work: Work) -> Work:
        return work

    def wait(self) -> None:
        pass


class CudaGraphs:
    """CUDA graphs on a stream of their own.

    Args:
        urgent: the stream's blocks go before those of others.
    """

    records = True

    def __init__(self, device: torch.device, urgent: bool = False) -> None:
        self.stream = torch.cuda.Stream(device, priority=-1 if urgent else 0)

    def on(self) -> contextlib.AbstractContextManager[object]:
        return torch.cuda.stream(self.stream)

    def begin(self) -> None:
        self.stream.wait_stream(torch.cuda.current_stream())

    def record(self, work: Work) -> Work:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream, capture_error_mode="thread_local"):
            work()

        def replay() -> None:
            with self.on():
                graph.replay()

        return replay

    def wait(self) -> None:
        self.stream.synchronize()


def capture_on(device: torch.device, urgent: bool) -> Capture:
    """What the device offers."""
    return CudaGraphs(device, urgent) if device.type == "cuda" else AsItIs()


def root_cause(error: BaseException) -> BaseException:
    """The first of a chain of errors: ending a capture that failed raises one that says nothing of why."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


@contextlib.contextmanager
def as_it_was(classifier: Classifier) -> Iterator[None]:
    """Undo, in place, what a `with` block does to parameters, momentum, BN's buffers and sums."""
    momenta = prepare_momenta(classifier.optimizer)
    kept = [*classifier.parameters(), *classifier.buffers(), *momenta]
    before = [value.detach().clone() for value in kept]
    try:
        yield
    finally:
        with torch.no_grad():
            for value, old in zip(kept, before, strict=True):
                value.copy_(old)


def prepare_momenta(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """Momenta at addresses that a graph can keep, with the strides of their parameters, which one kernel for
    all of them asks for; those that the first step would make are what it starts from: zeros."""
    momenta = []
    for group in optimizer.param_groups:
        if not group["momentum"]:
            continue
        for parameter in group["params"]:
            state = optimizer.state[parameter]
            old = state.get("momentum_buffer")
            state["momentum_buffer"] = torch.zeros_like(parameter) if old is None else like(parameter, old)
            momenta.append(state["momentum_buffer"])
    return momenta


def like(parameter: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The same values with the parameter's strides. Those of a dimension of size 1 mean nothing, and differ
    for convolutions of 1x1: then nothing is copied."""
    if value.stride() == parameter.stride():
        return value
    sizes = value.shape
    if all(
        size == 1 or ours == theirs
        for size, ours, theirs in zip(sizes, parameter.stride(), value.stride(), strict=True)
    ):
        return value.as_strided(sizes, parameter.stride())
    return torch.empty_like(parameter).copy_(value)
