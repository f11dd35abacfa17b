"""Time this suite beside the usual way: python scripts/benchmark.py [--smoke] [--rounds N] [KEY=VALUE]"""

import sys

from degradation.cli.benchmark import main

if __name__ == "__main__":
    sys.exit(main())
