"""Wing: what networks cost on this machine, and how fast this suite is beside the usual way.

    a list of networks -> reports/compare/;  the paper's eight networks -> reports/benchmark/

Read `benchmark.py` (rounds in turns), `workers.py` (the processes that time), `timings.py` (what is timed;
`convolutions.py`: those alone), `usual.py` (the usual way), then `compare.py`, `networks.py` (which
networks), `reference.py` (torchvision's), `cost.py` (one network's times and memory), in a process of its own
(`child.py`), its rows kept at once (`found.py`). `published.py` has all of torchvision's networks as the
lecture compares them. `*_table.py`, `*pictures.py` and `*_report.py` make the tables, pictures and pages:
`published_pictures.py`, `published_report.py`.
"""
