"""How much text, prose and links stand in each element of a page."""

from __future__ import annotations

import re
from typing import Any

from pipeline.cleaning.extraction.hints import Hint
from pipeline.cleaning.extraction.reading import PageBlock, Places, Reading

PROSE = 60  # characters of a paragraph
LONG_PROSE = 200  # characters: so long a paragraph needs no full stop
MAX_LINKED = 0.5  # share of a paragraph's characters that are links
MAX_LINKED_PROSE = 0.3  # of one that the extractor did not give
MIN_BULK = 400  # characters of prose that no box of an outlet has
MENU = 4  # blocks
MENU_LINKED = 0.8  # share of their characters that are links
LEAVES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "pre"})
END = re.compile(r"[.!?…。！？:؟।][\"'”’»«“)\]]*$")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def squeezed(text: str) -> str:
    """A text without blanks."""
    return "".join(text.split())


def length_of(text: str) -> int:
    """Characters, those of scripts without blanks thrice."""
    return len(text) + (0 if text.isascii() else 2 * len(_UNSPACED.findall(text)))


def is_prose(block: PageBlock) -> bool:
    """Whether a block reads as a paragraph does: long, ended, and no link."""
    length = len(block.text)
    if block.kind in ("heading", "table") or block.linked > MAX_LINKED or block.text[0] == "©":
        return False
    length = length_of(block.text)
    return length >= LONG_PROSE or (length >= PROSE and END.search(block.text) is not None)


def holder(block: PageBlock, places: Places) -> int:
    """The element that a paragraph's element stands in; of bare text, the element itself."""
    return places.parents[block.place] if places.tag(block.place) in LEAVES else block.place


class Weights:
    """What stands in each element of a page: characters, but for `blocks`, `count` and `h1`, which are blocks."""

    def __init__(self, reading: Reading) -> None:
        self.prose = [is_prose(block) for block in reading.blocks]
        size = len(reading.places.parents)
        self.text = [0] * size  # of everything
        self.linked = [0.0] * size
        self.blocks = [0] * size
        self.h1 = [0] * size  # main headings
        self.all = [0] * size  # of all prose
        self.count = [0] * size  # of its blocks
        for block, prose in zip(reading.blocks, self.prose, strict=True):
            place, length = block.place, len(block.text)
            self.text[place] += length
            self.linked[place] += block.linked * length
            self.blocks[place] += 1
            self.h1[place] += block.h1
            if prose:
                self.all[place] += length
                self.count[place] += 1
        for sums in (self.text, self.linked, self.blocks, self.h1, self.all, self.count):
            summed_up(sums, reading.places.parents)
        self._places = reading.places
        self._near: dict[int, int] = {0: 0}

    def near(self, place: int) -> int:
        """The hints of an element and those that it stands in; what half of the page's prose stands in says nothing."""
        waiting = []
        while place not in self._near:
            waiting.append(place)
            place = self._places.parents[place]
        found = self._near[place]
        for place in reversed(waiting):
            if 2 * self.all[place] < self.all[0] or not self.all[0]:
                found |= self._places.own(place)
            elif not self.h1[place]:  # readers may write more than the article has, but no headline
                found |= self._places.own(place) & Hint.COMMENT
            self._near[place] = found
        return found


def summed_up(sums: list[Any], parents: list[int]) -> None:
    """Give each element what those in it have; an element stands behind the one that it is in."""
    for place in range(len(sums) - 1, 0, -1):
        if sums[place]:
            sums[parents[place]] += sums[place]


def show(reading: Reading, weights: Weights) -> None:
    """Take the bulk of a page for shown if only a script would show it; drop what else is hidden from the tree."""
    parents = reading.places.parents
    for hidden in sorted(reading.places.hidden()):
        if weights.all[hidden] >= max(MIN_BULK, 0.5 * weights.all[0]):
            inside = {hidden}
            for place in range(hidden + 1, len(parents)):
                if parents[place] in inside:
                    inside.add(place)
            for block in reading.blocks:
                if block.place in inside:
                    block.hints &= ~Hint.HIDDEN
        elif (element := reading.places.elements[hidden]).getparent() is not None:
            element.drop_tree()


def menus(reading: Reading, weights: Weights) -> list[Any]:
    """The outermost elements that hold links and no paragraph: no extractor needs to see them."""
    found: list[Any] = []
    inner: set[int] = set()
    for place, parent in enumerate(reading.places.parents):
        if parent in inner:
            inner.add(place)
        elif (
            place
            and weights.blocks[place] >= MENU
            and not weights.count[place]
            and weights.linked[place] >= MENU_LINKED * weights.text[place]
        ):
            inner.add(place)
            found.append(reading.places.elements[place])
    return found
