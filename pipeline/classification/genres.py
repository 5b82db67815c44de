"""Obituaries: a genre, which words on a life's field hide from the network.

An obituary of a mayor is full of politics, and is filed under human interest all the same, with the field of the life
second. Its form gives it away: the headline that says who died at what age, or a lead that says so without violence
and, further down, who is left behind, or three other things that are told of a life.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.classification.heads import Scores
from pipeline.classification.wording import Obituary

HUMAN_INTEREST = "medtop:08000000"
WEIGHT = 0.5  # how much of the probability goes to human interest
_LEAD = 500  # code points


def is_obituary(title: str, text: str, words: Obituary) -> bool:
    """By its form alone: an age in the headline, or a quiet death in the lead and then the story of a life."""
    if words.died.search(title):
        return True
    lead = text[:_LEAD]
    if not words.death.search(lead):
        return False  # nearly every article, and much cheaper to see than the rest
    if not (words.age.search(lead) or words.died.search(lead)) or words.violent.search(f"{title} {lead}"):
        return False
    return bool(words.left.search(text)) or sum(bool(mark.search(text)) for mark in words.life) >= 3


def as_obituary(scores: Scores, tops: tuple[str, ...], parent: NDArray[np.int64]) -> Scores:
    """The same opinion with half of it given to human interest, on both levels."""
    top = scores.top * (1 - WEIGHT)
    top[tops.index(HUMAN_INTEREST)] += WEIGHT
    ratio = top / np.maximum(scores.top, 1e-9)
    return replace(scores, top=top.astype(np.float32), second=(scores.second * ratio[parent]).astype(np.float32))
