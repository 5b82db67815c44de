"""Which sentences spoke for a subject: exact spans, most telling first.

The network is linear around one article, so a sentence's share in a score is its share of the mean vector times the
score's slope there: no second pass, no approximation beyond that. Only sentences that spoke for it are named.
"""

from __future__ import annotations

import numpy as np

from pipeline.annotations import Evidence
from pipeline.classification.vectors import Bag, Floats

SENTENCES = 2


def sentences(text: str, bag: Bag, centre: Floats, slopes: Floats) -> list[tuple[Evidence, ...]]:
    """For each of `slopes` (subjects, 256) at most two spans of `text`; none of the title, which is not part of it."""
    found = []
    for shares in bag.shares(slopes, centre).T:
        order = np.argsort(-shares, kind="stable")[: SENTENCES + 1]
        spans = [bag.spans[row] for row in order if shares[row] > 0 and bag.spans[row][0] >= 0][:SENTENCES]
        found.append(tuple(Evidence(start=start, end=end, text=text[start:end]) for start, end in spans))
    return found
