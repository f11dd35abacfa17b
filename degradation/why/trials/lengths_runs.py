"""What SGD does from where a network ended, as it is and with its weights as short as at the start."""

from collections.abc import Sequence

import pandas as pd
from torch import nn

from degradation.sweeps.sweep import sweep
from degradation.why.networks.modes import evaluate
from degradation.why.networks.trained import Trained, load_run
from degradation.why.numbers.further_quantities import AS_IT_IS, LAYER, RUN, SHORTENED
from degradation.why.numbers.quantities import FINAL, INITIAL
from degradation.why.trials.lengths import lengths, shortened
from degradation.why.trials.train_on import Train, finish, started
from degradation.why.trials.witness_runs import COUNT

FEW = 2  # images that show which BN follows which convolution
COLUMNS = (
    *("kind", "state", "layer", "name", "length", "grown", "step"),
    *("start", "loss", "error", "train_error", "test_error"),
)


def study(
    runs: Sequence[Trained], trained_on: Sequence[Trained], batch: int, train: Train = sweep
) -> list[pd.DataFrame]:
    """Measure all runs' weights, and train on from some, where that isn't done already.

    Args:
        runs: trained here, so that their start is known.
        trained_on: those of them from whose end two more are trained.
        batch: training images whose gradient gives a layer's steps.
        train: has all networks trained.

    Returns:
        For each run two kinds of rows. `layer`: see `lengths.LAYER`, at both states, steps at the first
        learning rate. `run`, of those of `trained_on`: start (`as it is`, `shortened`); loss, error where it
        starts (evaluation mode, on `COUNT` training images); train_error, test_error as recorded at its end.

    Raises:
        BadRequest: a run wasn't trained to its end.
    """
    initial = {run.folder: _initial(run) for run in runs}
    starts = {
        run.folder: {
            AS_IT_IS: run.network,
            SHORTENED: shortened(run.network, initial[run.folder], run.training_images(FEW)[0]),
        }
        for run in trained_on
    }
    requests = {
        (run.folder, start): started(run, network, "lengths", start.replace(" ", "_"))
        for run in trained_on
        for start, network in starts[run.folder].items()
    }
    finish("lengths", list(requests.values()), train)
    tables = []
    for run in runs:
        rows = []
        for start, network in starts.get(run.folder, {}).items():
            ended = load_run(requests[run.folder, start].folder, run.settings.data.root)
            loss, error = evaluate(network, *run.training_images(COUNT))
            row = {"kind": RUN, "start": start, "loss": loss, "error": error}
            rows.append(row | {key: ended.record[key] for key in ("train_error", "test_error")})
        table = pd.concat([_layers(run, initial[run.folder], batch), pd.DataFrame(rows)], ignore_index=True)
        tables.append(table.reindex(columns=list(COLUMNS)))
    return tables


def _layers(run: Trained, initial: nn.Module, batch: int) -> pd.DataFrame:
    shown, rate = run.training_images(batch), run.first_lr
    tables = [
        lengths(network, initial, *shown, lr=rate).assign(kind=LAYER, state=state)
        for state, network in ((INITIAL, initial), (FINAL, run.network))
    ]
    return pd.concat(tables, ignore_index=True)


def _initial(run: Trained) -> nn.Module:
    initial = run.initial()
    assert initial is not None
    return initial
