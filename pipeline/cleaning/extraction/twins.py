"""A page that has one text twice: a teaser before the wall and the whole behind it, or a body for each kind of screen.

The element that holds no more than another does goes, and the other is the article.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from pipeline.cleaning.extraction.hints import UNSEEN
from pipeline.cleaning.extraction.reading import PageBlock, Places
from pipeline.cleaning.extraction.weights import holder, squeezed

MIN_TWINS = 2  # paragraphs that stand in both: one is a pull quote or a standfirst
MAX_TRIED = 20  # elements that have one paragraph, the longest
MAX_COMPARED = 100  # pairs of elements of a page
MIN_CUT = 40  # characters of a paragraph that a teaser breaks off


def once(blocks: Sequence[PageBlock], places: Places, *, chosen: Sequence[bool], prose: Sequence[bool]) -> list[bool]:
    """The verdict with each text once; a paragraph that was chosen in the teaser only is chosen in the whole."""
    verdict = list(chosen)
    within: dict[int, list[int]] = defaultdict(list)  # element -> its blocks
    for index, block in enumerate(blocks):
        if not block.hints & UNSEEN:
            within[holder(block, places)].append(index)
    held = {place for place, indices in within.items() if any(verdict[index] and prose[index] for index in indices)}
    if len(held) < 2:
        return verdict
    texts = {place: [squeezed(blocks[index].text) for index in within[place] if prose[index]] for place in held}
    # The shorter first; of two that are the same the later.
    ordered = sorted(held, key=lambda place: (sum(map(len, texts[place])), -within[place][0]))
    having: dict[str, list[int]] = defaultdict(list)  # text -> the longest elements that have it
    for place in reversed(ordered):
        for text in set(texts[place]):
            if len(having[text]) < MAX_TRIED:
                having[text].append(place)
    pairs = (
        (place, other)
        for place in ordered
        if len(texts[place]) >= MIN_TWINS
        for other in having[texts[place][0]]
        if other != place
    )
    for place, other in itertools.islice(pairs, MAX_COMPARED):
        if place in held and other in held and _is_in(texts[place], texts[other]):
            held.discard(place)
            _move(blocks, verdict, within[place], within[other])
    return verdict


def _is_in(teaser: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether all paragraphs of one text stand in another in their order; the last may be broken off."""
    rest = iter(whole)
    *first, last = teaser
    if not all(any(text == each for each in rest) for text in first):
        return False
    begun = last.rstrip(".…[]")
    return any(each == last or (len(begun) >= MIN_CUT and begun != last and each.startswith(begun)) for each in rest)


def _move(blocks: Sequence[PageBlock], verdict: list[bool], teaser: Sequence[int], whole: Sequence[int]) -> None:
    wanted = {squeezed(blocks[index].text) for index in teaser if verdict[index]}
    for index in teaser:
        verdict[index] = False
    for index in whole:
        verdict[index] = verdict[index] or squeezed(blocks[index].text) in wanted
