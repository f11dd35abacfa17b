"""How the networks of a sweep stand: python scripts/watch.py [RUNS] [--once]."""

import sys

from degradation.cli.watch import main

if __name__ == "__main__":
    sys.exit(main())
