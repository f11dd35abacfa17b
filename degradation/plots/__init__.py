"""From tables to matplotlib figures; nothing is computed here but where things stand.

    a table that `analysis` made -> a Figure

Read `style.py` (how all pictures look), `curves.py` (Fig. 6), `depth.py` (error against depth);
`families.py` and `grid.py` are `depth.py` for many families and for many settings, `numbers.py` the numbers
under an axis, `ladder.py` one change at a time, `reproduction.py` somebody else's curves beside ours.
"""
