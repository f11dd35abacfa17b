"""What may be asked for. Values stand in `conf/*.yaml`; here stand types and ranges.

    a composed config (nested plain values) -> a checked `Request`, with its name and its run folder

Read `settings.py` (every key), `images.py` (those of the data set), `optimization.py` (those of optimizer
and schedule), `logger.py` (those of the logger), `request.py` (the name), `checks.py` (what a wrong value is
answered with). Knows neither torch nor Hydra.
"""
