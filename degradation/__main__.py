"""`python -m degradation`: the command `degradation` where it isn't on the path."""

import sys

from degradation.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
