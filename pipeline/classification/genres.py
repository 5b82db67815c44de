"""Obituaries: a genre, which words on a life's field hide from the network.

An obituary of a mayor is full of politics, and is filed under human interest all the same, with the field of the life
second. Its form gives it away: the headline that says who died at what age, or a lead that says so without violence
and, further down, who is left behind, or three other things that are told of a life.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.classification.heads import Scores

HUMAN_INTEREST = "medtop:08000000"
WEIGHT = 0.5  # how much of the probability goes to human interest
_LEAD = 500  # code points
_DIED = re.compile(
    r"\b(?:dies|died|dead|has died|pass(?:es|ed)? (?:on|away))\b,? (?:\w+ ){0,2}?(?:at|aged)(?: the age of)? \d{2,3}\b"
    r"|\b(?:18|19|20)\d\d\s?[-–]\s?20\d\d\b|\bobituary\b",
    re.IGNORECASE,
)
_DEATH = re.compile(r"\b(?:died|passed (?:on|away)|death of|laid to rest|the late)\b", re.IGNORECASE)
_AGE = re.compile(r"\b(?:[Hh]e|[Ss]he) was (?:[5-9]\d|1[01]\d)\b(?! when)|\b(?:aged|age of) (?:[5-9]\d|1[01]\d)\b")
_VIOLENT = re.compile(
    r"\b(?:killed|murder\w*|stabb\w*|shot|crash\w*|accident|police|inquest|in court|court heard|gunm[ae]n|attack\w*"
    r"|explosion|floods?)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\bsurvived by\b|\bsurvivors include\b|\bsurvives? (?:him|her)\b|\b(?:he|she) leaves (?:a|his|her|behind)\b"
    r"|\b(?:leaves|left)(?: behind)? (?:a|an|his|her) (?:wife|husband|widow|son|daughter|partner)\b|\bpredeceased\b",
    re.IGNORECASE,
)
# What the story of a life has and a report of a death has not.
_LIFE = (
    re.compile(r"\bborn (?:in|on|to|the)\b|\bthe (?:son|daughter) of\b", re.IGNORECASE),
    re.compile(r"\b(?:illness|stroke|cancer|pneumonia|in (?:his|her) sleep|peacefully|natural causes|hospice)\b"),
    re.compile(r"\b(?:funeral|burial|buried|a wake|vigil|eulogi[sz]ed|tributes?|mourning)\b", re.IGNORECASE),
    re.compile(r"\b(?:best known|pioneer|retired|founder|whose|never married|former|veteran)\b", re.IGNORECASE),
)


def is_obituary(title: str, text: str) -> bool:
    """By its form alone: an age in the headline, or a quiet death in the lead and then the story of a life."""
    if _DIED.search(title):
        return True
    lead = text[:_LEAD]
    if not _DEATH.search(lead):
        return False  # nearly every article, and much cheaper to see than the rest
    if not (_AGE.search(lead) or _DIED.search(lead)) or _VIOLENT.search(f"{title} {lead}"):
        return False
    return bool(_LEFT.search(text)) or sum(bool(mark.search(text)) for mark in _LIFE) >= 3


def as_obituary(scores: Scores, tops: tuple[str, ...], parent: NDArray[np.int64]) -> Scores:
    """The same opinion with half of it given to human interest, on both levels."""
    top = scores.top * (1 - WEIGHT)
    top[tops.index(HUMAN_INTEREST)] += WEIGHT
    ratio = top / np.maximum(scores.top, 1e-9)
    return replace(scores, top=top.astype(np.float32), second=(scores.second * ratio[parent]).astype(np.float32))
