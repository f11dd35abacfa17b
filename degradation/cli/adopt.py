"""A run folder of a network that others trained, from its weights, and its errors on the images here."""

from argparse import Namespace
from pathlib import Path

from degradation.cli.parser import Parser, call
from degradation.errors import DONE

NUMBERS = "in [0, 1]: one number, or red, green and blue as 0.49,0.48,0.45"


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_argument("weights", metavar="WEIGHTS", type=Path, help="a state dict, or a checkpoint with one")
    made.add_argument("--family", required=True, help="plain, residual, bottleneck or plain_bottleneck")
    made.add_argument("--depth", required=True, type=int, help="weighted layers")
    made.add_argument("--data", default="cifar10", help="the images (default: cifar10)")
    made.add_argument("--mean", help=f"what it was trained to have subtracted, {NUMBERS}")
    made.add_argument("--std", help="what the difference was divided by, in the same form")
    made.add_argument(
        "--padding",
        choices=("trailing", "centred"),
        help="where its option A has the zero channels (default: the one with the lower loss)",
    )
    made.add_argument(
        "--origin", metavar="WORDS", help="whose it is, where to find it, its licence: named on the pages"
    )
    made.add_argument("--test-only", action="store_true", help="leave the error on the training images out")
    made.add_argument(
        "keys",
        metavar="KEY=VALUE",
        nargs="*",
        help="config keys, as for training: data.root, experiment_name",
    )
    return made


def run(given: Namespace) -> int:
    from degradation import data
    from degradation.cli.compose import compose

    words = [f"model={given.family}", f"model.depth={given.depth}", f"data={given.data}"]
    words += ["experiment_name=adopted", *given.keys]
    words += [f"data.{key}=[{value}]" for key in ("mean", "std") if (value := getattr(given, key))]
    (wanted,) = compose([words])  # refused now: torch takes seconds
    data.find(wanted.settings.data)
    from degradation.training.adopt import adopt

    said = {word.lstrip("+").partition("=")[0] for word in given.keys}
    adopt(
        wanted.unnamed(),
        given.weights,
        said=said,
        padding=given.padding,
        origin=given.origin,
        train_error=not given.test_only,
    )
    return DONE


def main() -> int:
    return call(parser(), run)
