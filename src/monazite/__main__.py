"""Run the command line as ``python -m monazite``."""

import sys

from monazite.cli import main

if __name__ == "__main__":
    sys.exit(main())
