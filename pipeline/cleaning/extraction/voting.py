"""Which blocks of a page an extractor took for its article.

A block has a vote if its text is in what the extractor gave. If that is next to no prose, and one element of the page
holds much, the blocks of that element have the votes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.cleaning.extraction.hints import UNSEEN, Hint
from pipeline.cleaning.extraction.reading import PageBlock, Reading
from pipeline.cleaning.extraction.weights import MAX_LINKED, MAX_LINKED_PROSE, Weights, holder, squeezed

WINDOW = 4_000  # characters of the extractor's text that a block is looked for in
SHORT = 20  # characters: a shorter block has a vote only if it is a whole piece of the extractor's
PART = 40  # characters of a block's beginning and end, by which it is known if the extractor changed it
MIN_RESCUED = 600  # characters of prose in one element that an extractor must not pass over
_NO_ARTICLE = UNSEEN | Hint.COMMENT | Hint.OVERLAY | Hint.FOOTER | Hint.CAPTION | Hint.ASIDE
_REPEATS = Hint.CAPTION | Hint.ASIDE | Hint.FOOTER | Hint.COMMENT


def vote(blocks: Sequence[PageBlock], pieces: Sequence[str], weights: Weights) -> list[bool]:
    """Whether each block's text is in what an extractor gave; `pieces` are its paragraphs, in order."""
    left = Counter(" ".join(piece.split()) for piece in pieces)
    whole = squeezed("".join(pieces))
    votes = [False] * len(blocks)
    doubtful: list[int] = []
    at = 0
    for index, block in enumerate(blocks):
        if block.hints & UNSEEN:
            continue
        if weights.near(block.place) & _REPEATS:
            doubtful.append(index)
            continue
        exact = block.text.replace("\n", " ")
        if left[exact] > 0:
            left[exact] -= 1
            votes[index] = True
        elif block.kind == "heading" and whole.startswith(text := squeezed(exact), at):
            at += len(text)  # the extractor joined a heading with what follows
            votes[index] = True
            continue
        elif len(exact) < SHORT and block.kind != "table":
            continue
        text = squeezed(exact.replace(" | ", " ") if block.kind == "table" else exact)
        for part in (text, text[:PART], text[-PART:]):
            if len(part) >= SHORT // 2 or block.kind == "table":
                place = whole.find(part, at, at + WINDOW + len(text))
                if place >= 0:
                    at = place + len(part)
                    votes[index] = True
                    break
    # A caption often says what a paragraph does: it is the paragraph that the extractor took.
    for index in doubtful:
        exact = blocks[index].text.replace("\n", " ")
        if left[exact] > 0:
            left[exact] -= 1
            votes[index] = True
    return votes


def rescued(reading: Reading, votes: Sequence[bool], weights: Weights) -> Sequence[bool]:
    """The votes; or, if they are for next to no prose and one element holds much, for the blocks of that element."""
    held: Counter[int] = Counter()
    voted = 0
    for index, (block, prose) in enumerate(zip(reading.blocks, weights.prose, strict=True)):
        if prose and votes[index]:
            voted += len(block.text)
        elif (
            prose
            and block.linked < MAX_LINKED_PROSE
            and not (block.hints & UNSEEN or weights.near(block.place) & _NO_ARTICLE)
        ):
            held[holder(block, reading.places)] += len(block.text)
    best, most = max(held.items(), key=lambda item: item[1], default=(0, 0))
    if voted >= MIN_RESCUED or most < MIN_RESCUED or most < 2 * voted:
        return votes
    parents = reading.places.parents
    inside = {best}
    for place in range(best + 1, len(parents)):
        if parents[place] in inside:
            inside.add(place)
    return [
        block.place in inside and block.linked <= MAX_LINKED and not block.hints & (UNSEEN | Hint.CAPTION)
        for block in reading.blocks
    ]
