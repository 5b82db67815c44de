"""Corrections, clarifications and editor's notes: which block of a page is one, and of this article.

A note often stands in an element of its own, behind the body or above it, where an extractor leaves it out; what it
says belongs to the article. An invitation to report a mistake and a link to a policy are none.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.cleaning.extraction.hints import UNSEEN, Hint
from pipeline.cleaning.extraction.reading import PageBlock, Places
from pipeline.cleaning.extraction.weights import MAX_LINKED_PROSE, holder, length_of

NEAR = 15  # blocks between the body and a note on it
MAX_NOTES = 2  # notes in elements of their own
MAX_BLOCKS = 4  # blocks of one
MIN_NOTE = 40  # characters of a block of it
MAX_NOTE = 1_200
_ARTICLE = r"(?:article|story|report|piece|post|headline|column|page|item|interview|review|obituary|caption|news (?:article|story|item)|blog(?: post)?)"
_LABEL = re.compile(
    r"(?:correction|clarification|amendment|erratum|editor[’']?s?[’']? note|note from the editors?|correction (?:and|&) clarification|"
    r"korrektur|berichtigung|richtigstellung|(?:anmerkung|hinweis|anm\.) (?:der|d\.) red(?:aktion|\.)|"
    r"rectificatif|rectification|précision|note de la rédaction|ndlr|correcci[óo]n|fe de err(?:or|at)(?:es|as)|nota (?:del editor|de la redacci[óo]n)|"
    r"correzione|errata corrige|nota della redazione|correção|nota (?:do editor|da redação)|correctie|rectificatie|noot van de redactie)",
    re.IGNORECASE,
)
# "Correction: ...", "Correction (3 March): ...", "CLARIFICATION, March 3 - ...".
_BEGINS = re.compile(
    rf"[\W_]*(?:{_LABEL.pattern}|corrections?(?: (?:and|&) clarifications?)?|clarifications|editor[’']?s?[’']? notes)(?:,? ?\(?[^:.()]{{0,40}}\d[^:.()]{{0,20}}\)?)?\s*(?::|[-–—|]\s)\s*(?=\S)",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"[\W_]*{_LABEL.pattern}(?:,? \(?[^:.()]{{0,40}}\d[^:.()]{{0,20}}\)?)?\s*:?[\W_]*", re.IGNORECASE)
# What speaks of the article that it stands at.
_OF_THIS = re.compile(
    rf"(?:earlier|previous|prior|original|initial|first) version of (?:this|the|our) {_ARTICLE}|"
    rf"(?:this|the) {_ARTICLE} (?:was|has been|is) (?:\w+ )?(?:amended|corrected|clarified)\b|"
    rf"this {_ARTICLE} (?:was|has been) (?:\w+ )?(?:updated|edited|changed|revised|modified)\b.{{0,80}}\b(?:to|with|after|because|since) (?!\d)\w|"
    rf"this {_ARTICLE} (?:originally|initially|previously|earlier|incorrectly|wrongly|mistakenly|erroneously) (?!published|appeared)\w+|"
    r"(?:einer|eine) (?:früheren|frühere|ersten|vorherigen) (?:version|fassung) (?:dieses|des) |(?:une|la) version (?:précédente|antérieure|initiale) (?:de cet|de l['’])|"
    r"(?:una|la) versi[óo]n (?:anterior|previa) de (?:este|esta)|(?:una|la) precedente versione di quest|(?:uma|a) versão anterior (?:dest|do)|een eerdere versie van dit",
    re.IGNORECASE,
)
# What an outlet says of corrections under every article.
_ASKS = re.compile(
    r"\b(?:if you|e-?mail|contact|write to|please|click|let us know|tell us|report an?|submit|request|suggest|send us|sign up|subscribe)\b.{0,80}(?:\bus\b|\berrors?\b|\bmistakes?\b|\bcorrections?\b|@|\bhere\b|\bnewsletters?\b|\bform\b)|"
    r"\b(?:corrections?|complaints?|editorial) (?:policy|page|desk|team|column|form)\b|\bsign up\b|\bsubscrib",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?<![a-z])(?:corrections?|clarifications?|amendments?|errat(?:um|a)|editors?[-_]?note|korrektur|rectificatif)(?![a-z])",
    re.IGNORECASE,
)


def found(
    blocks: Sequence[PageBlock], places: Places, *, chosen: Sequence[bool], voted: Sequence[int], scope: int
) -> list[int]:
    """The blocks of the notes that stand above, in or below the body, at most MAX_NOTES notes.

    `voted` are the characters of chosen prose below each element, `scope` the element that is the article with all that
    belongs to it. If more notes stand there, they are a list of other articles' corrections, but for those that speak
    of this one.
    """
    taken = [index for index, take in enumerate(chosen) if take]
    if not taken:
        return []
    notes = list(_Search(blocks, places, chosen, voted, scope).run(taken[0], taken[-1]))
    if len(notes) > MAX_NOTES:
        notes = [note for note in notes if any(is_of_this(blocks[index].text) for index in note)]
    return [index for note in notes[:MAX_NOTES] for index in note]


class _Search:
    """Looks for notes at the body of one page."""

    def __init__(
        self, blocks: Sequence[PageBlock], places: Places, chosen: Sequence[bool], voted: Sequence[int], scope: int
    ) -> None:
        self.blocks, self.places, self.chosen, self.voted, self.scope = blocks, places, chosen, voted, scope

    def run(self, first: int, last: int) -> Iterator[list[int]]:
        """The blocks of each, within NEAR blocks of the body and before the next main heading or other story."""
        stories = (index for index in range(last + 1, len(self.blocks)) if self._is_next_story(self.blocks[index]))
        end = min(next(stories, len(self.blocks)), last + 1 + NEAR)
        at = max(0, first - NEAR)
        while at < end:
            note = [] if self.chosen[at] else self._note(at, end)
            if note:
                yield note
            at = max(note, default=at) + 1

    def _within(self, place: int, outer: int) -> bool:
        return outer in self._chain(place)

    def _chain(self, place: int) -> Iterator[int]:
        while place >= 0:
            yield place
            place = self.places.parents[place]

    def _is_named(self, place: int) -> bool:
        if not place:
            return False
        element = self.places.elements[place]
        return is_named(f"{element.get('class') or ''} {element.get('id') or ''}")

    def _is_next_story(self, block: PageBlock) -> bool:
        return block.h1 or (
            block.kind == "heading" and not is_label(block.text) and not self._within(block.place, self.scope)
        )

    def _note(self, index: int, end: int) -> list[int]:
        """The blocks of the note that begins at a block: its heading, if it has one, and what belongs to it."""
        block = self.blocks[index]
        labelled = is_label(block.text)
        if not (labelled or is_note(block.text)) or not self._may_be(block):
            return []
        note = [index]
        place = holder(block, self.places)
        # All paragraphs of an element of its own; elsewhere what the heading needs.
        whole = not self.voted[place] and (labelled or self._is_named(place))
        for below in range(index + 1, min(index + MAX_BLOCKS, end)):
            other = self.blocks[below]
            if not (whole or (labelled and len(note) == 1)) or self.chosen[below] or other.kind == "heading":
                break
            if not self._within(other.place, place) or not self._may_be(other) or not is_said_below(other.text):
                break
            note.append(below)
        if labelled and len(note) == 1:
            return []
        named = any(self._is_named(above) for above in (block.place, place))
        ours = named or self._within(block.place, self.scope)
        return note if ours or any(is_of_this(self.blocks[each].text) for each in note) else []

    def _may_be(self, block: PageBlock) -> bool:
        """Whether a note may stand where a block does: of the footers only the article's own may hold one."""
        if block.linked > MAX_LINKED_PROSE or block.kind == "table" or block.hints & UNSEEN:
            return False
        for place in self._chain(block.place):
            if self.voted[place] >= 0.5 * self.voted[0]:
                return True
            own = self.places.own(place)
            if own & (Hint.COMMENT | Hint.OVERLAY | Hint.FORM | Hint.CAPTION):
                return False
            if own & Hint.FOOTER and not (self.places.tag(self.scope) == "article" and self._within(place, self.scope)):
                return False
        return True


def is_named(name: str) -> bool:
    """Whether an element is called a correction or a note."""
    return _NAMED.search(name) is not None


def is_label(text: str) -> bool:
    """Whether a line is the heading of a note: "Correction", "Editor's note:"."""
    return len(text) <= 80 and _ALONE.fullmatch(text) is not None


def is_of_this(text: str) -> bool:
    """Whether a note speaks of the article that it stands at, by what it says."""
    return _OF_THIS.search(text[:MAX_NOTE]) is not None


def is_note(text: str) -> bool:
    """Whether a block is a note: it begins with the word for one, or says what was wrong in this article."""
    if not MIN_NOTE <= length_of(text) <= MAX_NOTE or _ASKS.search(text):
        return False
    return _BEGINS.match(text) is not None or is_of_this(text[:300])


def is_said_below(text: str) -> bool:
    """Whether a block may be what stands below the heading of a note."""
    return MIN_NOTE <= length_of(text) <= MAX_NOTE and not _ASKS.search(text)
