"""Numbers with intervals -> what each explanation predicts, and whether it holds: docs/why.md (no torch).

`explanation.py` says what a prediction is, `explanations.py` which ones each explanation makes
(`gradients.py`: those by the size of gradients), `judge.py` whether one holds. `statement.py` says what a
sentence of the short answer rests on, `statements.py` has them, `short.py` tells them; `verdicts.py` writes
the page.
"""
