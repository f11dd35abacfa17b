"""Wing: why plain networks degrade: each explanation held against trained (and untrained) networks.

    complete run folders -> tables: how signals, gradients, lesions and the loss are

Read `trained.py` (a run folder -> its network), `modes.py` (how BN is held).
"""
