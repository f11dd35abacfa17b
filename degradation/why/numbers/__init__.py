"""What runs recorded, or an analysis's table -> numbers: no pictures, no prose, no torch.

Analyses of what runs recorded: `overfitting.py`, `convergence.py`, `budgets.py` (runs of several lengths),
`changes.py` (changed ones). `forecast.py`: what the start says of the end, over networks of many kinds.
`quantities.py`, `further_quantities.py` and `families_quantities.py` make a few numbers a network of each
table, `compare.py` differences of them, with intervals.
"""
