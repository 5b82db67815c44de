"""Rules of one span or one block of text: what a name is, whatever the rest of the document says.

Each is a small pure function of a text and spans in it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.entities.lexicon import MOST_PARTICLES, Lexicon
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.names import Name

_EDGES = " \t\r\n\f\v\u00a0\u200b\"'“”‘’`´«»()[]{}<>,;:!?*#|~^_=+/\\•·–—-…@"
_COMPOUND = re.compile(r"[-–/]")
_BREAK = re.compile(r" ?\(| [-–—] |\n|; ")  # no name goes on behind these
_REGION = re.compile(r", ([A-Z][\w.]*(?: [A-Z]\w+)?)(?!\w)")
_SCORE = re.compile(r" \d+[-–]\d+$")
_LONGEST_SCORE = 24  # characters
# PARIS (Reuters) -, WASHINGTON/BEIJING, June 3 (AP) —, GENEVA —
_DATELINE = re.compile(
    r"(?P<places>[A-Z][A-Z.'’ -]+[A-Z.](?:, [A-Z][A-Za-z. ]+)?(?:/[A-Z][A-Z.'’ -]+[A-Z.])*)"
    r"(?:, [A-Z][a-z]+\.? \d{1,2})? ?(?:\(\s?(?P<agency>[A-Z][A-Za-z. -]+?)\s?\) ?[-–—]|[–—])"
)
_WORD = re.compile(r"[\w’'.&-]+")
_SMALL = 3  # words up to so many letters are not counted in a heading's capitals


def trim(text: str, name: Name, lexicon: Lexicon) -> Name | None:
    """Take off what is not the name: quotes and marks, "the", "'s", titles before a person; None if nothing is left.

    A name has a capital letter or a digit. Each character is looked at a few times at most: what is taken off at one
    end may lay open something at the other, again and again.
    """
    start, end = name.start, name.end
    closing = text.rfind(")", start, end)  # the last closing bracket that is left
    broken = False
    while True:
        before = (start, end)
        while start < end and text[start] in _EDGES:
            start += 1
        closed = closing >= start
        while start < end and text[end - 1] in _EDGES:
            end -= 1
        if start >= end:
            return None
        if end - start >= 2 and text[end - 1] == "s" and text[end - 2] in "'’":
            end -= 2
        if not closed and not broken:
            # Once is enough: the first is the end of the name, and none is before it.
            broken = True
            if breaking := _BREAK.search(text, start + 1, end):
                end = breaking.start()
        if score := _SCORE.search(text, max(start, end - _LONGEST_SCORE), end):
            end = score.start()
        if closing >= end:
            closing = text.rfind(")", start, end)
        if opening := (lexicon.article.match(text, start, end) or lexicon.leading.match(text, start, end)):
            start = opening.end()
        if name.label == "PERSON":
            title = lexicon.leading_title.match(text, start, end)
            if title and title.end() < end:
                start = title.end()
        if (start, end) == before:
            break
    core = text[start:end]
    if not core or core in lexicon.no_names or (core == core.lower() and not any(c.isdigit() for c in core)):
        return None
    if core.isdigit() and name.label not in {"PRODUCT", "WORK_OF_ART"}:
        return None
    return name if (start, end) == (name.start, name.end) else replace(name, start=start, end=end)


def with_article(text: str, name: Name, lexicon: Lexicon) -> Name:
    """A place whose article is a part of its name: "The Hague", also as "the Hague"."""
    start = name.start - 4
    if name.label in {"GPE", "LOC"} and start >= 0 and text[start : name.start].lower() == "the ":
        core = text[name.start : name.end]
        if f"The {core.title() if core.isupper() else core}" in lexicon.articled:
            return replace(name, start=start)
    return name


def split(text: str, name: Name, gazetteer: Gazetteer) -> list[Name]:
    """Take joined names apart: "U.S.-China", "REUTERS/Ana Petrov", "Beijing-based", "London's Euston Station"."""
    core = text[name.start : name.end]
    if text[name.end : name.end + 1] == "-" and (word := _WORD.match(text, name.end)):
        whole = core + word.group()
        if whole in gazetteer.labels:
            return [replace(name, end=name.start + len(whole))]
    if core.isalpha() or core in gazetteer.labels or core in gazetteer.places:
        return [name]  # Guinea-Bissau
    owner = gazetteer.lexicon.possessive.search(core)
    if owner and _listed(core[: owner.start()], gazetteer):
        place = Name(name.start, name.start + owner.start(), _listed(core[: owner.start()], gazetteer) or "GPE", "list")
        return [place, replace(name, start=name.start + owner.end(), seen="")]
    first, _, rest = core.partition(" ")
    if first in gazetteer.peoples and rest.count(" ") and name.label in {"PERSON", "GPE", "LOC"}:
        # "Russian Nikita Mazepin"
        end = name.start + len(first)
        return [Name(name.start, end, "NORP", "list"), Name(end + 1, name.end, "PERSON")]
    if not _COMPOUND.search(core):
        return [name]
    spans, start = [], name.start
    for match in _COMPOUND.finditer(text, name.start, name.end):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, name.end))
    words = [text[low:high].strip() for low, high in spans]
    known = [_listed(word, gazetteer) for word in words]
    if all(known):
        return [Name(low, high, label or name.label, "list") for (low, high), label in zip(spans, known, strict=True)]
    if "/" in core and all(word[:1].isupper() for word in words) and "-" not in core:
        credit = _listed(words[0].title(), gazetteer) == "ORG"
        return [
            Name(low, high, "PERSON" if credit and " " in word else name.label)
            for (low, high), word in zip(spans, words, strict=True)
        ]
    if words[-1].islower() and known[0]:
        return [Name(*spans[0], known[0], "list")]
    return [name]


def _listed(word: str, gazetteer: Gazetteer) -> str | None:
    return gazetteer.labels.get(word) or ("GPE" if word in gazetteer.cities else None)


def listed(text: str, name: Name, gazetteer: Gazetteer) -> Name:
    """Label a name that means one thing everywhere: a country, a people, a region."""
    core = text[name.start : name.end]
    less, _, last = core.rpartition(" ")
    if last in gazetteer.lexicon.no_names and less in gazetteer.labels:
        # "Nvidia AI", of "Nvidia AI chips"
        core, name = less, replace(name, end=name.start + len(less))
    label = gazetteer.labels.get(core)
    if label is None and core.isupper() and len(core) > 4:
        label = gazetteer.labels.get(core.title())
    if label is None:
        return name
    return replace(name, label=label, evidence="list")


def suffixed(text: str, name: Name, gazetteer: Gazetteer) -> Name:
    """Label an organisation or place by its last word: "Harbour Fund", "Ministry of Commerce", "Kensington Palace"."""
    words = text[name.start : name.end].split()
    if name.label in {"LAW", "WORK_OF_ART", "EVENT", "FAC"} and gazetteer.lexicon.product_follows.match(text, name.end):
        return replace(name, label="PRODUCT", evidence="suffix")
    office = words[0] in gazetteer.lexicon.offices
    if len(words) < 2 or (name.label in {"EVENT", "WORK_OF_ART", "LAW"} and not office):
        return name
    last = words[-1].rstrip(".")
    club = last in gazetteer.lexicon.club and " ".join(words[:-1]) in gazetteer.cities
    if office or club or last in gazetteer.lexicon.organisation:
        label = "ORG"
    elif last in gazetteer.lexicon.facility:
        label = "FAC"
    elif last in gazetteer.lexicon.nature:
        label = "LOC"
    elif last in gazetteer.lexicon.region:
        label = "GPE"
    else:
        return name
    return replace(name, label=label, evidence="suffix")


def titled(text: str, name: Name, lexicon: Lexicon) -> Name:
    """Label a person by the title before, or the role after a full name, unless a list says otherwise."""
    if name.evidence == "list" or name.label in {"WORK_OF_ART", "LAW", "EVENT"}:
        return name
    words = text[name.start : name.end].split()
    if (
        words[0] not in lexicon.not_a_surname
        and words[-1] not in lexicon.not_a_surname
        and follows_title(text, name.start, lexicon)
    ):
        return replace(name, label="PERSON", evidence="title")
    if name.label == "PERSON" or not 2 <= len(words) <= 4 or name.evidence == "suffix":
        return name
    if before(text, name.start) in lexicon.roles or lexicon.role_follows.match(text, name.end):
        return replace(name, label="PERSON", evidence="title")
    return name


def before(text: str, place: int) -> str:
    """The word before a place in a text, and one space."""
    if place < 2 or text[place - 1] != " ":
        return ""
    return text[text.rfind(" ", 0, place - 1) + 1 : place - 1].rpartition("\n")[2].lstrip("(\"'“‘")


def follows_title(text: str, place: int, lexicon: Lexicon) -> bool:
    """Whether a title stands before a place: "President", "Mr."."""
    word = before(text, place).rstrip(".")
    if word in lexicon.titles:
        return True
    return word in lexicon.title_ends and before(text, place - len(word) - 1) in lexicon.title_middles


def persons_by_title(text: str, start: int, end: int, lexicon: Lexicon) -> list[Name]:
    """Persons that follow a capitalised title in a block: "President Trump", "Mr Lee"."""
    found = []
    for match in lexicon.titled.finditer(text, start, end):
        low, high = match.span(1)
        words = text[low:high].split(" ")
        taken: list[str] = []
        for word in words:
            bare = lexicon.owner.sub("", word)
            if bare in lexicon.calendar or bare.rstrip(".") in lexicon.not_a_surname:
                break
            taken.append(bare)
            if bare != word:
                break
        # A title of an office, with nobody named: "Minister Council", "General Motors".
        if not taken or (len(taken) < len(words) and words[len(taken)] in lexicon.not_a_surname):
            continue
        while taken and taken[-1].islower():
            taken.pop()
        high = low + len(" ".join(taken))
        if taken and len(taken[-1]) > 1 and taken[-1].rstrip(".") not in lexicon.organisation:
            found.append(Name(low, high, "PERSON", "title"))
    return found


def signed(text: str, start: int, end: int, lexicon: Lexicon) -> list[Name]:
    """Persons (and the agency) of photo credits and sign-offs: "REUTERS/Ana Petrov", "Editing by Li Wei"."""
    found: list[Name] = []
    for match in lexicon.credit.finditer(text, start, end) if text.find("/", start, end) >= 0 else ():
        name = match["name"]
        low = match.start("name")
        found.append(Name(match.start("agency"), match.end("agency"), "ORG", "title"))
        if name not in lexicon.no_names:
            found.append(Name(low, low + len(name.rstrip(".")), "PERSON", "title"))
    for match in lexicon.signed.finditer(text, start, end) if text.find(" by ", start, end) >= 0 else ():
        for part in re.finditer(r"(?:(?!, | and ).)+", match[1]):
            core = re.sub(r"^(?:, |and | )+|[.,]$", "", part.group())
            low = match.start(1) + part.start() + part.group().find(core)
            found.append(Name(low, low + len(core), "PERSON", "title"))
    return found


def extended(text: str, name: Name, lexicon: Lexicon) -> Name:
    """Complete a person's name over particles and syllables: "Ursula von | der Leyen", "Moon Jae | -in"."""
    if name.label != "PERSON":
        return name
    start, end = name.start, name.end
    particles = lexicon.particles.match(text, end)
    if particles is None:
        # The span may end inside the particles: one or two, or the first of two.
        tail = text.rfind(" ", start, end)
        for _ in range(MOST_PARTICLES):
            if tail <= start or particles is not None or not text[tail + 1 : end].islower():
                break
            particles = lexicon.particles.match(text, tail)
            tail = text.rfind(" ", start, tail)
    if particles:
        word = _WORD.match(text, particles.end())
        if word:
            end = start + len(lexicon.owner.sub("", text[start : word.end()]))
    syllable = re.match(r"-[a-z]{2,5}\b", text[end : end + 7])
    if syllable and text.find(" ", start, end) > 0 and len(text[start:end].rsplit(" ", 1)[-1]) <= 6:
        end += syllable.end()
    return name if end == name.end else replace(name, end=end)


def beside(text: str, name: Name, gazetteer: Gazetteer) -> str | None:
    """The label that the words beside a name speak for, if they do: "Moncler shares", "the city of Izmir"."""
    after = text[name.end : name.end + 1]
    if after and after in " ,'’":
        if gazetteer.lexicon.person_follows.match(text, name.end):
            return "PERSON"
        if gazetteer.lexicon.org_follows.match(text, name.end):
            return "ORG"
    word = before(text, name.start)
    if word in gazetteer.lexicon.organisation_before or text.endswith(gazetteer.lexicon.shares_before, 0, name.start):
        return "ORG"
    if word in gazetteer.lexicon.place_before or (
        word == "of" and before(text, name.start - 3) in gazetteer.lexicon.place_before
    ):
        return "GPE"
    if text[name.start : name.end] in gazetteer.places:
        if word in gazetteer.lexicon.within:
            return "GPE"
        region = _REGION.match(text, name.end) if after == "," else None
        if region and gazetteer.labels.get(region[1]) == "GPE":
            return "GPE"
    return None


def dateline(text: str, start: int, end: int, gazetteer: Gazetteer) -> tuple[int, list[Name]]:
    """Places and agency of a dateline at the start of a block, and its end (`start` if there is none)."""
    match = _DATELINE.match(text, start, end)
    if not match or match.end() - start > 90:
        return start, []
    found = []
    for part in re.finditer(r"[^/,]+", match["places"]):
        core = part.group().strip()
        low = match.start("places") + part.start() + (len(part.group()) - len(part.group().lstrip()))
        if core.title() in gazetteer.places or core in gazetteer.places or (match["agency"] and part.start() == 0):
            found.append(Name(low, low + len(core), "GPE", "dateline"))
    if not found:
        return start, []
    if match["agency"]:
        found.append(Name(match.start("agency"), match.end("agency"), "ORG", "dateline"))
    return match.end(), found


def title_case(block: str) -> bool:
    """Whether capitals say nothing here: nearly every longer word of a short block has one, or all letters do."""
    words = [word for word in _WORD.findall(block) if len(word) > _SMALL]
    if len(words) < 2 or len(block) > 160:
        return False
    capital = sum(word[0].isupper() or word[0].isdigit() for word in words)
    return capital >= 0.8 * len(words) and (len(words) > 2 or block[-1:].isalnum())
