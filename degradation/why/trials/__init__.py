"""A network -> others made of it by hand, and trained on.

`witness.py` writes down a deep plain network that computes what a shallow one does, `witness_runs.py`
trains on from it, with more noise where `around.py` asks. `lengths.py` gives a network's weights back the
length that they began with, `lengths_runs.py` trains on from that. `train_on.py` is what both start runs
with.
"""
