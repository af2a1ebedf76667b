"""`python -m hardposterior`."""

import sys

from hardposterior.command import main

if __name__ == "__main__":
    sys.exit(main())
