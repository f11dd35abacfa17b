"""Train one network, or with -m a sweep: python scripts/train.py model=residual model.depth=56 seed=0"""

import sys

from degradation.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
