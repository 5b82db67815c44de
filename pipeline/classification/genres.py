"""Obituaries: a genre, which words on a life's field hide from the network.

An obituary of a mayor is full of politics, and is filed under human interest all the same, with the field of the life
second. Its form gives it away: the headline that says who died at what age, or a lead that says so and, further down,
who is left behind.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.classification.heads import Scores

HUMAN_INTEREST = "medtop:08000000"
WEIGHT = 0.5  # how much of the probability goes to human interest
_LEAD = 400  # code points
_DIED = re.compile(
    r"\b(?:dies|died|dead|has died)\b,? (?:\w+ ){0,2}?(?:at|aged)(?: the age of)? \d{2,3}\b"
    r"|\b(?:18|19|20)\d\d\s?[-–]\s?20\d\d\b|\bobituary\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\bsurvived by\b|\bsurvivors include\b|\b(?:he|she) leaves (?:a|his|her|behind)\b|\bleaves (?:a|his|her) "
    r"(?:wife|husband|widow|son|daughter|partner)\b|\bpredeceased\b",
    re.IGNORECASE,
)


def is_obituary(title: str, text: str) -> bool:
    """By its form alone."""
    if _DIED.search(title):
        return True
    if not any(hint in text for hint in ("urviv", " leaves ", "redeceased")):
        return False  # nearly every article, and much cheaper to see than the two patterns
    return bool(_DIED.search(text[:_LEAD]) and _LEFT.search(text))


def as_obituary(scores: Scores, tops: tuple[str, ...], parent: NDArray[np.int64]) -> Scores:
    """The same opinion with half of it given to human interest, on both levels."""
    top = scores.top * (1 - WEIGHT)
    top[tops.index(HUMAN_INTEREST)] += WEIGHT
    ratio = top / np.maximum(scores.top, 1e-9)
    return replace(scores, top=top.astype(np.float32), second=(scores.second * ratio[parent]).astype(np.float32))
