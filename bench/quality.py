"""How good each stage is: `python bench/quality.py cleaning|pages|entities|classification`, one table each.

The sets lie beside the repository (CONTRIBUTING.md says which and under what licence); a set that is absent is said so.
"""

import importlib
import sys

MEASURES = ("cleaning", "pages", "entities", "classification")

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in MEASURES:
        sys.exit(f"usage: python bench/quality.py {'|'.join(MEASURES)} [options]")
    sys.exit(importlib.import_module(f"quality_{sys.argv[1]}").main(sys.argv[2:]))
