"""The explanations that are given for degradation, and what each predicts of the numbers in summary.csv."""

from degradation.why.numbers.compare import GAP, GROWTH, MEAN
from degradation.why.numbers.further_quantities import (
    AFTER_BEYOND,
    AGAIN_BEYOND,
    AT_WITNESS,
    FRESH_BEYOND,
    beyond_again,
    farther,
    from_around,
)
from degradation.why.numbers.quantities import (
    APART,
    BEYOND,
    BUDGET_RATE,
    CORRELATION,
    EIGENVALUE,
    FELL,
    LAST_FELL,
    RANK,
    TRAINED,
)
from degradation.why.numbers.quantities import FINAL as END
from degradation.why.numbers.quantities import FIRST_LOOK as LATER
from degradation.why.numbers.quantities import INITIAL as START
from degradation.why.verdict.explanation import RESIDUAL, Explanation, Prediction, flat, level, moves, orders
from degradation.why.verdict.gradients import ADAM, BOTH, FASTER_ADAM, GRADIENTS

LOSS_NEAR = "loss 0.5 filter norms away, median of the lines (log10)"
SHARPNESS = "largest eigenvalue along training, median of the looks (log10)"
EXPLANATIONS = (
    Explanation(
        "No solution exists",
        "A plain network of that depth may not be able to compute anything as good. He et al. (2015, section "
        "1) answer with a construction, a *witness*: the trained shallow network, and behind its layers "
        "others that compute the identity.",
        (
            Prediction(
                "a network that is made that way has a higher error than the shallow one",
                *("witness", AT_WITNESS, MEAN, +1),
            ),
        ),
    ),
    Explanation(
        "A search that fails",
        "The solution is there, but the solver doesn't find one as good, or not in feasible time (He et al. "
        "2015, section 1). It names no cause. The shallow network has the witness's error.",
        (
            Prediction(
                "SGD from a fresh start ends at a higher error than the shallow network has",
                *("overfitting", TRAINED, GROWTH, +1),
            ),
            Prediction("even from the witness it ends at a higher one", "witness", AFTER_BEYOND, MEAN, +1),
            Prediction("the same, measured once more", "around", from_around(0), MEAN, +1),
            Prediction("and than the shallow one, trained on as long", "witness", AGAIN_BEYOND, MEAN, +1),
            Prediction("the same, measured once more", "around", beyond_again(), MEAN, +1),
            Prediction("from the witness Adam, too, ends higher", "around", from_around(0, ADAM), MEAN, +1),
            Prediction("and at three times its usual rate", "around", from_around(0, FASTER_ADAM), MEAN, +1),
            Prediction(
                "and than the shallow one, trained on as long", "around", beyond_again(ADAM), MEAN, +1
            ),
            Prediction("and at three times its usual rate", "around", beyond_again(FASTER_ADAM), MEAN, +1),
            Prediction(
                "from the witness it ends higher above it than with shortcuts, which make the identity easy "
                "to compute (section 3.1)",
                *("around", beyond_again(), GAP, +1, "", RESIDUAL),
            ),
            Prediction(
                "with them it ends no higher than the shallow one, trained on as long",
                *("around", beyond_again(), MEAN, -1, "", RESIDUAL),
            ),
        ),
    ),
    Explanation(
        "Overfitting",
        "What most think of first: a deeper network has more parameters, so it learns its training images by "
        "heart and is worse on new ones. He et al. (2015, section 1) answer that its *training* error is the "
        "higher one.",
        (
            Prediction("the training error falls with depth", *("overfitting", TRAINED, GROWTH, -1)),
            Prediction(
                "the test error lies further above it, the deeper the network",
                *("overfitting", APART, GROWTH, +1),
            ),
        ),
    ),
    *GRADIENTS,
    Explanation(
        "A collapse of rank",
        "What a deep network answers to different images may become alike, so that no layer behind can tell "
        "them apart. Daneshmand et al. (2020) prove that batch normalisation prevents it in random linear "
        "networks, and see that it does in ReLU ones.",
        (
            Prediction(
                "at the start the effective rank of the last layers' responses falls with depth",
                *("signals", RANK, GROWTH, -1, START),
            ),
            Prediction(
                "after the first steps it is the lower, the deeper the network",
                *("along", RANK, GROWTH, -1, LATER),
            ),
            Prediction("and is lower than with shortcuts", *("along", RANK, GAP, -1, LATER, RESIDUAL)),
            *orders("the lower it is at the start", RANK, -1),
        ),
    ),
    Explanation(
        "Shattered gradients",
        "Balduzzi et al. (2017): in a deep plain network the gradients of nearby inputs have nothing to "
        "do with each other, so a step for one image is noise for the next; with shortcuts they become so "
        "far more slowly.",
        (
            Prediction(
                "the correlation of nearby inputs' gradients falls with depth",
                *("shattering", CORRELATION, GROWTH, -1),
            ),
            Prediction(
                "and is lower than with shortcuts",
                *("shattering", CORRELATION, GAP, -1, "", RESIDUAL),
            ),
            *orders("the lower it is", CORRELATION, -1),
            moves("begun looks-linear, as they suggest against it, it ends lower", "init=looks_linear"),
        ),
    ),
    Explanation(
        "A start near the identity",
        "He et al. (2015, Fig. 7) find the responses of trained residual networks smaller than those of "
        "plain ones; Veit et al. (2016), that a deep one acts like a collection of shallow ones. De and "
        "Smith (2020): with batch normalisation it begins as one, since what is on the shortcut grows with "
        "depth and what a branch adds does not.",
        (
            Prediction(
                "plain responses are larger than residual ones",
                *("signals", "std of responses, mean over layers", GAP, +1, END, RESIDUAL),
            ),
            Prediction(
                "deleting one block costs a plain network more",
                *("lesions", "median change of error by one deletion (points)", GAP, +1, "", RESIDUAL),
            ),
            moves("with initial values near the identity (Dirac) a plain network ends lower", "init=dirac"),
            level("and within a point of one with shortcuts", "init=dirac"),
            moves("trained by Adam as well it ends lower", BOTH),
            flat("and within a point of a shallow one", BOTH),
            Prediction(
                "begun at a witness, whose added layers are the identity, it ends lower than afresh",
                *("witness", FRESH_BEYOND, MEAN, +1),
            ),
            Prediction(
                "begun there with each filter moved by its own length, it ends higher",
                *("around", farther(), MEAN, +1),
            ),
            Prediction("with Adam, too", "around", farther(ADAM), MEAN, +1),
            moves(
                "with shortcuts scaled by a half a residual network ends higher",
                "skip_scale=0.5",
                +1,
                RESIDUAL,
            ),
        ),
    ),
    Explanation(
        "A rugged landscape",
        "Li et al. (2018): without shortcuts the loss around what a deep network finds is chaotic and "
        "sharp; with them it is smooth.",
        (
            Prediction(
                "at the start the largest eigenvalue of the Hessian is larger",
                *("curvature", EIGENVALUE, GAP, +1, START, RESIDUAL),
            ),
            *orders("the larger it is there", EIGENVALUE, +1),
            Prediction(
                "and it stays larger along training",
                *("sharpness", SHARPNESS, GAP, +1, "", RESIDUAL),
            ),
            Prediction(
                "half a filter norm away from what was found the error has grown more",
                *("landscape", "change of error 0.5 filter norms away (points)", GAP, +1, "", RESIDUAL),
            ),
            Prediction("and there the loss is higher", *("landscape", LOSS_NEAR, GAP, +1, "", RESIDUAL)),
        ),
    ),
    Explanation(
        "Slow convergence",
        "He et al. (2015, section 4.1) conjecture that deep plain networks have exponentially low "
        "convergence rates. If that is all, more steps bring them there; but the paper itself saw three "
        "times as many not cure it (footnote 3).",
        (
            Prediction(
                "the error falls more slowly, the deeper the network",
                *("convergence", "rate b of error ~ steps^-b, at the first learning rate", GROWTH, -1),
            ),
            Prediction(
                "the deep one needs more steps to 50% error",
                *("convergence", "steps to 50% running training error", GROWTH, +1),
            ),
            Prediction("trained for longer, the deep one ends lower", *("budgets", FELL, MEAN, +1)),
            Prediction(
                "with the most steps it ends below the shallow one with the fewest",
                *("budgets", BEYOND, MEAN, -1),
            ),
            Prediction("more steps lower its error less", *("budgets", BUDGET_RATE, GROWTH, -1)),
            Prediction("and so does the last doubling of steps", *("budgets", LAST_FELL, GROWTH, -1)),
        ),
    ),
)
