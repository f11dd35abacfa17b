"""The fast engine: networks and a batch stream -> many steps at once (`train.engine=fast`).

`steps.py` does them. `compiled.py` has blocks compiled, `capture.py` captures a step as a CUDA graph (on a
CPU it does it as it is), `lean.py` makes it of few kernels.
"""
