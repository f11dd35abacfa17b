"""One network, asked for by name: its layers and stages as text, and the whole of it drawn."""

from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from torch import nn

from degradation.config.checks import fill
from degradation.config.settings import Model
from degradation.diagrams import whole
from degradation.diagrams.tables import layer_table, stage_table
from degradation.errors import BadRequest
from degradation.families.catalog import family, own
from degradation.files import CONF, write_atomic
from degradation.models import build_model
from degradation.models.layers import layers
from degradation.plots.style import described

SMALL = "cifar"  # the version of a family of large images that is for small ones


def show(word: str, keys: Sequence[str], out: Path) -> str:
    """The tables of a network, and the path of the picture that is written of it.

    Args:
        word: `<family>-<depth>`, or a family with its config's depth.
        keys: `model.<key>=<value>`.
        out: the folder of the picture.

    Raises:
        BadRequest: there is no such network.
    """
    model = asked(word, keys)
    size = 32 if model.version == SMALL else family(model.family).size
    network = build(model, size)
    found = layers(network, 3, size)
    columns = [whole.column(f"{model.family}-{model.depth}", network, found)]
    other = partner(model)
    if other is not None:
        beside = build(other, size)
        columns.append(whole.column(f"{other.family}-{other.depth}", beside, layers(beside, 3, size)))
        columns.sort(key=lambda one: bool(one.around))  # the plain one first
    name = "-".join([f"{model.family}-{model.depth}", *(key.removeprefix("model.") for key in keys)])
    path = out / f"{name}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, described(whole.figure(columns), layer_table(found)))
    title = f"{model.family}-{model.depth}, images of {size}×{size} px"
    return f"{title}\n\n{layer_table(found)}\n\n{stage_table(found)}\n\n{path}\n"


def asked(word: str, keys: Sequence[str]) -> Model:
    """The network that is asked for, checked.

    Raises:
        BadRequest: says what would be right.
    """
    name, dash, depth = word.rpartition("-")
    name, given = (name, {"depth": int(depth)}) if dash and depth.isdecimal() else (word, {})
    family(name)
    tree = yaml.safe_load((CONF / "model" / f"{name}.yaml").read_text()) | given
    for key in keys:
        path, _, value = key.partition("=")
        if not path.startswith("model."):
            raise BadRequest(f"{key}: keys of the network alone, such as model.shortcut=B")
        tree[path.removeprefix("model.")] = yaml.safe_load(value)
    model: Model = fill(Model, tree, "model.")
    model.check()
    if model.norm is not None:
        raise BadRequest(f"model.norm={model.norm}: drawn are the networks as their papers have them")
    return model.resolve()


def partner(model: Model) -> Model | None:
    """The plain twin of a network, or the network of a plain twin; None where there is none."""
    twin = family(model.family).twin
    if twin is None:
        return None
    keys = {key: value for key, value in model.own().items() if value is not None}
    name = own(twin) if twin == model.family else twin
    return Model(name, model.depth, model.width, None, **keys).resolve()


def build(model: Model, size: int) -> nn.Module:
    """The network on the meta device, for as many classes as its images have in its paper."""
    with torch.device("meta"):
        return build_model(
            model.family,
            depth=model.depth,
            width=model.width,
            shortcut=model.shortcut,
            num_classes=10 if size == 32 else 1000,
            **model.own(),
        )
