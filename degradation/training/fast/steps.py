"""`train.engine=fast`: up to a hundred steps at once, on a GPU as replays of one CUDA graph a network.

A graph holds all that the device does in a step: taking the batch, forward, backward, optimizer, sums. What
differs from step to step (which images, the learning rate) lies in tensors, and a counter on the device says
which of their rows is next. The networks of a group replay their graphs on streams of their own, all at once.
On a CPU there is nothing to capture: the same code runs as it is.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from degradation.data.augment import Resident
from degradation.data.stream import Plan, Stream
from degradation.errors import NotFinite, Stopped
from degradation.models.dropped import same_work
from degradation.training.classifier import Classifier, Sums
from degradation.training.fast.capture import Capture, Work, as_it_was, capture_on, root_cause
from degradation.training.fast.compiled import checking, compile_blocks
from degradation.training.fast.lean import Lean
from degradation.training.group import Failures
from degradation.training.run import Run
from degradation.training.schedule import WINDOW

Draw = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
MakeCapture = Callable[[torch.device, bool], Capture]
WARM_UP = 3  # steps before the capture, in which kernels are chosen and buffers made; they are undone


class FastSteps:
    """Does the steps up to the next one after which something is due.

    Args:
        stream: what the batches are made of.
        images: the training images.
        every: steps after whose multiples the host has something to do.
        check: called between two steps, and while a network is compiled; may raise to stop.
        mode: how blocks are compiled: `none`, or a mode of torch.compile.
        urgent: so many of the deepest networks go before the others.
        make_capture: (device, urgent) -> how a network's step is captured.
    """

    def __init__(
        self,
        stream: Stream,
        images: Resident,
        every: Sequence[int],
        check: Callable[[], None],
        mode: str = "none",
        urgent: int = 0,
        make_capture: MakeCapture = capture_on,
    ) -> None:
        self.stream, self.check, self.mode, self.urgent = stream, check, mode, urgent
        self.every, self.make_capture = [*every, WINDOW], make_capture
        self.feed = Feed(WINDOW, stream.batch_size, images.pixels.device)
        self.draw = self.feed.draw_from(images)
        if mode != "none":
            self.draw = torch.compile(self.draw, fullgraph=True, dynamic=False, mode=mode)
        self.ready: dict[Run, FastStep] = {}

    def stop(self, start: int) -> int:
        return min((start // every + 1) * every for every in self.every)

    def train(self, runs: Sequence[Run], start: int, stop: int) -> Failures:
        plans = [self.stream.batch(step) for step in range(start, stop)]
        self.feed.fill(plans)
        self._prepare([run for run in runs if run not in self.ready])
        for run in runs:
            rates = [run.classifier.schedule.lr(t) for t in range(start, stop)]
            self.ready[run].begin(run.step - start, rates)
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

    def _prepare(self, runs: Sequence[Run]) -> None:
        """Compile and capture the steps of these networks; that takes minutes."""
        deepest = sorted(runs, key=lambda run: run.depth, reverse=True)[: self.urgent]
        for number, run in enumerate(runs, 1):
            self.check()
            since = time.perf_counter()
            if self.mode != "none":
                for one in runs:  # so that who watches knows them alive
                    one.recorder.log(f"compiling network {number} of the {len(runs)} on this device")
                compile_blocks(run.classifier, self.mode)
            capture = self.make_capture(self.feed.device, run in deepest)
            if capture.records or self.mode != "none":
                same_work(run.classifier.network)  # one step is prepared, BN's counts as well
            step = FastStep(run.classifier, self.draw, self.feed, capture, self.check)
            self.ready[run] = step
            if capture.records:
                run.measure = step.measure
            if step.prepared:
                run.setup_seconds += time.perf_counter() - since


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

    def draw_from(self, images: Resident) -> Draw:
        """What takes the batch of the plan in row `cursor` (1,), puts the learning rate of that row, one of
        `rates`, into `lr` (), and moves the cursor on."""

        def draw(cursor: Tensor, rates: Tensor, lr: Tensor) -> tuple[Tensor, Tensor]:
            lr.copy_(rates.index_select(0, cursor).squeeze(0))
            batch = images.take(*self.at(cursor))
            cursor.add_(1)
            return batch

        return draw


class FastStep:
    """One network's step and its evaluation, captured where there is a GPU.

    Args:
        check: called while the step is made ready; may raise to stop.

    Raises:
        RuntimeError: the step can't be captured; says why.
    """

    def __init__(
        self, classifier: Classifier, draw: Draw, feed: Feed, capture: Capture, check: Callable[[], None]
    ) -> None:
        self.classifier, self.draw, self.capture = classifier, draw, capture
        device = feed.device
        kind = torch.float32 if device.type == "cuda" else torch.float64  # the host's own rates on a CPU
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)
        self.rates = torch.zeros(WINDOW, dtype=kind, device=device)
        self.lr = torch.zeros((), dtype=kind, device=device)
        for group in classifier.optimizer.param_groups:
            group["lr"] = self.lr  # a float would be frozen into the graph
        self.prepared = capture.records or classifier.compiled
        self.lean, self.done = Lean(classifier, cast=self.prepared), 0
        self.sums: dict[Resident, Sums] = {}
        self.evaluations: dict[Resident, Work] = {}
        self.again = self._capture(check) if self.prepared else self._step

    def begin(self, row: int, rates: Sequence[float]) -> None:
        """Start a series of steps: the first is the feed's row `row`, rates are those of all its rows."""
        self.cursor.fill_(row)
        self.rates[: len(rates)].copy_(torch.tensor(rates, dtype=self.rates.dtype))
        self.capture.begin()  # the feed, the cursor and the rates

    def replay(self) -> None:
        """One step."""
        self.again()
        self.done += 1

    def wait(self) -> None:
        """Until all steps are done, so that what they wrote may be read or overwritten."""
        self.capture.wait()
        self.lean.count(self.done)
        self.done = 0

    def measure(self, images: Resident, between: Callable[[], None]) -> Callable[[], Sums]:
        """Begin an evaluation; what is returned waits for it. From the second time on it is captured."""

        def evaluate() -> None:
            with self.lean.weights_cast():
                self.sums[images] = self.classifier.measure(images, between)

        self.capture.begin()
        with self.capture.on():
            if images in self.sums and images not in self.evaluations:
                self.evaluations[images] = self.capture.record(evaluate)
            self.evaluations.get(images, evaluate)()

        def read() -> Sums:
            self.capture.wait()
            return self.sums[images]

        return read

    def _step(self) -> None:
        self.classifier.update(*self.draw(self.cursor, self.rates, self.lr))

    def _lean_step(self) -> None:
        with self.lean.step():
            self._step()

    def _capture(self, check: Callable[[], None]) -> Work:
        """Compile and capture a step; the network, its optimizer and its sums are afterwards as they were."""
        self.capture.begin()
        try:
            with self.capture.on(), as_it_was(self.classifier):
                self.lean.look(self._step)
                with checking(self.classifier.network, check):
                    for _ in range(WARM_UP):
                        self._lean_step()
                again = self.capture.record(self._lean_step)
        except Stopped:
            raise
        except Exception as error:
            cause = root_cause(error)
            why = f"{error}" + (f"; first {type(cause).__name__}: {cause}" if cause is not error else "")
            raise RuntimeError(f"train.engine=fast can't capture this network's step: {why}") from error
        self.capture.wait()
        return again
