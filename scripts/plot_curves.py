"""Write the report of each experiment: python scripts/plot_curves.py [RUNS ...] [--out reports]"""

import sys

from degradation.cli.plot import main

if __name__ == "__main__":
    sys.exit(main())
