"""Plain text in, blocks out: hard-wrapped lines are joined, lists and verses keep their lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from pipeline.cleaning.structure.blocks import Block
from pipeline.formats.text import BULLET, SENTENCE_END

MAX_WRAP = 100  # characters: no editor wraps wider
_CAPITALS = 0.75  # share of lines that begin with a capital or a number, from which they are lines of their own
_GREEDY = 0.7  # share of line ends that must be where greedy wrapping puts them
_END = re.compile(r"[.!?:;…。！？][\"'”’)\]»]*$")
_HYPHEN_END = re.compile(r"(?P<head>[a-zäöüéèàç]+)-$")
# First parts of words that keep their hyphen at a line end.
_HYPHENATED = frozenset(
    [
        "self",
        "well",
        "long",
        "short",
        "non",
        "ex",
        "anti",
        "pro",
        "co",
        "half",
        "high",
        "low",
        "first",
        "second",
        "third",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "old",
        "new",
        "so",
        "all",
        "cross",
        "mid",
        "post",
        "pre",
        "re",
        "multi",
        "semi",
        "ultra",
        "vice",
        "far",
        "near",
        "full",
        "part",
        "year",
        "day",
        "month",
        "week",
    ]
)
_CONJUNCTIONS = frozenset(["and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e"])
_SECOND = frozenset(["year", "month", "week", "hour", "minute", "based", "backed", "owned", "related"])
LONGEST_WORD = 64  # characters: a line end is looked back from no further
VERSE_LINE = 60  # characters
MOST_ASKED = 400  # questions about words that were cut in two at a line end: an article has some tens


def read(text: str, *, is_boilerplate: Callable[[str], bool]) -> tuple[list[Block], bool]:
    """The blocks of a normalised plain text, and whether its lines were hard-wrapped.

    Short lines of which one is boilerplate are a menu and no verse.
    """
    stanzas = _stanzas(text)
    width = _wrap_width(stanzas)
    written = _Written(text)
    blocks: list[Block] = []
    for stanza in stanzas:
        if width:
            lines = _joined(stanza, width, written)
        elif _is_verse(stanza, stanzas, is_boilerplate):
            lines = ["\n".join(stanza)]
        else:
            lines = stanza
        blocks.extend(Block(kind="list" if BULLET.match(line) else "paragraph", text=line) for line in lines)
    return blocks, bool(width)


def _stanzas(text: str) -> list[list[str]]:
    """Runs of lines between blank lines."""
    stanzas: list[list[str]] = [[]]
    for raw in text.split("\n"):
        if line := raw.strip():
            stanzas[-1].append(line)
        elif stanzas[-1]:
            stanzas.append([])
    return [stanza for stanza in stanzas if stanza]


def _wrap_width(stanzas: list[list[str]]) -> int:
    """The width a text was wrapped to, 0 if it was not.

    Greedy wrapping leaves a proof behind: the first word of the next line would not have fitted on this one.
    """
    inner = [
        (len(line), after, after.split(" ", 1)[0])
        for stanza in stanzas
        for line, after in itertools.pairwise(stanza)
        if not BULLET.match(after)
    ]
    if len(inner) < 3:
        return 0
    width = max(length for length, _, _ in inner)
    if not 30 <= width <= MAX_WRAP or max(len(line) for stanza in stanzas for line in stanza) > MAX_WRAP + 20:
        return 0
    # Fixtures, lists and verse begin their lines with capitals, whatever their length.
    if sum(after[0].isupper() or after[0].isdigit() for _, after, _ in inner) >= _CAPITALS * len(inner):
        return 0
    # A line without a blank (a URL, Chinese) proves nothing.
    forced = sum(1 for length, after, word in inner if word != after and length + 1 + len(word) > width - 2)
    return width if forced >= _GREEDY * len(inner) else 0


class _Written:
    """A text that is asked how it writes a word elsewhere: MOST_ASKED times, since each answer reads all of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = MOST_ASKED

    def __contains__(self, word: str) -> bool:
        self._left -= 1
        return self._left >= 0 and word in self._text


def _joined(stanza: list[str], width: int, written: _Written) -> list[str]:
    paragraphs: list[list[str]] = []
    before = ""
    end = ""  # of the paragraph so far: no more is looked at
    for line in stanza:
        first = line.split(" ", 1)[0]
        fits = len(before) + 1 + len(first) <= width - 2
        # A line that ended early ended on purpose.
        if not paragraphs or BULLET.match(line) or (fits and (_END.search(before) or len(before) < width * 0.6)):
            paragraphs.append([line])
            end = line
        else:
            between = _between(end, line, written)
            if between is None:
                paragraphs[-1][-1] = paragraphs[-1][-1][:-1]
                end, between = end[:-1], ""
            paragraphs[-1] += [between, line]
            end += between + line
        end = end[-LONGEST_WORD - 1 :]
        before = line
    return ["".join(parts) for parts in paragraphs]


def _between(head: str, tail: str, written: _Written) -> str | None:
    """What stands between two lines that are joined; None if the hyphen of a word that was cut in two goes.

    Of the first line its end is enough.
    """
    if not head.endswith(("-", "—")):
        return " "
    found = _HYPHEN_END.search(head, max(0, len(head) - LONGEST_WORD))
    if not found or not tail[:1].islower():
        return "" if tail[:1].isalpha() else " "
    part = found["head"]
    second = re.match(r"\w*", tail)
    word = second[0] if second else ""
    if word in _CONJUNCTIONS:
        return " "  # "pre- and post-war"
    if head[: found.start()].endswith("-") or word in _SECOND:
        return ""  # "cost-of-living", "twenty-year"
    if part + word not in written and (part in _HYPHENATED or f"{part}-{word}" in written):
        return ""
    return None


def _is_verse(stanza: list[str], stanzas: list[list[str]], is_boilerplate: Callable[[str], bool]) -> bool:
    """Three or more short lines that run on: a poem, an address. Not if every stanza of a text is one long list."""
    if len(stanza) < 3 or len(stanzas) < 2 or any(len(line) > VERSE_LINE or BULLET.match(line) for line in stanza):
        return False
    ends = sum(1 for line in stanza[:-1] if SENTENCE_END.search(line))
    # A menu is made of short lines too.
    return ends <= len(stanza) // 2 and not any(map(is_boilerplate, stanza))
