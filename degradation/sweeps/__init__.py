"""Many requests: processes on this machine, or jobs on Slurm.

    list of Requests -> run folders, one line or one live row a network, one exit code

Read `job.py` (one network of a sweep, its states, the exit code), `sweep.py` (what is checked before the
first starts, and which networks share a process), `pool.py` (processes: so many at a time), `slurm.py`
(jobs), `live.py` (what is shown) and `time_left.py` (how long it will take). Pool and Slurm tell a `Watcher`
what changes; the live table is one. `watch.py` and `board.py` show a sweep from its run folders alone, with
what `plan.py` wrote of it.
"""
