"""Run folders -> `reports/<experiment>/`: tables, pictures, and pages that say what they show (no torch).

    run folders -> README.md, index.html, table.csv, runs.csv, curves.csv, curves and depth as PNG and SVG

Read `report.py` (what is written), `page.py` (the words, and README.md from them), `verdict.py` (its
sentences; `verdict_of_many.py` where there are many families or settings, `ladder.py` where there is one
change at a time), `sections.py` (the tables), `evidence.py` (twins, machine, time). `phrases.py`
and `markdown.py` are how numbers and tables are written.
`html_page.py` is the page for a browser: the same words in HTML (`dress.py`), figures to move in (their data
by `interactive.py`; style and scripts in web/), and how to train it again (`again.py`); `index.py` lists
all reports for a browser, `listing.py` in reports/README.md. `caption.py` and `findings.py` write README.md's
own picture and sentences, `beside.py` those of the pages in docs/models/; `reproduction.py` shows somebody
else's curves, and `comparison.py` is the report of two sets of runs (`compared.py`: its words).
"""
