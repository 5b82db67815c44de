"""What a page says beside its article: told with the rule that says where it stands, so that nothing goes unseen."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

from pipeline.article import Removed
from pipeline.cleaning.extraction.hints import FURNITURE, UNSEEN, Hint
from pipeline.cleaning.extraction.reading import Reading
from pipeline.cleaning.extraction.voting import MIN_RESCUED
from pipeline.cleaning.extraction.weights import MAX_LINKED_PROSE, Weights

MAX_LEFT = 20_000  # characters of what is left out that are told
KINDS = frozenset({"page_furniture", "hidden_text", "struck_text"})
_WHY = (
    (Hint.HIDDEN, "hidden_text", "page.hidden"),
    (Hint.STRUCK, "struck_text", "page.struck"),
    (Hint.COMMENT, "page_furniture", "page.comments"),
    (Hint.CAPTION, "page_furniture", "page.caption"),
    (Hint.FOOTER, "page_furniture", "page.footer"),
    (Hint.ASIDE, "page_furniture", "page.aside"),
    (Hint.OVERLAY, "page_furniture", "page.overlay"),
    (Hint.FORM, "page_furniture", "page.form"),
    (Hint.BOX, "page_furniture", "page.box"),
    (Hint.TOOLS, "page_furniture", "page.tools"),
    (Hint.HEADER, "page_furniture", "page.header"),
)


def told(reading: Reading, chosen: Sequence[bool], weights: Weights) -> list[Removed]:
    """What is not of the article, in order; blocks that follow each other for one reason are the lines of one entry.

    MAX_LEFT characters are told, shown text before hidden text; a last entry says how many blocks are not.
    """
    left = [
        (index, block, *_why(block.hints & UNSEEN | weights.near(block.place)))
        for index, (block, taken) in enumerate(zip(reading.blocks, chosen, strict=True))
        if not taken
    ]
    told: set[int] = set()
    room = MAX_LEFT
    for hidden in (False, True):
        for index, block, _, _ in left:
            if bool(block.hints & UNSEEN) is hidden and len(block.text) <= room:
                told.add(index)
                room -= len(block.text)
    entries: list[Removed] = []
    for (kind, rule), group in itertools.groupby(left, key=lambda entry: entry[2:]):
        if lines := [block.text for index, block, _, _ in group if index in told]:
            entries.append(Removed(kind=kind, rule=rule, text="\n".join(lines)))
    if len(told) < len(left):
        more = f"{len(left) - len(told)} more blocks"
        entries.append(Removed(kind="page_furniture", rule="page.more", text=more))
    return entries


@functools.lru_cache(maxsize=1_000)
def _why(hints: int) -> tuple[str, str]:
    return next(((kind, rule) for hint, kind, rule in _WHY if hints & hint), ("page_furniture", "page.outside"))


def is_incomplete(reading: Reading, chosen: Sequence[bool], weights: Weights) -> bool:
    """Whether a page shows more paragraphs, in no box of the outlet, than were taken for its article."""
    texts = {block.text for block, take in zip(reading.blocks, chosen, strict=True) if take}
    taken = left = 0
    for block, take, prose in zip(reading.blocks, chosen, weights.prose, strict=True):
        if taken and block.h1:
            break  # another article begins
        if take:
            taken += len(block.text)
        elif prose and block.linked < MAX_LINKED_PROSE and not block.hints & UNSEEN and block.text not in texts:
            left += 0 if weights.near(block.place) & FURNITURE else len(block.text)
    return left > max(taken, MIN_RESCUED)
