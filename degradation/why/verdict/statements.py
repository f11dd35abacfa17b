"""The sentences of the short answer, each with the numbers that it rests on (`short.py` tells them)."""

from degradation.why.numbers.compare import GAP, GROWTH, MEAN
from degradation.why.numbers.forecast import OTHERS, TWINS
from degradation.why.numbers.further_quantities import (
    AFTER_BEYOND,
    AGAIN_BEYOND,
    AT_WITNESS,
    HIGHEST,
    beyond_again,
    farther,
    fresh_beyond,
    from_around,
)
from degradation.why.numbers.quantities import (
    APART,
    BEYOND,
    CORRELATION,
    EIGENVALUE,
    FELL,
    FINAL,
    FIRST_LOOK,
    GRADIENT,
    INITIAL,
    LAST_FELL,
    TRAINED,
    UPDATE,
    with_change,
)
from degradation.why.verdict.explanation import RESIDUAL, Prediction, level
from degradation.why.verdict.gradients import ADAM as USUAL
from degradation.why.verdict.gradients import BOTH
from degradation.why.verdict.gradients import FASTER_ADAM as FASTER
from degradation.why.verdict.judge import AGAINST, OPEN, ZERO
from degradation.why.verdict.statement import (
    ADAM,
    BUDGETS,
    FAR,
    KEPT,
    LADDER,
    LONG,
    PHOTOGRAPHS,
    SHAPES,
    SHAPES_BUDGETS,
    TOGETHER,
    Found,
    Statement,
    around,
    changed,
    costs,
    of,
    order,
)

DEEP_PATHS = "effective depth (branches)"
DELETED = "median change of error by one deletion (points)"

STATEMENTS = (
    Statement(
        "**A solution as good exists, and training doesn't find it.** Take a trained plain-20 and put "
        "layers that compute the identity behind its own: that plain-56 has the very same error. Begun "
        "afresh, plain-56 ends {1} points above plain-20. Begun at that solution, it even leaves it, and "
        "ends {2} points above plain-20, and {3} above a plain-20 that trains on as long. On the drawn "
        "shapes it leaves it too, its running training error rises to {4} percent, but it comes back, to {5} "
        "points above plain-20.",
        (
            of(LONG, "witness", AT_WITNESS, MEAN, +1, ZERO),
            of(LONG, "overfitting", TRAINED, GROWTH, +1),
            of(LONG, "witness", AFTER_BEYOND, MEAN, +1),
            of(LONG, "witness", AGAIN_BEYOND, MEAN, +1),
            Found(SHAPES, Prediction("", "witness", HIGHEST, MEAN, +1, margin=FAR)),
            of(SHAPES, "witness", AFTER_BEYOND, MEAN, +1, OPEN),
        ),
    ),
    Statement(
        "**It isn't overfitting.** That lowers the training error and drives the test error away from it. "
        "From plain-20 to plain-56 the training error rises by {1} points, and what the test error has "
        "beyond it changes by {0}.",
        (
            of(LONG, "overfitting", APART, GROWTH, +1, AGAINST),
            of(LONG, "overfitting", TRAINED, GROWTH, -1, AGAINST),
        ),
    ),
    Statement(
        "**Gradients don't vanish at the start, they explode.** Before the first step the gradient in the "
        "weights of the first quarter of plain-56's layers is {0} times that of the last quarter; in "
        "residual-56 {1} times (geometric means). After the first steps it has turned round on the drawn "
        "shapes, to {2} times; on photographs, at {4} times, that isn't told from noise.",
        (
            Found(LONG, Prediction("", "signals", GRADIENT, MEAN, +1, INITIAL, margin=1.0)),  # tenfold
            Found(LONG, Prediction("", "signals", GRADIENT, MEAN, +1, INITIAL, RESIDUAL), OPEN),
            Found(SHAPES, Prediction("", "along", GRADIENT, MEAN, -1, FIRST_LOOK)),
            Found(LONG, Prediction("", "signals", GRADIENT, GAP, +1, INITIAL, RESIDUAL, margin=1.0)),
            Found(PHOTOGRAPHS, Prediction("", "along", GRADIENT, MEAN, -1, FIRST_LOOK), OPEN),
        ),
    ),
    Statement(
        "**How a network begins matters, and isn't all.** Other initial values change where plain-56 ends "
        "by {0} points if they lie near the identity (Dirac), and by {1} if they make it begin as a linear "
        "network (looks-linear). Orthogonal ones, {2}, and LSUV, which are orthogonal and then scaled until "
        "responses have unit variance, {3}, aren't told from noise. And with Dirac it still ends {4} points "
        "above residual-56.",
        (
            changed("init=dirac"),
            changed("init=looks_linear"),
            changed("init=orthogonal", verdict=OPEN),
            changed("init=lsuv", verdict=OPEN),
            Found(LADDER, level("", "init=dirac"), AGAINST),
        ),
    ),
    Statement(
        "**A shortcut that hands on half of its input helps much less.** Where the input is halved before "
        "it is added, residual-56 ends {0} points higher; where a quarter of it is left, {1}. Where three "
        "quarters are, {2} isn't told from noise.",
        (
            changed("skip_scale=0.5", +1, family=RESIDUAL),
            changed("skip_scale=0.25", +1, family=RESIDUAL),
            changed("skip_scale=0.75", +1, OPEN, RESIDUAL),
        ),
    ),
    Statement(
        "**Networks that end badly differ before the first step.** Over deep networks of many families, "
        "with shortcuts and without, the training error is the higher, the longer the first step is next to "
        "the weights (rank correlation, from -1 to 1: {0}; among the plain ones alone {1}). It goes with a "
        "sharply curved loss, too ({2}, of the largest eigenvalue of its second derivatives, the Hessian), "
        "and with gradients in the image that disagree between nearby images ({3}). But among the plain ones "
        "alone, and among those with shortcuts alone, neither is told from noise, nor is the first step "
        "among the latter. Which of them is the cause, these runs can't tell.",
        (
            order(UPDATE, +1),
            order(UPDATE, +1, TWINS),
            order(EIGENVALUE, +1),
            order(CORRELATION, -1),
            order(EIGENVALUE, +1, TWINS, OPEN),
            order(CORRELATION, -1, TWINS, OPEN),
            order(UPDATE, +1, OTHERS, OPEN),
            order(EIGENVALUE, +1, OTHERS, OPEN),
            order(CORRELATION, -1, OTHERS, OPEN),
        ),
    ),
    Statement(
        "**Adam alone doesn't cure it; with shortcuts it does, and with a start near the identity nearly.** "
        "Its steps are about as long in every layer, however large the gradient. With it plain-56 ends {0} "
        "points above plain-20, and {1} at three times its usual learning rate; residual-56 ends {2} and {3} "
        "above residual-20, which isn't told from noise. (With SGD after as few steps, without a warm-up "
        "too, shortcuts don't cure it yet: {4}, next to {5} of plain networks.) Begun near the identity "
        "(Dirac), plain-56 ends {6} points above such a plain-20 with SGD, and {7} with Adam. Begun as a "
        "linear network (looks-linear), it ends {8} above with Adam; with orthogonal initial values {9}: not "
        "any start will do.",
        (
            costs(ADAM, USUAL, margin=FAR),
            costs(ADAM, FASTER, margin=FAR),
            costs(ADAM, USUAL, OPEN, RESIDUAL),
            costs(ADAM, FASTER, OPEN, RESIDUAL),
            Found(ADAM, Prediction("", "overfitting", TRAINED, GROWTH, +1, family=RESIDUAL, margin=FAR)),
            Found(ADAM, Prediction("", "overfitting", TRAINED, GROWTH, +1, margin=FAR)),
            costs(TOGETHER, "init=dirac"),
            costs(TOGETHER, BOTH),
            costs(TOGETHER, f"init=looks_linear, {USUAL}"),
            costs(TOGETHER, f"init=orthogonal, {USUAL}", margin=FAR),
        ),
    ),
    Statement(
        "**Where the search begins counts for more than whether SGD or Adam searches.** If it begins at the "
        "solution that plain-20 gives it, plain-56 ends {0} points lower than afresh with SGD, and {1} with "
        "Adam; Adam in place of SGD moves its end afresh by {2}, which isn't told from noise. (That solution "
        "had been trained for as many steps before.) From there it ends {3} points from plain-20 with SGD, "
        "which isn't told from noise; {4} with Adam, and {5} at three times its usual rate; and each "
        "time above a plain-20 that trains on for as long, by {6}, {7} and {8}. Where each filter is first "
        "moved in a random direction by its own length, it ends {9} points higher with SGD, {10} with Adam.",
        (
            around(fresh_beyond(), margin=FAR),
            around(fresh_beyond(USUAL), margin=FAR),
            Found(ADAM, Prediction("", "changes", with_change(USUAL), MEAN, -1), OPEN),
            around(from_around(0), verdict=OPEN),
            around(from_around(0, USUAL), -1),
            around(from_around(0, FASTER)),
            around(beyond_again()),
            around(beyond_again(USUAL)),
            around(beyond_again(FASTER)),
            around(farther()),
            around(farther(USUAL)),
        ),
    ),
    Statement(
        "**Shortcuts keep what training is given.** Behind a trained residual-20's blocks others can be put "
        "that add nothing: a residual-56 with the very same error. Trained on from there, its error minus "
        "that of a residual-20 that trains on for as long is {0} points. Plain-56, begun at such a solution "
        "of its own, ends {1} points above a plain-20 that trains on for as long: {2} more.",
        (
            Found(KEPT, Prediction("", "around", beyond_again(), MEAN, -1, family=RESIDUAL)),
            Found(KEPT, Prediction("", "around", beyond_again(), MEAN, +1)),
            Found(KEPT, Prediction("", "around", beyond_again(), GAP, +1, family=RESIDUAL)),
        ),
    ),
    Statement(
        "**More steps help the shallow network more, for a while.** From the fewest steps to the most "
        "plain-56's training error falls by {0} points. Plain-20's falls by more (plain-56's fall minus "
        "plain-20's: {1}), so the gap grows, to {2} points at the most steps. But over the last doubling "
        "plain-56's fall minus plain-20's is {3}, which isn't told from noise; and on the drawn shapes, "
        "where plain-20 has no error left to lose, it is {4}.",
        (
            of(BUDGETS, "budgets", FELL, MEAN, +1),
            of(BUDGETS, "budgets", FELL, GROWTH, -1),
            of(BUDGETS, "budgets", BEYOND, GROWTH, +1),
            of(BUDGETS, "budgets", LAST_FELL, GROWTH, -1, OPEN),
            of(SHAPES_BUDGETS, "budgets", LAST_FELL, GROWTH, +1),
        ),
    ),
    Statement(
        "**With shortcuts a deep network works like many shallow ones.** In the trained residual-56 a "
        "gradient passes {0} branches of blocks on average, in plain-56 {1}. To take out one block, so that "
        "only its shortcut stays, costs residual-56 {2} points of error, and plain-56 {3}.",
        (
            Found(LONG, Prediction("", "paths", DEEP_PATHS, MEAN, +1, FINAL, RESIDUAL)),
            Found(LONG, Prediction("", "paths", DEEP_PATHS, MEAN, +1, FINAL)),
            Found(LONG, Prediction("", "lesions", DELETED, MEAN, +1, family=RESIDUAL)),
            Found(LONG, Prediction("", "lesions", DELETED, MEAN, +1)),
            Found(LONG, Prediction("", "lesions", DELETED, GAP, +1, family=RESIDUAL, margin=FAR)),
        ),
    ),
)
