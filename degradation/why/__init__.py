"""Wing: why plain networks degrade: each explanation held against trained (and untrained) networks.

    complete run folders -> reports/<experiment>_why/: a table and a picture an analysis, and a page

Read `trained.py` (a run folder -> its network), `recorded.py` (a report's row -> the network before
training), `modes.py` (how BN is held), `blocks.py` (a network as a row of blocks), then an analysis; each is
a function of a network and images, or of what a run wrote, and says what its explanation predicts:
`overfitting.py`, `models/signals.py`, `along.py`, `convergence.py`, `shattering.py`, `lesions.py`,
`landscape.py`, `curvature.py`, `sharpness.py`, `paths.py`; `budgets.py` is one of runs of several lengths,
`changes.py` of changed ones, `forecast.py` of many kinds; `columns.py` (FractalNet) and `reuse.py`
(DenseNet) are of single ones. Their pictures are drawn of their tables: `overfitting_picture.py`,
`signals_picture.py`, `along_picture.py`, `convergence_picture.py`, `budgets_picture.py`,
`changes_picture.py`, `shattering_picture.py`, `lesions_picture.py`, `landscape_picture.py`,
`curvature_picture.py`, `sharpness_picture.py`, `paths_picture.py`, `witness_picture.py`,
`lengths_picture.py`, `forecast_picture.py`, `columns_picture.py`, `reuse_picture.py`, with what they share
in `drawing.py`.
`witness.py` writes down a deep plain network that computes what a shallow one does, `witness_runs.py` trains
on from it; `lengths.py` gives a network's weights back the length that they began with, `lengths_runs.py`
trains on from that; `train_on.py` is what both start runs with. `measured.py` has each made of many networks,
`further.py` those two, `families.py` those of single families. `quantities.py`, `further_quantities.py` and
`families_quantities.py` make a few numbers a network of each table, `compare.py` differences with intervals
of them. `analyses.py` knows all by name, `measuring.py` has them measured, `report.py` writes the report,
`page.py` its words; `tables.py` has its tables as text.
`explanation.py` says what a prediction is, `explanations.py` which ones each explanation makes, `judge.py`
whether one holds, `short.py` the answer in a few sentences; `verdicts.py` writes docs/why.md.
"""
