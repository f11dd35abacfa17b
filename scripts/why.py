"""Why plain networks degrade, measured: python scripts/why.py RUNS [--only signals,lesions]"""

import sys

from degradation.cli.why import main

if __name__ == "__main__":
    sys.exit(main())
