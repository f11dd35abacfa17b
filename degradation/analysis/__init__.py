"""From the table of runs and the table of curves to what they show: no files, no pictures, no prose.

    DataFrame of runs, DataFrame of curves -> DataFrame

Read `series.py` (which runs belong together), `table.py` (means over seeds), `differences.py` (growth with
depth, gap to the plain twin, intervals), `pairs.py` (does it degrade without the shortcut), `lines.py`
(Fig. 6's lines), `reproduction.py` (somebody else's curves beside ours), `compare.py` (two sets of runs),
`twins.py` (do the hashes agree), `deviations.py` (where it isn't the paper's protocol), `unfinished.py`;
`grid.py` and `sides.py` are for many values of a setting, and for which panel shows what; `ladder.py` for one
change at a time.
"""
