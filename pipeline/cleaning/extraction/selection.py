"""Which blocks of a page are its article.

trafilatura's verdict is the evidence to begin with: a block is chosen if its text is in what trafilatura gave. Then the
article is completed, since trafilatura takes one container and drops what is named like furniture: the standfirst above
it, the rest of a body that stands in several containers, text in a container that merely sounds like a box. What is
not chosen has a rule that says why.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.article import Removed
from pipeline.cleaning.extraction.hints import Hint
from pipeline.cleaning.extraction.reading import PageBlock, Places, Reading

WINDOW = 4_000  # characters of the extractor's text that a block is looked for in
SHORT = 20  # letters: a shorter block is chosen only if it is a whole piece of the extractor's
PROSE = 60  # characters of a paragraph
LONG_PROSE = 200  # characters: so long a paragraph needs no full stop
MAX_LINKED_PROSE = 0.3  # of one that nobody voted for
MAX_LINKED = 0.5  # share of a paragraph's characters that are links
_NO_LETTER = re.compile(r"[\W_]+")
_END = re.compile(r"[.!?…。！？:؟।][\"'”’»«“)\]]*$")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_FURNITURE = Hint.ASIDE | Hint.FOOTER | Hint.CAPTION | Hint.FORM | Hint.COMMENT | Hint.BOX | Hint.OVERLAY | Hint.TOOLS
_NEVER = Hint.HIDDEN | Hint.STRUCK
_NO_ARTICLE = _NEVER | Hint.COMMENT | Hint.OVERLAY | Hint.FOOTER | Hint.CAPTION | Hint.ASIDE
_REPEATS = Hint.CAPTION | Hint.ASIDE | Hint.FOOTER | Hint.COMMENT
_LEAVES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "pre"})
PART = 40  # letters of a block's beginning and end, by which it is known if the extractor changed it
SAME = 60  # letters by which a standfirst is known as the page's description
MIN_RESCUED = 600  # characters of prose in one element that the extractor must not pass over
MENU = 4  # blocks
MENU_LINKED = 0.8  # share of their characters that are links
MAX_LEDES = 2  # standfirsts of a page
MAX_LEFT = 20_000  # characters of what is left out that are told
MIN_BULK = 400  # characters of prose that no box of an outlet has


def _squeezed(text: str) -> str:
    """A text without blanks."""
    return "".join(text.split())


def letters(text: str) -> str:
    """A text without blanks and marks, in lower case: how texts are compared."""
    return _NO_LETTER.sub("", text).lower()


def is_prose(block: PageBlock) -> bool:
    """Whether a block reads as a paragraph does: long, ended, and no link."""
    length = len(block.text)
    if block.kind in ("heading", "table") or block.linked > MAX_LINKED or block.text[0] == "©":
        return False
    length = _length(block.text)
    return length >= LONG_PROSE or (length >= PROSE and _END.search(block.text) is not None)


def _length(text: str) -> int:
    """Characters, those of scripts without blanks thrice."""
    return len(text) + (0 if text.isascii() else 2 * len(_UNSPACED.findall(text)))


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
            self._near[place] = found
        return found


def summed_up(sums: list[Any], parents: list[int]) -> None:
    """Give each element what those in it have; an element stands behind the one that it is in."""
    for place in range(len(sums) - 1, 0, -1):
        if sums[place]:
            sums[parents[place]] += sums[place]


def vote(blocks: Sequence[PageBlock], pieces: Sequence[str], weights: Weights) -> list[bool]:
    """Whether each block's text is in what an extractor gave; `pieces` are its paragraphs, in order."""
    left = Counter(" ".join(piece.split()) for piece in pieces)
    whole = _squeezed("".join(pieces))
    votes = [False] * len(blocks)
    doubtful: list[int] = []
    at = 0
    for index, block in enumerate(blocks):
        if block.hints & _NEVER:
            continue
        if weights.near(block.place) & _REPEATS:
            doubtful.append(index)
            continue
        exact = block.text.replace("\n", " ")
        if left[exact] > 0:
            left[exact] -= 1
            votes[index] = True
        elif block.kind == "heading" and whole.startswith(text := _squeezed(exact), at):
            at += len(text)  # the extractor joined a heading with what follows
            votes[index] = True
            continue
        elif len(exact) < SHORT and block.kind != "table":
            continue
        text = _squeezed(exact.replace(" | ", " ") if block.kind == "table" else exact)
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


def complete(
    reading: Reading, votes: Sequence[bool], weights: Weights, *, description: str | None = None
) -> list[bool]:
    """The votes, with what the extractor left out of the article it found."""
    votes = _rescued(reading, votes, weights)
    if not any(votes):
        return list(votes)
    return _Completion(reading, votes, weights).run(description)


def holder(block: PageBlock, places: Places) -> int:
    """The element that a paragraph's element stands in; of bare text, the element itself."""
    return places.parents[block.place] if places.tag(block.place) in _LEAVES else block.place


def _rescued(reading: Reading, votes: Sequence[bool], weights: Weights) -> Sequence[bool]:
    """The votes; or, if they are for next to no prose and one element holds much, for the blocks of that element."""
    held: Counter[int] = Counter()
    voted = 0
    for index, (block, prose) in enumerate(zip(reading.blocks, weights.prose, strict=True)):
        if prose and votes[index]:
            voted += len(block.text)
        elif (
            prose
            and block.linked < MAX_LINKED_PROSE
            and not (block.hints & _NEVER or weights.near(block.place) & _NO_ARTICLE)
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
        block.place in inside and block.linked <= MAX_LINKED and not block.hints & (_NEVER | Hint.CAPTION)
        for block in reading.blocks
    ]


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
        self.known = {_squeezed(block.text) for block, chosen in zip(self.blocks, votes, strict=True) if chosen}
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
        self._add_lede(first, description)
        self._add_between()
        return self.chosen

    def _add(self, index: int) -> None:
        text = _squeezed(self.blocks[index].text)
        if text not in self.known:
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
        against &= _FURNITURE
        if not against or against & (Hint.COMMENT | Hint.FOOTER | Hint.CAPTION | Hint.TOOLS | Hint.ASIDE):
            return against
        named = [place for place in below if self.places.own(place) & against]
        if (
            named == below[:1]
            and self.places.tag(block.place) in _LEAVES
            and holder(block, self.places) in self.holders
        ):
            return 0  # a paragraph with a name among paragraphs without
        outer = named[-1] if named else block.place
        return 0 if self._is_bulk(outer) and self.all[outer] >= 0.6 * self.voted[0] else against

    def _is_bulk(self, place: int) -> bool:
        """Whether an element holds paragraphs, more than a box of an outlet does, and little else."""
        return self.count[place] > 1 and self.all[place] >= MIN_BULK and self.all[place] >= 0.7 * self.text[place]

    def _add_prose(self, first: int, last: int) -> None:
        for index, block in enumerate(self.blocks):
            if self.chosen[index] or block.hints & _NEVER or block.linked > MAX_LINKED_PROSE:
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
        """Whether a short block is a sentence among the chosen ones, beside them or bare in what they stand in."""
        block = self.blocks[index]
        return (
            block.kind == "paragraph"
            and _END.search(block.text) is not None
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
            if self.chosen[index] or block.hints & (_NEVER | Hint.CAPTION | Hint.COMMENT | Hint.OVERLAY):
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
            elif self.prose[index] or (block.hints & Hint.LEDE and _length(block.text) >= 40):
                added += 1
                self._add(index)

    def _add_between(self) -> None:
        """Lists of links that a paragraph or a heading of the article announces."""
        announced = -1  # the list element that was announced
        for index, block in enumerate(self.blocks):
            if index and block.kind == "list" and not self.chosen[index] and not block.hints & _NEVER:
                above = self.blocks[index - 1]
                place = self.places.parents[block.place]
                if place != announced and self.chosen[index - 1] and self._announces(above, place):
                    announced = place
                if place == announced and not self._against(block):
                    self._add(index)

    def _announces(self, block: PageBlock, place: int) -> bool:
        if self.places.parents[place] not in self.holders or block.linked > MAX_LINKED:
            return False
        return block.kind == "heading" or (block.text.endswith((":", "：")) and _length(block.text) >= 30)


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


def left_out(reading: Reading, chosen: Sequence[bool], weights: Weights) -> list[Removed]:
    """What is not of the article, in order; blocks that follow each other for one reason are the lines of one entry.

    MAX_LEFT characters are told, shown text before hidden text; a last entry says how many blocks are not.
    """
    left = [
        (index, block, *_why(block.hints & _NEVER | weights.near(block.place)))
        for index, (block, taken) in enumerate(zip(reading.blocks, chosen, strict=True))
        if not taken
    ]
    told: set[int] = set()
    room = MAX_LEFT
    for hidden in (False, True):
        for index, block, _, _ in left:
            if bool(block.hints & _NEVER) is hidden and len(block.text) <= room:
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
