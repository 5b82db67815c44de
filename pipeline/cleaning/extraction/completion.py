"""The article of a page, completed.

An extractor takes one container and drops what is named like furniture. What belongs to the article beside that is
added here: the standfirst above it, the rest of a body that stands in several containers, sentences between its blocks,
text in an element that merely sounds like a box, lists of links that it announces. Links to other stories go.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.cleaning.extraction import notes, twins
from pipeline.cleaning.extraction.hints import FURNITURE, UNSEEN, Hint
from pipeline.cleaning.extraction.reading import PageBlock, Reading
from pipeline.cleaning.extraction.voting import SHORT, rescued
from pipeline.cleaning.extraction.weights import (
    END,
    LEAVES,
    MAX_LINKED,
    MAX_LINKED_PROSE,
    MIN_BULK,
    Weights,
    holder,
    length_of,
    squeezed,
    summed_up,
)

SAME = 60  # letters by which a standfirst is known as the page's description
MIN_LEDE = 40  # characters of what is named a standfirst
MAX_LEDES = 2  # standfirsts of a page
BULK = 0.6  # of the article's prose: an element with as much is no box, whatever it is called
LINKED = 0.6  # share of a line's characters from which it is a link
MAX_POINTERS = 0.3  # share of a text: what has more links is made of them
MAX_BOX = 0.1  # of the article's prose: a box in it has less
FEW = 2  # paragraphs of a box
_BOXES = Hint.BOX | Hint.OVERLAY | Hint.COMMENT
_NO_LETTER = re.compile(r"[\W_]+")


def complete(
    reading: Reading, votes: Sequence[bool], weights: Weights, *, description: str | None = None
) -> list[bool]:
    """The votes, with what the extractor left out of the article it found."""
    votes = rescued(reading, votes, weights)
    if not any(votes):
        return list(votes)
    return _Completion(reading, votes, weights).run(description)


class _Completion:
    """The blocks of one page, what stands where, and the verdict so far."""

    def __init__(self, reading: Reading, votes: Sequence[bool], weights: Weights) -> None:
        self.blocks, self.places = reading.blocks, reading.places
        self.chosen = list(votes)
        self.prose, self.text, self.all, self.count, self.h1 = (
            weights.prose,
            weights.text,
            weights.all,
            weights.count,
            weights.h1,
        )
        self.known = {squeezed(block.text) for block, chosen in zip(self.blocks, votes, strict=True) if chosen}
        self.voted = [0] * len(self.places.parents)  # characters of chosen prose below each element
        for block, chosen, prose in zip(self.blocks, votes, self.prose, strict=True):
            if prose and chosen:
                self.voted[block.place] += len(block.text)
        summed_up(self.voted, self.places.parents)
        self.root = self._root()
        self.scope = self._scope()
        # Elements that hold chosen paragraphs, and how such elements are called.
        self.holders = Counter(
            holder(block, self.places)
            for block, chosen, prose in zip(self.blocks, votes, self.prose, strict=True)
            if chosen and prose
        )
        self.names = {self._name(number) for number in self.holders if self.places.name(number)}
        # How the elements that chosen paragraphs stand in are called: such a name speaks against nothing.
        around = {
            block.place for block, chosen, prose in zip(self.blocks, votes, self.prose, strict=True) if chosen and prose
        }
        self.usual = {self._name(place) for number in around for place in self._chain(number)}

    def _chain(self, place: int) -> Iterator[int]:
        while place >= 0:
            yield place
            place = self.places.parents[place]

    def _name(self, number: int) -> tuple[str, str]:
        return (self.places.tag(number), self.places.name(number))

    def _root(self) -> int:
        """The innermost element with nearly all of the chosen prose."""
        total = self.voted[0]
        return (
            max((place for place in range(len(self.places.parents)) if self.voted[place] >= 0.9 * total), default=0)
            if total
            else 0
        )

    def _scope(self) -> int:
        """The element that is the article with all that belongs to it."""
        chain = list(self._chain(self.root))
        for tag in ("article", "main"):
            for place in chain:
                if self.places.tag(place) == tag and self.h1[place] <= 1:
                    return place
        for place in chain:
            if self.h1[place] == 1:
                return place
        return chain[min(1, len(chain) - 1)]

    def run(self, description: str | None) -> list[bool]:
        indices = [index for index, chosen in enumerate(self.chosen) if chosen]
        first = indices[0]
        prose = [index for index in indices if self.prose[index]]
        if prose:
            self._add_prose(prose[0], prose[-1])
            self._drop_boxes()
        self._add_lede(first, description)
        self._add_between()
        self._drop_pointers()
        self.chosen = twins.once(self.blocks, self.places, chosen=self.chosen, prose=self.prose)
        for index in notes.found(self.blocks, self.places, chosen=self.chosen, voted=self.voted, scope=self.scope):
            self._add(index)
        return self.chosen

    def _drop_boxes(self) -> None:
        """Leave out the paragraph or two of a box in the article, where the extractor took them."""
        main = max(self.holders, key=self.holders.__getitem__)
        # Parts of a body that stand in many elements of one name are no boxes.
        named: Counter[tuple[str, str]] = Counter()
        for place, voted in enumerate(self.voted):
            if voted and self.places.own(place) & _BOXES:
                named[self._name(place)] += voted
        for index, block in enumerate(self.blocks):
            if not self.chosen[index] or holder(block, self.places) == main:
                continue
            for place in self._chain(block.place):
                if self.voted[place] >= MAX_BOX * self.voted[0]:
                    break
                if (
                    self.places.own(place) & _BOXES
                    and self.places.tag(place) not in LEAVES
                    and self.count[place] <= FEW
                    and named[self._name(place)] < MAX_BOX * self.voted[0]
                ):
                    self.chosen[index] = False
                    break

    def _drop_pointers(self) -> None:
        """Leave out what is a link to another story: a paragraph or a heading that is one, with or without a label."""
        pointers = [
            index
            for index, block in enumerate(self.blocks)
            if self.chosen[index]
            and block.kind in ("paragraph", "heading")
            and not block.h1
            and block.linked >= LINKED
            and len(block.text) >= SHORT
            and END.search(block.text) is None
        ]
        taken = sum(len(block.text) for block, chosen in zip(self.blocks, self.chosen, strict=True) if chosen)
        if sum(len(self.blocks[index].text) for index in pointers) <= MAX_POINTERS * taken:
            for index in pointers:
                self.chosen[index] = False

    def _add(self, index: int) -> None:
        text = squeezed(self.blocks[index].text)
        if len(text) < SHORT or text not in self.known:
            self.known.add(text)
            self.chosen[index] = True

    def _within(self, place: int, outer: int) -> bool:
        return outer in self._chain(place)

    def _against(self, block: PageBlock) -> int:
        """What speaks against a block: hints that the article found does not share, unless the bulk of it has them."""
        below = []
        against = 0
        for place in self._chain(block.place):
            if self.voted[place] >= 0.5 * self.voted[0]:
                break
            below.append(place)
            if self._name(place) not in self.usual:
                against |= self.places.own(place)
        against &= FURNITURE
        if not against or against & (Hint.COMMENT | Hint.FOOTER | Hint.CAPTION | Hint.TOOLS | Hint.ASIDE):
            return against
        named = [place for place in below if self.places.own(place) & against]
        if named == below[:1] and self.places.tag(block.place) in LEAVES and holder(block, self.places) in self.holders:
            return 0  # a paragraph with a name among paragraphs without
        outer = named[-1] if named else block.place
        return 0 if self._is_bulk(outer) and self.all[outer] >= BULK * self.voted[0] else against

    def _is_bulk(self, place: int) -> bool:
        """Whether an element holds paragraphs, more than a box of an outlet does, and little else."""
        return self.count[place] > 1 and self.all[place] >= MIN_BULK and self.all[place] >= 0.7 * self.text[place]

    def _add_prose(self, first: int, last: int) -> None:
        for index, block in enumerate(self.blocks):
            if self.chosen[index] or block.hints & UNSEEN or block.linked > MAX_LINKED_PROSE:
                continue
            if not self.prose[index]:
                if first < index < last and self._is_sentence(index):
                    self._add(index)
                continue
            if self._against(block):
                continue
            place = holder(block, self.places)
            beside = place in self.holders and first < index
            if beside and block.kind == "list":
                beside = index < last and block.linked < 0.15
            known = self._name(place) in self.names or self._is_bulk(place)
            if beside or (known and self._within(block.place, self.scope) and not self._is_card(index)):
                self._add(index)

    def _is_sentence(self, index: int) -> bool:
        """Whether a table or a short sentence stands among the chosen: beside them, or bare in what they stand in."""
        block = self.blocks[index]
        if block.kind == "table":
            return self.places.parents[block.place] in self.holders and not self._against(block)
        return (
            block.kind == "paragraph"
            and END.search(block.text) is not None
            and (block.place == self.root or holder(block, self.places) in self.holders)
            and not self._against(block)
        )

    def _is_card(self, index: int) -> bool:
        """Whether a paragraph is the teaser of another story: a linked headline stands above it."""
        for step in (1, 2):
            if index >= step:
                above = self.blocks[index - step]
                if above.linked > 0.9 and (above.kind == "heading" or step == 1):
                    return True
        return False

    def _add_lede(self, first: int, description: str | None) -> None:
        """The standfirst: it says what the page says of itself, or stands between headline and text."""
        wanted = letters(description or "")[:SAME]
        if wanted and any(letters(text[: 2 * SAME]).startswith(wanted) for text in self.known):
            wanted = ""
        added = 0
        head = next((index for index in range(first, -1, -1) if self.blocks[index].h1), None)
        for index in range(head + 1 if head is not None else 0, first):
            block = self.blocks[index]
            if self.chosen[index] or block.hints & (UNSEEN | Hint.CAPTION | Hint.COMMENT | Hint.OVERLAY):
                continue
            text = letters(block.text)
            if len(wanted) >= SHORT and len(text) >= SHORT and (text.startswith(wanted) or wanted.startswith(text)):
                self._add(index)
            elif (
                head is None
                or block.linked > MAX_LINKED_PROSE
                or block.kind == "list"
                or self._against(block)
                or added >= MAX_LEDES
            ):
                continue
            elif self.prose[index] or (block.hints & Hint.LEDE and length_of(block.text) >= MIN_LEDE):
                added += 1
                self._add(index)

    def _add_between(self) -> None:
        """Lists of links that a paragraph or a heading of the article announces."""
        announced = -1  # the list element that was announced
        for index, block in enumerate(self.blocks):
            if index and block.kind == "list" and not self.chosen[index] and not block.hints & UNSEEN:
                above = self.blocks[index - 1]
                place = self.places.parents[block.place]
                if place != announced and self.chosen[index - 1] and self._announces(above, place):
                    announced = place
                if place == announced and not self._against(block):
                    self._add(index)

    def _announces(self, block: PageBlock, place: int) -> bool:
        if self.places.parents[place] not in self.holders or block.linked > MAX_LINKED:
            return False
        return block.kind == "heading" or (block.text.endswith((":", "：")) and length_of(block.text) >= 30)


def letters(text: str) -> str:
    """A text without blanks and marks, in lower case: how texts are compared."""
    return _NO_LETTER.sub("", text).lower()
