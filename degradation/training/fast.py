"""`train.engine=fast`: up to a hundred steps at once, on a GPU as replays of one CUDA graph a network.

A graph holds all that the device does in a step: taking the batch, forward, backward, optimizer, sums. What
differs from step to step (which images, the learning rate) lies in tensors, and a counter on the device says
which of their rows is next. The networks of a group replay their graphs on streams of their own, all at once.
On a CPU there is nothing to capture: the same code runs as it is.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from degradation.data.augment import Resident
from degradation.data.stream import Plan, Stream
from degradation.errors import NotFinite
from degradation.training.classifier import Classifier
from degradation.training.group import Failures
from degradation.training.run import Run
from degradation.training.schedule import WINDOW

Take = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
WARM_UP = 3  # steps before the capture, in which kernels are chosen and buffers made; they are undone


class FastSteps:
    """Does the steps up to the next one after which something is due.

    Args:
        stream: what the batches are made of.
        images: the training images.
        every: steps after whose multiples the host has something to do.
        check: called between two steps; may raise to stop.
        mode: how blocks are compiled: `none`, or a mode of torch.compile.
    """

    def __init__(
        self,
        stream: Stream,
        images: Resident,
        every: Sequence[int],
        check: Callable[[], None],
        mode: str = "none",
    ) -> None:
        self.stream, self.check, self.mode = stream, check, mode
        self.take: Take = (
            images.take if mode == "none" else torch.compile(images.take, dynamic=False, mode=mode)
        )
        self.every = [*every, WINDOW]
        self.feed = Feed(WINDOW, stream.batch_size, images.pixels.device)
        self.ready: dict[Run, FastStep] = {}

    def stop(self, start: int) -> int:
        return min((start // every + 1) * every for every in self.every)

    def train(self, runs: Sequence[Run], start: int, stop: int) -> Failures:
        plans = [self.stream.batch(step) for step in range(start, stop)]
        self.feed.fill(plans)
        for run in runs:
            if run not in self.ready:
                if self.mode != "none":
                    compile_blocks(run.classifier, self.mode)
                self.ready[run] = FastStep(run.classifier, self.take, self.feed)
            self.ready[run].begin(
                run.step - start, [run.classifier.schedule.lr(t) for t in range(start, stop)]
            )
        try:
            for step, plan in enumerate(plans, start):
                self.check()
                for run in runs:
                    if run.step <= step:
                        self.ready[run].replay()
                        run.count(plan)
        finally:
            for run in runs:
                self.ready[run].wait()
        failures = []
        for run in runs:
            try:
                run.classifier.look()
            except NotFinite as failure:
                failures.append((run, failure))
        return failures


class Feed:
    """The plans of some steps on the device: (steps, batch) each, at the same addresses every time."""

    def __init__(self, steps: int, batch_size: int, device: torch.device) -> None:
        self.device = device
        kinds = {"rows": torch.int32, "top": torch.int16, "left": torch.int16, "flip": torch.bool}
        self.tensors = {
            name: torch.zeros(steps, batch_size, dtype=kind, device=device) for name, kind in kinds.items()
        }

    def fill(self, plans: Sequence[Plan]) -> None:
        for name, tensor in self.tensors.items():
            rows = torch.stack([torch.from_numpy(getattr(plan, name)) for plan in plans])
            tensor[: len(plans)].copy_(rows)

    def at(self, cursor: Tensor) -> Iterator[Tensor]:
        """The plan in row `cursor` (1,): four tensors (batch,)."""
        return (tensor.index_select(0, cursor).squeeze(0) for tensor in self.tensors.values())


class FastStep:
    """One network's step, captured where there is a GPU.

    Raises:
        RuntimeError: the step can't be captured; says why.
    """

    def __init__(self, classifier: Classifier, take: Take, feed: Feed) -> None:
        self.classifier, self.take, self.feed = classifier, take, feed
        device = feed.device
        kind = torch.float32 if device.type == "cuda" else torch.float64  # the host's own rates on a CPU
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)
        self.rates = torch.zeros(WINDOW, dtype=kind, device=device)
        self.lr = torch.zeros((), dtype=kind, device=device)
        for group in classifier.optimizer.param_groups:
            group["lr"] = self.lr  # a float would be frozen into the graph
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self.graph = self._capture() if self.stream is not None else None

    def begin(self, row: int, rates: Sequence[float]) -> None:
        """Start a series of steps: the first is the feed's row `row`, rates are those of all its rows."""
        self.cursor.fill_(row)
        self.rates[: len(rates)].copy_(torch.tensor(rates, dtype=self.rates.dtype))
        if self.stream is not None:
            self.stream.wait_stream(torch.cuda.current_stream())  # the feed, the cursor and the rates

    def replay(self) -> None:
        """One step."""
        if self.graph is None:
            self._step()
        else:
            with torch.cuda.stream(self.stream):
                self.graph.replay()

    def wait(self) -> None:
        """Until all steps are done, so that what they wrote may be read or overwritten."""
        if self.stream is not None:
            self.stream.synchronize()

    def _step(self) -> None:
        self.lr.copy_(self.rates.index_select(0, self.cursor).squeeze(0))
        images, labels = self.take(*self.feed.at(self.cursor))
        self.classifier.update(images, labels)
        self.cursor += 1

    def _capture(self) -> torch.cuda.CUDAGraph:
        """Capture a step; the network, its optimizer and its sums are afterwards as they were before."""
        assert self.stream is not None
        self.stream.wait_stream(torch.cuda.current_stream())
        try:
            with torch.cuda.stream(self.stream), as_it_was(self.classifier):
                for _ in range(WARM_UP):
                    self._step()
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, stream=self.stream, capture_error_mode="thread_local"):
                    self._step()
        except Exception as error:
            raise RuntimeError(f"train.engine=fast can't capture this network's step: {error}") from error
        self.stream.synchronize()
        return graph


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
def as_it_was(classifier: Classifier) -> Iterator[None]:
    """Undo, in place, what a `with` block does to parameters, momentum, BN's buffers and sums."""
    optimizer = classifier.optimizer
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            state = optimizer.state[parameter]
            if group["momentum"] and state.get("momentum_buffer") is None:
                # what the first step starts from, and at an address that the graph can keep
                state["momentum_buffer"] = torch.zeros_like(parameter)
    momenta = [value for state in optimizer.state.values() for value in state.values() if value is not None]
    kept = [*classifier.parameters(), *classifier.buffers(), *momenta]
    before = [value.detach().clone() for value in kept]
    try:
        yield
    finally:
        with torch.no_grad():
            for value, old in zip(kept, before, strict=True):
                value.copy_(old)
