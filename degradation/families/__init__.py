"""What is known of each family of networks without building one. Knows no torch.

    a family's name -> its depths, keys, shortcuts, plain twin, and the dotted path of its builder

Read `family.py` (what a family declares), `depths.py` (rules of depths), `catalog.py` (all of them),
`history.py` (forms that changed), `ladder.py` (changes of one thing that might rescue a plain network).
"""
