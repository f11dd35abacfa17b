"""Wing: why plain networks degrade: each explanation held against trained (and untrained) networks.

    complete run folders -> reports/<experiment>_why/: a table and a picture an analysis, and a page

Five rooms of its own, each of which uses only those before it:

- `networks/`: a run folder, or a report's row -> a network to look into
- `inside/`: a network and images -> a table; an analysis a file
- `numbers/`: what runs recorded, or one of these tables -> a few numbers a network, with intervals
- `trials/`: a network -> others made of it by hand, and trained on
- `pictures/`: a table -> its picture

`analyses.py` knows all analyses by name. Each module that is one says in its first lines what it asks, what
is claimed, and what that predicts. `measured.py` has those of `inside/` made of many networks, `further.py`
those of `trials/`, `families.py` those of single families; `measuring.py` keeps each as soon as it is made.
`report.py` writes the report, `page.py` its words; `tables.py` has its tables as text.

One more room has the last word: `verdict/`, numbers -> what each explanation predicts, and whether it holds.
"""
