"""What every network costs, and its error where runs exist: python scripts/compare.py [RUNS ...]"""

import sys

from degradation.cli.compare import main

if __name__ == "__main__":
    sys.exit(main())
