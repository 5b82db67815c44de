"""From scores to subjects: which Media Topics are named, in which order, and when none is.

Order: the likeliest top-level subject first, then what lies below it (a second-level subject, each followed by a deeper
one where there is one), then the next top-level subject with what lies below that. So the first is always top-level
(`len(path) == 1`), and a reader of routes sees a parent before its children.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from pipeline import media_topics
from pipeline.annotations import Subject
from pipeline.classification import evidence
from pipeline.classification.heads import Heads, Scores
from pipeline.classification.vectors import Bag

KNOWN = 5  # words and phrases; with fewer there is nothing to judge
ABSTAIN = 0.25  # the likeliest top-level subject must have this much
ALSO = 0.2  # a further top-level subject, at most two
SECOND = 0.08  # a second-level subject, at most three
ALIKE = 0.25  # likeness (cosine) of the article to a deeper subject's definition


def subjects(text: str, bag: Bag, heads: Heads, scores: Scores, by: str) -> tuple[Subject, ...]:
    """The subjects of one article, none if the classifier is not sure."""
    order = np.argsort(-scores.top, kind="stable")[:3]
    named = [int(i) for rank, i in enumerate(order) if scores.top[i] >= (ALSO if rank else ABSTAIN)]
    if bag.known < KNOWN or not named or named[0] != int(order[0]):
        return ()
    below = [int(i) for i in np.argsort(-scores.second, kind="stable")[:12] if scores.second[i] >= SECOND]
    below = [i for i in below if int(heads.parent[i]) in named][:3]
    lowered = text.lower()
    found: list[tuple[int, str, float]] = []  # output, code, confidence
    for top in named:
        found.append((top, heads.tops[top], float(scores.top[top])))
        for second in below:
            if heads.parent[second] == top:
                slot, confidence = len(heads.tops) + second, float(scores.second[second])
                found.append((slot, heads.seconds[second], confidence))
                if deeper := _deeper(lowered, heads, scores, heads.seconds[second]):
                    code, share = deeper
                    found.append((slot, code, confidence * share))
    spoke = evidence.sentences(text, bag, heads.centre, heads.slopes(scores, [slot for slot, _, _ in found]))
    return tuple(
        Subject(
            scheme=media_topics.SCHEME,
            scheme_version=media_topics.VERSION,
            code=code,
            name=media_topics.topics()[code].name,
            path=_path(code),
            confidence=round(confidence, 3),
            evidence=spans,
            by=by,
        )
        for (_, code, confidence), spans in zip(found, spoke, strict=True)
    )


_path = cache(media_topics.path)


def _deeper(lowered: str, heads: Heads, scores: Scores, second: str) -> tuple[str, float] | None:
    """The third-level subject that the text names in so many words, if it also resembles the article enough."""
    if second not in heads.deeper:
        return None
    codes, directions = heads.deeper[second]
    likeness = directions @ scores.unit
    for place in np.argsort(-likeness, kind="stable")[:3]:
        if likeness[place] < ALIKE:
            return None
        name = _name(codes[place])
        if lowered.count(name) >= (1 if name.count(" ") > 1 else 2):
            return codes[place], float(min(1.0, 0.5 + likeness[place]))
    return None


@cache
def _name(code: str) -> str:
    """As it stands in a text: a space before it, so that "war" is not found in "software"."""
    return " " + re.sub(r" \(.*?\)", "", media_topics.topics()[code].name.lower())
