"""Requests -> complete run folders: one network, or a group of them on the same batches.

    Request -> curves.csv, record.json, last.ckpt, log.txt

Read `experiment.py`, which tells the whole story: it looks at the run folder (`folder.py`), puts the parts
together (`build.py`; images and network: `parts.py`), lets Lightning do the steps (`group.py`) and writes
down how it ended. Who lives how long:

- For the whole process: the Trainer (`lightning.py`), the images on their device, the batch stream, the
  `Engine` that does the steps (`PlainSteps` in `group.py`, or `FastSteps` in the room `fast/`) and `Stop`
  (`stop.py`). All networks of a group share them. The `Group` is the LightningModule: it owns the networks'
  runs and drops one that fails.
- As long as one network trains: a `Run` (`run.py`). It owns the network's `Classifier` (network, optimizer,
  schedule, counters: `classifier.py`), its `Recorder` (run folder: `recorder.py`) and its `Progress`
  (`progress.py`); it evaluates and saves. Where it is asked for, `Signals` (`signals.py`) looks at its
  layers and `Kept` (`kept.py`) keeps its weights. Nothing in it is shared with the networks beside it.
- For one step: a batch and its plan (which images, which crops), taken from the stream and forgotten.
- Beyond the process: the run folder, with a checkpoint that holds all that a `Run` owns (`checkpoint.py`).

`lightning.py` makes the Trainer, `device.py` says what the machine has, `provenance.py` and `commit.py`
where numbers come from, `given.py` which file's weights a network begins with, `schedule.py` the learning
rate, `together.py` what several processes of one network agree on, `shared_norm.py` how its BN layers see
their whole batch. `logger.py` hands the rows to TensorBoard and its like. `adopt.py` makes run folders of
networks that others trained.
"""
