"""A run folder, or a row of a report -> a network to look into.

`trained.py`: a run folder's network, at its end and as it began; `recorded.py`: of a report's row, whose
weights are gone, as it began. `modes.py`: how BN is held; `blocks.py`: a network as a row of blocks.
"""
