"""A run folder of weights that others trained: python scripts/adopt.py WEIGHTS --family plain --depth 56"""

import sys

from degradation.cli.adopt import main

if __name__ == "__main__":
    sys.exit(main())
