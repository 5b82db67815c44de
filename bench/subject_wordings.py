"""`python bench/subject_wordings.py [FOLDER]`: the shipped weights, or those in FOLDER, on own passages never seen.

The passages lie in bench/subjects/held_out, 177 of them, all 120 second-level topics. They are for comparing weights
while these are made, so that BBC, MasakhaNEWS and the labels need not be looked at. Training does not read them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.classification import heads

HELD_OUT = ROOT / "bench" / "subjects" / "held_out"


def passages(file: Path) -> list[tuple[str, str]]:
    """Code and passage, in the order of the file."""
    found, code = [], ""
    for line in filter(None, map(str.strip, file.read_text("utf-8").splitlines())):
        if line.startswith("= "):
            code = f"medtop:{line[2:10]}"
        else:
            found.append((code, line))
    return found


def main(argv: list[str]) -> int:
    """A line a sitting: top level, second-level first choice, one of three, mean confidence of the top."""
    vectors, network = heads.load(Path(argv[0]) if argv else heads.FOLDER)
    for file in sorted(HELD_OUT.glob("*.txt")):
        codes, texts = zip(*passages(file), strict=True)
        truth = np.array([network.seconds.index(code) for code in codes])
        scores = [network.scores(vectors.bag(text).mean) for text in texts]
        tops = np.array([found.top for found in scores])
        best = np.array([np.argsort(-found.second)[:3] for found in scores])
        print(
            f"{file.stem:20} {len(truth)} passages  top {(tops.argmax(1) == network.parent[truth]).mean():.3f}"
            f"  second, first {(best[:, 0] == truth).mean():.3f}  of three {(best == truth[:, None]).any(1).mean():.3f}"
            f"  confidence {tops.max(1).mean():.3f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
