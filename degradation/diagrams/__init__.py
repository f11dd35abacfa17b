"""Wing: docs/models.md and docs/models/, drawn from the networks' code.

    a block of a network -> its graph -> a picture; counts and committed reports -> the page around it
    a network -> its layers as text, and the whole of it drawn

Read `exhibits.py` (which blocks are drawn), `trace.py` (code -> `graph.py`), `layout.py` and `paths.py`
(where nodes and lines stand), `diagram.py` (the picture), `pages.py` (the page); then `network.py` (one
network by name), `tables.py` (its layers and stages) and `whole.py` (the picture of all of it).
"""
