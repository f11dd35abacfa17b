"""The explanations by how large gradients are, and what each predicts: see `explanations.py`."""

from degradation.why.numbers.changes import LONGER, WARMED
from degradation.why.numbers.compare import GAP, GROWTH, MEAN
from degradation.why.numbers.further_quantities import LENGTH, SHORTER, STEP
from degradation.why.numbers.quantities import FINAL as END
from degradation.why.numbers.quantities import FIRST_LOOK as LATER
from degradation.why.numbers.quantities import GRADIENT, UPDATE
from degradation.why.numbers.quantities import INITIAL as START
from degradation.why.verdict.explanation import RESIDUAL, Explanation, Prediction, flat, level, moves, orders

STEP_LATER = "update over weight, first quarter of the layers (log10)"
ADAM, FASTER_ADAM = "Adam, lr=0.001", "Adam, lr=0.003"  # as `changes.py` names them
BOTH = f"init=dirac, {ADAM}"
GRADIENTS = (
    Explanation(
        "Vanishing gradients",
        "The most common answer in lectures: on the way back through many layers the gradient dies out, "
        "so the first layers don't learn. He et al. (2015, section 4.1) call it unlikely, since batch "
        "normalisation keeps signals and gradients healthy.",
        (
            Prediction(
                "at the start the gradient of the first layers is smaller than that of the last",
                *("signals", GRADIENT, MEAN, -1, START),
            ),
            Prediction("the more so, the deeper the network", *("signals", GRADIENT, GROWTH, -1, START)),
            Prediction(
                "after the first steps it is smaller than that of the last",
                *("along", GRADIENT, MEAN, -1, LATER),
            ),
            Prediction("the more so, the deeper the network", *("along", GRADIENT, GROWTH, -1, LATER)),
            Prediction("and more than with shortcuts", *("along", GRADIENT, GAP, -1, LATER, RESIDUAL)),
            *orders("the smaller it is at the start", GRADIENT, -1),
        ),
    ),
    Explanation(
        "Exploding gradients",
        "The opposite: with batch normalisation and no shortcut the gradient grows from layer to layer on"
        " its way back (Yang et al. 2019), so that no learning rate fits all layers.",
        (
            Prediction(
                "at the start the gradient of the first layers is larger than that of the last",
                *("signals", GRADIENT, MEAN, +1, START),
            ),
            Prediction("the more so, the deeper the network", *("signals", GRADIENT, GROWTH, +1, START)),
            Prediction("and more than with shortcuts", *("signals", GRADIENT, GAP, +1, START, RESIDUAL)),
            *orders("the larger it is at the start", GRADIENT, +1),
            level("begun without it (Dirac), it ends within a point of one with shortcuts", "init=dirac"),
            level("begun without it (looks-linear), it does", "init=looks_linear"),
            moves("with Adam, whose steps are about as long in every layer, it ends lower", ADAM),
            flat("and within a point of a shallow one", ADAM),
        ),
    ),
    Explanation(
        "Frozen first layers",
        "What may become of exploding gradients. A convolution with batch normalisation behind it computes "
        "the same at any length of its weights, but a step turns long ones less (Ioffe and Szegedy 2015; van "
        "Laarhoven 2017). So if the first steps are longer than the first layers' weights, these become long "
        "and random, and hardly move from then on: gradients that vanish would be an effect.",
        (
            Prediction(
                "at the start a step is longer than the first layers' weights",
                *("lengths", STEP, MEAN, +1, START),
            ),
            *orders("the longer the first step is next to the weights", UPDATE, +1),
            Prediction(
                "the first layers' weights grow the more, the deeper the network",
                *("lengths", LENGTH, GROWTH, +1, END),
            ),
            Prediction("and more than with shortcuts", *("lengths", LENGTH, GAP, +1, END, RESIDUAL)),
            Prediction(
                "after the first steps a step turns them less, the deeper the network",
                *("along", STEP_LATER, GROWTH, -1, LATER),
            ),
            Prediction(
                "given back the length that they began with, the network trains on to a lower error",
                *("lengths", SHORTER, MEAN, -1),
            ),
            moves("with a lower learning rate it ends lower", "a learning rate 0.25 times as high"),
            moves("with a warm-up it ends lower", WARMED),
            moves("with a longer warm-up it does", LONGER),
        ),
    ),
)
