"""Write what is computed in docs/models.md, docs/models/ and README.md: python scripts/models.py"""

import sys

from degradation.cli.models import main

if __name__ == "__main__":
    sys.exit(main())
