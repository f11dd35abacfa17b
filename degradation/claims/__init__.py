"""Wing: what the lectures and papers claim about these networks, each held against a committed report.

    reports/ -> docs/claims.md, reports/claims/: claim, source, what was measured here, n, verdict

Read `claim.py` (what a claim is, and the kinds of numbers that can answer one), then `measured.py` (the
committed reports -> those numbers, and the verdict). The claims themselves are lists: `depth.py` (what depth
does to training, and why), `steps.py` (how training begins, and how long it is), `shortcuts.py` (ways around
in other families, what takes their place), `around.py` (which shortcut, where BN and ReLU stand), `sizes.py`
(depth, width or paths), `relatives.py` (VGG, SqueezeNet, networks that drop layers), `inside.py`
(FractalNet's columns, what a DenseNet reads), `costs.py` (what networks take). `page.py` writes the page.
"""
