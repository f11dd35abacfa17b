"""A network with its optimizer, its schedule and its counters."""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from degradation.data.augment import Resident
from degradation.errors import NotFinite
from degradation.training import together
from degradation.training.schedule import WINDOW, StepSchedule

EVALUATION_BATCH = {"cpu": 250, "gpu": 2000}  # images: small enough for a CPU's cache, large enough for a GPU

Sums = tuple[Tensor, Tensor]  # of losses, and of images that are classified wrong


class Classifier(nn.Module):
    """Trains one network step by step, whatever other networks are trained beside it.

    Args:
        network: (batch, channels, height, width) -> (batch, classes); its memory is made channels_last.
        make_optimizer: parameters -> optimizer; its learning rate is set by the schedule before each step.
        schedule: step -> learning rate.
        precision: `float32` or `bf16`: autocast of the forward and backward pass. Parameters, BN statistics
            and the loss are float32 in both.
    """

    def __init__(
        self,
        network: nn.Module,
        make_optimizer: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer],
        schedule: StepSchedule,
        precision: str = "float32",
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.network.parameters())
        self.schedule, self.precision = schedule, precision
        self.step, self.seen, self.window_seen, self.lr = 0, 0, 0, math.nan
        self.compiled = False
        self.backward: Callable[[Tensor], None] = (
            Tensor.backward
        )  # Lightning's, where processes share a batch
        # Sums stay on the device, where reading them would stop it; `read_running` reads them.
        self.register_buffer("loss_sum", torch.zeros(()), persistent=False)
        self.register_buffer("wrong", torch.zeros((), dtype=torch.int64), persistent=False)
        self.register_buffer("window_wrong", torch.zeros((), dtype=torch.int64), persistent=False)
        self.loss_sum: Tensor
        self.wrong: Tensor
        self.window_wrong: Tensor

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, height, width) -> logits (batch, classes), of the images' own precision."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            logits = self.network(images)
        return logits.to(images.dtype)

    def train_step(self, images: Tensor, labels: Tensor) -> None:
        """One update, on images (batch, channels, height, width) and labels (batch,).

        Raises:
            NotFinite: the loss isn't a number any more (seen at every hundredth step).
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.lr(self.step)
        self.update(images, labels)
        self.count(len(labels))
        self.look()

    def update(self, images: Tensor, labels: Tensor) -> None:
        """What the device does in a step, and nothing else: the part that a CUDA graph holds."""
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        self.optimizer.zero_grad(set_to_none=True)
        self.backward(loss)
        self.optimizer.step()
        with torch.no_grad():
            wrong = (logits.argmax(1) != labels).sum()
            self.loss_sum += loss * len(labels)
            self.wrong += wrong
            self.window_wrong += wrong

    def count(self, images: int) -> None:
        """Another step was done, on so many images."""
        self.lr = self.schedule.lr(self.step)
        self.step += 1
        self.seen += images * together.processes()
        self.window_seen += images * together.processes()

    def look(self) -> None:
        """Every `WINDOW` steps: is the loss a number, and may the warm-up end?

        Raises:
            NotFinite: see `check_finite`.
        """
        if self.step % WINDOW == 0:
            self.check_finite()
            self.schedule.observe(100 * together.total(self.window_wrong).item() / self.window_seen)
            self.window_wrong.zero_()
            self.window_seen = 0

    def check_finite(self) -> None:
        """Raises:
        NotFinite: the loss of a step since the last row was infinite or not a number.
        """
        if not math.isfinite(together.total(self.loss_sum).item()):
            raise NotFinite(f"the loss is not finite any more, at step {self.step} or up to {WINDOW} before")

    def running(self) -> tuple[float, float]:
        """Mean loss and error (percent) over the training batches since `restart_running`; NaN if none."""
        if not self.seen:
            return math.nan, math.nan
        loss_sum, wrong = together.total(self.loss_sum).item(), together.total(self.wrong).item()
        return loss_sum / self.seen, 100 * wrong / self.seen

    def restart_running(self) -> None:
        self.seen = 0
        self.loss_sum.zero_()
        self.wrong.zero_()

    @torch.inference_mode()
    def measure(self, images: Resident, between: Callable[[], None] = lambda: None) -> Sums:
        """Sum of the losses, and how many are wrong, of un-augmented images in eval mode. They lie on the
        device, which may still be at it.

        Args:
            between: called between two batches; may raise to stop.
        """
        self.network.eval()
        loss = torch.zeros((), device=self.loss_sum.device)
        wrong = torch.zeros((), dtype=torch.int64, device=self.loss_sum.device)
        batch = EVALUATION_BATCH["cpu" if self.loss_sum.device.type == "cpu" else "gpu"]
        # Compiled blocks know training mode alone; compiling them a second time would not pay.
        eager = torch.compiler.set_stance("force_eager") if self.compiled else contextlib.nullcontext()
        try:
            with eager:
                for start in range(0, len(images), batch):
                    between()
                    inputs, labels = images.views(slice(start, start + batch))
                    logits = self(inputs)
                    loss += F.cross_entropy(logits, labels, reduction="sum")
                    wrong += (logits.argmax(1) != labels).sum()
            return loss, wrong
        finally:
            self.network.train()

    def evaluate(self, images: Resident, between: Callable[[], None] = lambda: None) -> tuple[float, float]:
        """Mean loss (inf if it isn't finite) and error (percent) of what `measure` measures."""
        return means(self.measure(images, between), len(images))

    def state(self) -> dict[str, Any]:
        """All that going on needs, loadable with `weights_only=True`."""
        return {
            "step": self.step,
            "seen": self.seen,
            "window_seen": self.window_seen,
            "lr": self.lr,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state(),
            "sums": [together.total(own).clone() for own in (self.loss_sum, self.wrong, self.window_wrong)],
        }

    def restore(self, state: dict[str, Any], first: bool = True) -> None:
        """Go on from what `state` gave; of several processes the first takes the sums that all had."""
        self.step, self.seen, self.lr = state["step"], state["seen"], state["lr"]
        self.window_seen = state["window_seen"]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.restore(state["schedule"])
        for own, saved in zip((self.loss_sum, self.wrong, self.window_wrong), state["sums"], strict=True):
            own.copy_(saved if first else torch.zeros_like(saved))


def means(sums: Sums, images: int) -> tuple[float, float]:
    """Mean loss (inf if it isn't finite) and error (percent)."""
    loss, wrong = sums
    mean = loss.item() / images
    return mean if math.isfinite(mean) else math.inf, 100 * wrong.item() / images
