"""Count what a captured step launches, on a CPU: kernels.py [--compiled] [--depth 20,56]

Operations that compute (no views, no allocations) of one step in bf16, each of which is at least one kernel
on a GPU; with --compiled also those that torch.compile generates and calls. A GPU's own count differs: cuDNN
may use several kernels for a convolution, and Triton fuses otherwise than C++ does.
"""

import argparse
import collections
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from reliability import make  # noqa: E402

from degradation.config import request  # noqa: E402
from degradation.data import load  # noqa: E402
from degradation.training.build import make_engine, make_run  # noqa: E402
from degradation.training.fast.capture import AsItIs, Capture  # noqa: E402
from degradation.training.fast.steps import FastStep, FastSteps  # noqa: E402
from degradation.training.parts import make_images, resolve  # noqa: E402
from degradation.training.stop import Stop  # noqa: E402

CPU = torch.device("cpu")
NONE = ("empty", "as_strided", "detach", "set_", "resize_", "_reshape_alias")


class Prepared(AsItIs):
    """What is captured on a GPU is done here, as it would be there."""

    records = True


def prepared(device: torch.device, urgent: bool) -> Capture:
    return Prepared()


def step_of(family: str, depth: int, compile_: str, folder: Path) -> FastStep:
    """A network of the paper's width on images of 32 pixels, ready to do the next step."""
    tree = make(folder, engine="fast", precision="bf16", compile=compile_, batch_size=8).to_mapping()
    tree["model"] = {"family": family, "depth": depth, "width": 16, "shortcut": None}
    tree["data"].update(size=32, count=16, test_count=8)
    wanted = resolve(request.from_mapping(tree), CPU)
    dataset = load(wanted.settings.data)
    images = make_images(dataset, CPU)
    wanted.folder.mkdir(parents=True)
    run = make_run(wanted, dataset, images, Stop(), echo=False)
    plain = make_engine(wanted.settings, dataset, images[0], Stop())
    assert isinstance(plain, FastSteps)
    engine = FastSteps(plain.stream, images[0], plain.every, lambda: None, compile_, make_capture=prepared)
    engine.train([run], 0, 2)
    return engine.ready[run]


def launched(step: Callable[[], None]) -> collections.Counter[str]:
    """The operations of a step by name; those within another one don't count."""
    step()
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    found: collections.Counter[str] = collections.Counter()
    events: list[Any] = [event for event in profiler.events() if event.cpu_parent is None]
    while events:
        event = events.pop()
        if computes(event.name):
            found[event.name] += 1
        else:
            events += event.cpu_children
    return found


def computes(name: str) -> bool:
    if "cpp_fused" in name:
        return True
    if not name.startswith("aten::"):
        return False
    if name == "aten::slice" or name.split("::")[1].startswith(NONE):
        return False
    schemas = torch._C._jit_get_schemas_for_operator(name)
    views = [one for one in schemas if any(r.alias_info and not r.alias_info.is_write for r in one.returns)]
    if len(views) == len(schemas):
        return False
    kinds = [one.name + (f".{one.overload_name}" if one.overload_name else "") for one in schemas]
    composite = "CompositeImplicitAutograd"
    return not all(torch._C._dispatch_has_kernel_for_dispatch_key(kind, composite) for kind in kinds)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--compiled", action="store_true")
    arguments.add_argument("--depth", default="20,56")
    arguments.add_argument("--names", action="store_true", help="print the operations, too")
    given = arguments.parse_args()
    warnings.simplefilter("ignore")
    torch._inductor.config.cpp.enable_kernel_profile = True
    for compile_ in ("none", "default")[: 1 + given.compiled]:
        for depth in map(int, given.depth.split(",")):
            for family in ("plain", "residual"):
                with tempfile.TemporaryDirectory() as folder:
                    step = step_of(family, depth, compile_, Path(folder))
                counts = [launched(step._step), launched(step._lean_step)]
                before, after = (sum(one.values()) for one in counts)
                said = f"{before} operations a step as it is, {after} as it is captured"
                print(f"{family}-{depth}, compile={compile_}: {said}", flush=True)
                if given.names:
                    print(*(dict(one.most_common()) for one in counts), sep="\n")


if __name__ == "__main__":
    main()
