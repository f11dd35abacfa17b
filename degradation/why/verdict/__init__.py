"""Numbers with intervals -> what each explanation predicts, and whether it holds: docs/why.md (no torch).

`explanation.py` says what a prediction is, `explanations.py` which ones each explanation makes, `judge.py`
whether one holds, `short.py` the answer in a few sentences; `verdicts.py` writes the page.
"""
