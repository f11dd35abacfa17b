"""A step of fewer kernels: what PyTorch does once a layer is done once.

Each BN layer counts its batches, with a kernel of its own, though only a BN without a momentum reads the
count. And autocast casts each weight to bf16, and each of their gradients back.
"""

import contextlib
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from degradation.training.classifier import Classifier
from degradation.training.fast.capture import like

CAST = (nn.Conv2d, nn.Linear)  # the layers whose weights autocast casts


class Lean:
    """Steps of one network whose batches are counted by `count`, and whose weights are cast all at once.

    The results are the same bits. It knows which BN layers a step calls, and how often, once `look` has seen
    one.

    Args:
        cast: weights, too; False where every step runs as it is.
    """

    def __init__(self, classifier: Classifier, cast: bool = True) -> None:
        self.classifier = classifier
        self.calls: dict[_BatchNorm, int] = {}
        self.places: list[tuple[nn.Module, str, nn.Parameter]] = []
        shadows: dict[nn.Parameter, nn.Parameter] = {}
        for module in classifier.network.modules():
            if cast and classifier.precision == "bf16" and isinstance(module, CAST):
                for name, parameter in module.named_parameters(recurse=False):
                    if parameter not in shadows:
                        shadows[parameter] = nn.Parameter(torch.empty_like(parameter, dtype=torch.bfloat16))
                    self.places.append((module, name, shadows[parameter]))
        self.weights: list[Tensor] = list(shadows)
        self.shadows: list[Tensor] = list(shadows.values())
        self.gradients = [torch.zeros_like(weight) for weight in self.weights]

    def look(self, step: Callable[[], None]) -> None:
        """Do a step, and see which BN layers it calls."""
        calls = dict.fromkeys(self._counting(), 0)

        def called(module: nn.Module, _: object) -> None:
            assert isinstance(module, _BatchNorm)
            calls[module] += 1

        hooks = [norm.register_forward_pre_hook(called) for norm in calls]
        try:
            with torch.compiler.set_stance("force_eager"):
                step()
        finally:
            for hook in hooks:
                hook.remove()
        # A layer that is used without being called counts for itself.
        self.calls = {norm: count for norm, count in calls.items() if count}

    def _counting(self) -> list[_BatchNorm]:
        """Those that count and don't use it."""
        modules = self.classifier.network.modules()
        norms = [module for module in modules if isinstance(module, _BatchNorm)]
        return [one for one in norms if one.num_batches_tracked is not None and one.momentum is not None]

    @contextlib.contextmanager
    def weights_cast(self) -> Iterator[None]:
        """Inside, the layers hold their weights in bf16, as they are now."""
        with torch.no_grad():
            if self.shadows:
                torch._foreach_copy_(self.shadows, self.weights)
        own = [module._parameters[name] for module, name, _ in self.places]
        for module, name, shadow in self.places:
            module._parameters[name] = shadow
        try:
            yield
        finally:
            for (module, name, _), parameter in zip(self.places, own, strict=True):
                module._parameters[name] = parameter

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Inside, one step is done."""
        counts = {norm: norm._buffers["num_batches_tracked"] for norm in self.calls}
        backward, self.classifier.backward = self.classifier.backward, self.backward
        for norm in counts:
            norm._buffers["num_batches_tracked"] = None
        try:
            with self.weights_cast():
                yield
        finally:
            self.classifier.backward = backward
            for norm, count in counts.items():
                norm._buffers["num_batches_tracked"] = count

    def backward(self, loss: Tensor) -> None:
        """The gradients of all parameters, with their strides."""
        for shadow in self.shadows:
            shadow.grad = None
        loss.backward()
        cast = [shadow.grad for shadow in self.shadows if shadow.grad is not None]
        used = [number for number, shadow in enumerate(self.shadows) if shadow.grad is not None]
        if cast:
            torch._foreach_copy_([self.gradients[number] for number in used], cast)
        for number in used:
            self.weights[number].grad = self.gradients[number]
        for parameter in self.classifier.parameters():
            if parameter.grad is not None:
                parameter.grad = like(parameter, parameter.grad)

    def count(self, steps: int) -> None:
        """So many steps were done."""
        counts = [norm.num_batches_tracked for norm in self.calls if norm.num_batches_tracked is not None]
        if steps and counts:
            torch._foreach_add_(counts, [steps * calls for calls in self.calls.values()])
