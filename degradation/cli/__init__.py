"""The commands: a module each, with its arguments and its exit code. Only here is argparse known, and Hydra.

    words on a command line -> a call of the rooms above, an exit code, what was wrong in one line

Read `main.py` (`degradation`, and the map that it prints), `parser.py` (arguments that several share, how a
command ends), `complete.py` (the Tab key), `compose.py` (configs by Hydra), then the command: `train.py`,
`watch.py`, `plot.py`, `adopt.py`, `compare.py`, `benchmark.py`, `why.py`, `models.py`. The files of
`scripts/` only call these.
"""
