"""Networks of torchvision.models, as they are: the points that a comparison is read against."""

from torch import nn

from degradation.data.vision import torchvision

WITHOUT = {"googlenet": ("aux_logits", "init_weights"), "inception_v3": ("aux_logits", "init_weights")}


def build_reference(name: str, num_classes: int = 1000) -> nn.Module:
    """A network (batch, 3, height, width) -> (batch, num_classes), with random weights.

    Args:
        name: of a function of torchvision.models, such as `vgg16`. Without auxiliary classifiers.
    """
    options = dict.fromkeys(WITHOUT.get(name, ()), False)
    network = getattr(torchvision("models"), name)(num_classes=num_classes, **options)
    assert isinstance(network, nn.Module)
    return network
