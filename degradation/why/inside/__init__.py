"""A network and images -> a table. An analysis a file, each a function that can be used alone.

Signals are in `degradation/models/signals.py`, which training uses too; `along.py` reads what it wrote of
them. `shattering.py`: do gradients of nearby images agree? `lesions.py`: blocks deleted; `landscape.py`:
the loss around the end; `curvature.py` and `sharpness.py`: its Hessian, at the start and along training;
`paths.py`: what share of the gradient passes how many branches. Of single families: `columns.py`
(FractalNet), `reuse.py` (DenseNet).
"""
