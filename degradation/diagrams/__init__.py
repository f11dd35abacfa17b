"""Wing: docs/models.md and docs/models/, drawn from the networks' code.

    a block of a network -> its graph -> a picture; counts and committed reports -> the page around it

Read `exhibits.py` (which blocks are drawn), `trace.py` (code -> `graph.py`), `layout.py` and `paths.py`
(where nodes and lines stand), `diagram.py` (the picture), `pages.py` (the page).
"""
