"""How fast each stage is, without a broker: `python bench/stages.py cleaning|entities|classification|pipeline`.

Every figure is articles per second and core, beside the peers named in the table, in one run on one corpus.
"""

import importlib
import sys

STAGES = ("cleaning", "entities", "classification", "pipeline")

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in STAGES:
        sys.exit(f"usage: python bench/stages.py {'|'.join(STAGES)} [options]")
    sys.exit(importlib.import_module(f"speed_{sys.argv[1]}").main(sys.argv[2:]))
