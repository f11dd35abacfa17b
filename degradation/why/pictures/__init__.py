"""A table of an analysis -> its picture (no torch).

`drawing.py` has what they share. One a table: `overfitting_picture.py`, `witness_picture.py`,
`around_picture.py`, `signals_picture.py`, `along_picture.py`, `convergence_picture.py`, `budgets_picture.py`,
`changes_picture.py`, `shattering_picture.py`, `lesions_picture.py`, `landscape_picture.py`,
`curvature_picture.py`, `sharpness_picture.py`, `lengths_picture.py`, `forecast_picture.py`,
`paths_picture.py`, `columns_picture.py`, `reuse_picture.py`.
"""
