"""The run folder and the report folder as formats: what is written by training, and read by reports.

    run folders, report folders -> checked tables: a row a run, a row an evaluation (pandas; no torch)

Read `schema.py` (names of files, columns, kinds of keys), `cells.py` (what a cell may hold), `read.py` (one
folder -> its runs), `planned.py` (what sweeps set out to train), `store.py` (many folders -> experiments),
`reproduction.py` and `others.py` (curves of somebody else: a CSV a network; one of all), `summary.py` (what a
report on why keeps), `label.py` (what networks are called).
"""
