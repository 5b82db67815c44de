"""Rules of a document: one label per name, aliases, missed mentions found again.

blocks and the model's spans -> names with exact offsets, none overlapping, in order
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pipeline.entities.lexicon import Lexicon
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.mentions import repeats, span_rules
from pipeline.entities.names import Name

_PHRASE = re.compile(r"[^\W\d_a-z][\w’'.&-]*(?: [^\W\d_a-z][\w’'.&-]*)*")
_PART = re.compile(r"[^-–]+")
# "European Central Bank (ECB)", "European Central Bank, or ECB,"; before a name: "ECB (European Central Bank)"
_ACRONYM = re.compile(
    r"""['’]?s? \((?:the )?["“]?([A-Z][A-Za-z&.]{1,9})["”]?[);,]"""
    r"|,? (?:or|known as|abbreviated as) (?:the )?([A-Z]{2,10})\b"
)
_ACRONYM_BEFORE = re.compile(r"(?<![\w.&-])([A-Z][A-Za-z&.]{1,9}) \((?:the )?$")
_AGAIN = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT"})
# How much each kind of evidence says about what a name is: lists and titles outrank any majority of the model's.
WEIGHTS = {"list": 100, "alias": 60, "title": 20, "dateline": 5, "suffix": 3, "place": 2, "model": 1, "repeat": 0}
_BESIDE, _FULL, _CITY = 3, 50, 2
_LONGEST_AGAIN = 100  # characters: a longer name is not looked for again


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text that is read on its own; `shouting` if capitals say nothing: a heading in title case."""

    start: int
    end: int
    shouting: bool = False


@dataclass(slots=True)
class Aliases:
    """Which name stands for which, by key: "Lutnick" for "Howard Lutnick", "ECB" for "European Central Bank"."""

    full: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8192)
def key(name: str) -> str:
    """What two spellings of a name have in common: "U.S." and "US", "ANKARA" and "Ankara"."""
    bare = name.replace(".", "").replace("’", "'")
    return bare.title() if len(bare) > 4 and bare.isupper() else bare


def names(
    text: str,
    blocks: Sequence[Block],
    spans: Sequence[Name],
    gazetteer: Gazetteer,
) -> tuple[list[Name], Aliases]:
    """Apply all rules to the model's spans (in order, none overlapping)."""
    taken = bytearray(len(text))
    found: list[Name] = []
    held: list[Name] = []
    index = 0
    for block in blocks:
        begin, places = span_rules.dateline(text, block.start, block.end, gazetteer)
        _take(found, taken, places)
        _take(found, taken, span_rules.signed(text, begin, block.end, gazetteer.lexicon))
        if not block.shouting:
            persons = span_rules.persons_by_title(text, begin, block.end, gazetteer.lexicon)
            held += [person for person in persons if text[person.start : person.end] not in gazetteer.labels]
        while index < len(spans) and spans[index].start < block.end:
            span = spans[index]
            index += 1
            if span.start < begin:
                continue
            for name in _shape(text, span, gazetteer):
                if block.shouting and name.evidence == "model":
                    continue  # found again if the text beside the heading has it
                _take(found, taken, [name])
    # A person after a title, where the model saw nothing or only a part.
    for person in held:
        _take(found, taken, [person])
    for block in blocks:
        _take(found, taken, _listed_alone(text, block, taken, gazetteer))
    aliases = _aliases(text, found, taken, gazetteer)
    found = _one_label(text, found, aliases, gazetteer)
    _again(text, blocks, found, taken, aliases, gazetteer.lexicon)
    found.sort(key=lambda name: name.start)
    return found, aliases


def _shape(text: str, span: Name, gazetteer: Gazetteer) -> list[Name]:
    """One span of the model through the rules of one span."""
    lexicon = gazetteer.lexicon
    trimmed = span_rules.trim(text, span, lexicon)
    if trimmed is None:
        return []
    shaped = []
    for part in span_rules.split(text, trimmed, gazetteer):
        name = part if part is trimmed else span_rules.trim(text, part, lexicon)
        if name is None:
            continue
        name = span_rules.with_article(text, span_rules.listed(text, name, gazetteer), lexicon)
        if name.evidence == "model":
            name = span_rules.suffixed(text, name, gazetteer)
        shaped.append(span_rules.extended(text, span_rules.titled(text, name, lexicon), lexicon))
    return shaped


def _take(found: list[Name], taken: bytearray, names: Sequence[Name]) -> None:
    """Add names whose characters are free."""
    for name in names:
        if taken.find(1, name.start, name.end) < 0:
            taken[name.start : name.end] = b"\1" * (name.end - name.start)
            found.append(name)


def _listed_alone(text: str, block: Block, taken: bytearray, gazetteer: Gazetteer) -> list[Name]:
    """Listed names that the model did not see, if they stand for themselves ("China", not "China Daily")."""
    found: list[Name] = []
    for match in _PHRASE.finditer(text, block.start, block.end):
        low, high = match.span()
        phrase = match.group()
        if taken.find(1, low, high) >= 0:
            found += _listed_parts(phrase, low, taken, gazetteer) if "-" in phrase or "–" in phrase else ()
            continue
        first, _, rest = phrase.partition(" ")
        if rest and first in gazetteer.lexicon.function:
            low, phrase = low + len(first) + 1, rest
        phrase = phrase.rstrip(".'’-") if phrase not in gazetteer.labels else phrase
        if phrase.endswith(("'s", "’s")):
            phrase = phrase[:-2]
        label = gazetteer.labels.get(phrase)
        if label and (phrase != "US" or not block.shouting):
            found.append(Name(low, low + len(phrase), label, "list"))
        elif "-" in phrase or "–" in phrase:
            found += _listed_parts(phrase, low, taken, gazetteer)
        elif phrase in gazetteer.cities and span_rules.before(text, low) in gazetteer.lexicon.locative:
            found.append(Name(low, low + len(phrase), "GPE", "place"))
    return found


def _listed_parts(phrase: str, start: int, taken: bytearray, gazetteer: Gazetteer) -> list[Name]:
    """The rest of a compound of listed names of which the model saw one: China in "U.S.-China talks"."""
    found: list[Name] = []
    for match in _PART.finditer(phrase.partition(" ")[0]):
        label = gazetteer.labels.get(match.group())
        if label is None:
            return []
        low, high = start + match.start(), start + match.end()
        if taken.find(1, low, high) < 0:
            found.append(Name(low, high, label, "list"))
    return found


def _aliases(text: str, found: list[Name], taken: bytearray, gazetteer: Gazetteer) -> Aliases:
    """Surnames of full names, and acronyms that the text explains, which become names of their own."""
    surnames: dict[str, set[str]] = {}
    aliases = Aliases()
    acronyms: list[Name] = []
    for name in found:
        core = text[name.start : name.end]
        words = core.split()
        if name.label == "PERSON" and len(words) >= 2:
            surnames.setdefault(words[-1], set()).add(core)
        elif name.label == "ORG" and len(words) >= 2:
            for match in (
                _ACRONYM.match(text, name.end),
                _ACRONYM_BEFORE.search(text, max(0, name.start - 16), name.start),
            ):
                if match and _abbreviates(acronym := match[match.lastindex or 1], words, gazetteer.lexicon):
                    aliases.full[key(acronym)] = core
                    aliases.full.setdefault(acronym.title(), core)  # some houses write Nato
                    acronyms.append(Name(*match.span(match.lastindex or 1), "ORG", "alias"))
            if words[-1].rstrip(".") in gazetteer.lexicon.corporate:
                aliases.full.setdefault(key(" ".join(words[:-1])), core)
    if acronyms:
        # What was found where an acronym stands makes room for it.
        theirs = bytearray(len(taken))
        for acronym in acronyms:
            taken[acronym.start : acronym.end] = bytes(acronym.end - acronym.start)
            theirs[acronym.start : acronym.end] = b"\1" * (acronym.end - acronym.start)
        found[:] = [other for other in found if theirs.find(1, other.start, other.end) < 0]
        _take(found, taken, acronyms)
    for surname, full in surnames.items():
        if len(full) == 1 and surname.rstrip(".") not in gazetteer.lexicon.organisation and len(surname) > 1:
            aliases.full[key(surname)] = next(iter(full))
    for alias in [alias for alias in aliases.full if gazetteer.labels.get(alias, "ORG") != "ORG"]:
        # "Michael Jordan" does not make Jordan a person.
        del aliases.full[alias]
    return aliases


def _abbreviates(acronym: str, words: Sequence[str], lexicon: Lexicon) -> bool:
    letters = [c for c in acronym if c.isupper()]
    initials = [word[0].upper() for word in words]
    strict = [word[0] for word in words if word not in lexicon.connecting]
    return letters in (initials, strict, [c for word in words for c in word if c.isupper()])


def _one_label(text: str, found: list[Name], aliases: Aliases, gazetteer: Gazetteer) -> list[Name]:
    """Give every mention of a name the label that the document gives it most, evidence before majority."""
    votes: dict[str, Counter[str]] = {}
    for name in found:
        core = key(text[name.start : name.end])
        counter = votes.setdefault(core, Counter())
        counter[name.label] += WEIGHTS[name.evidence]
        label = span_rules.beside(text, name, gazetteer) if name.evidence == "model" else None
        if label:
            counter[label] += _BESIDE
    for core, counter in votes.items():
        if core in gazetteer.cities:
            counter["GPE"] += _CITY  # unless the model says otherwise more often
    for alias, full in aliases.full.items():
        if alias in votes and key(full) in votes:
            label = votes[key(full)].most_common(1)[0][0]
            votes[alias][label] += _FULL
    decided = {core: counter.most_common(1)[0][0] for core, counter in votes.items()}
    return [
        name if (label := decided[key(text[name.start : name.end])]) == name.label else replace(name, label=label)
        for name in found
    ]


def _again(
    text: str, blocks: Sequence[Block], found: list[Name], taken: bytearray, aliases: Aliases, lexicon: Lexicon
) -> None:
    """Find the mentions of known names that the model missed, in headings as well."""
    spoken: dict[str, str] = {}
    for name in found:
        if name.label in _AGAIN:
            spoken.setdefault(text[name.start : name.end], name.label)
    for core, label in list(spoken.items()):
        alias = core.split()[-1]
        if label == "PERSON" and alias != core and aliases.full.get(key(alias)) == core:
            spoken.setdefault(alias, "PERSON")
    wanted = [
        core
        for core in spoken
        if 2 <= len(core) <= _LONGEST_AGAIN and core not in lexicon.function and core not in lexicon.calendar
    ]
    places = repeats.find(text, wanted)
    for core in sorted(wanted, key=len, reverse=True):
        done = 0
        for start in places.get(core, ()):
            end = start + len(core)
            if start >= done:
                done = end
                if _stands_alone(text, start, end, blocks, taken, lexicon):
                    _take(found, taken, [Name(start, end, spoken[core], "repeat")])


def _stands_alone(text: str, start: int, end: int, blocks: Sequence[Block], taken: bytearray, lexicon: Lexicon) -> bool:
    """Whether a stretch is a name of its own and not a part of a longer one ("China" in "China Daily")."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (
        taken[start]
        or before.isalnum()
        or after.isalnum()
        or (before in tuple("@/._") and before)
        or (after in tuple("@_") and after)
    ):
        return False
    number = bisect_right(blocks, start, key=lambda block: block.start) - 1
    if number < 0 or end > blocks[number].end:
        return False
    block = blocks[number]
    if block.shouting:
        return True
    if before == " ":
        word = text[max(block.start, start - 25) : start - 1].rsplit(" ", 1)[-1]
        place = start - 1 - len(word)
        if (
            word[:1].isupper()
            and not taken[place]
            and not _begins(text, place, block)
            and not span_rules.follows_title(text, start, lexicon)
        ):
            return False
    if after == " ":
        word = text[end + 1 : end + 25].split(" ", 1)[0].rstrip(".,;:!?)”\"'’")
        if word[:1].isupper() and not taken[end + 1] and word not in lexicon.calendar and word not in lexicon.function:
            return False
    return True


def _begins(text: str, place: int, block: Block) -> bool:
    """Whether a sentence begins there."""
    return (
        place <= block.start
        or text[place - 1 : place] in {"“", '"', "‘", "("}
        or text[place - 2 : place] in {". ", "? ", "! ", ": ", "” ", '" '}
    )
