"""Class-balanced subsets."""

import numpy as np

from degradation.config.checks import between
from degradation.data.dataset import Images
from degradation.data.philox import words
from degradation.errors import BadRequest


def balanced_subset(images: Images, count: int | None, seed: int, key: str) -> Images:
    """Take `count` images, as many of each class as of any other (to within one), in their own order.

    Args:
        count: None takes all.
        seed: decides which.
        key: name of the config key, for the message.

    Raises:
        BadRequest: there are too few images, in all or of a class.
    """
    if count is None or count == len(images):
        return images
    between(key, count, 1, len(images))
    order = np.argsort(words(seed, 0, len(images)), kind="stable")
    classes = np.unique(images.labels)
    taken = []
    for position, label in enumerate(classes):
        share = count // len(classes) + (position < count % len(classes))
        of_class = order[images.labels[order] == label]
        if share > len(of_class):
            raise BadRequest(f"{key}={count}: class {label} has only {len(of_class)} images, not {share}")
        taken.append(of_class[:share])
    rows = np.sort(np.concatenate(taken))
    return Images(images.pixels[rows], images.labels[rows])
