"""Overfitting: do deep networks learn their training images by heart?

What is claimed: a deeper network has more parameters, so it fits its training images better and new ones
worse; that is what most think of first who hear that more layers make a network worse. It predicts a lower
training error with depth, and a test error further above it. He et al. (2015, section 1) rule it out by the
training error alone: of deep plain networks it is higher.
"""

import pandas as pd

from degradation.analysis.series import complete
from degradation.errors import BadRequest
from degradation.runs.store import NETWORK, Experiment

ERRORS = ["train_error", "test_error"]


def overfitting(recorded: Experiment) -> pd.DataFrame:
    """The clean training error and the test error of each complete run's last step, in percent; the weights
    aren't needed.

    Returns:
        Columns: family, depth, variant, seed, train_error, test_error.

    Raises:
        BadRequest: no complete run has both.
    """
    done = complete(recorded.runs)
    errors = done[ERRORS].apply(pd.to_numeric, errors="coerce")
    table = done[list(NETWORK)].assign(**{name: errors[name] for name in ERRORS}).dropna(subset=ERRORS)
    if table.empty:
        raise BadRequest("overfitting: left out: no complete run recorded its training and its test error")
    return table.reset_index(drop=True)
