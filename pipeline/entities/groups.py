"""Which names are one thing: by their spelling, by the link they share, by initials, company forms and first names.

names of an article -> groups, each of which becomes one entity; no two of them have one link
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.entities.lexicon import Lexicon
from pipeline.entities.linking import organisations
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.linking.places import Located
from pipeline.entities.mentions import span_rules
from pipeline.entities.mentions.mention_rules import Aliases, key
from pipeline.entities.names import Name

_BESIDE = 20  # characters before a name: "shares of "
_INITIALS = 3  # letters of an acronym that nothing explains but the full name elsewhere in the article
_OF_A_COMPANY = 2  # if that name has a company's form: "GM" is "General Motors Co"


@dataclass(slots=True, eq=False)
class Group:
    """Names that are one thing, in the order of the text, and the text of each; `organisation` is its Wikidata id."""

    names: list[Name] = field(default_factory=list)
    cores: list[str] = field(default_factory=list)
    located: Located | None = None
    organisation: str | None = None

    def spelt(self, label: str) -> tuple[str, ...]:
        """The spellings of the names with that label, each once."""
        return tuple(
            dict.fromkeys(core for name, core in zip(self.names, self.cores, strict=True) if name.label == label)
        )


def gather(
    text: str, names: Sequence[Name], located: Sequence[Located | None], aliases: Aliases, gazetteer: Gazetteer
) -> list[Group]:
    """The things of an article, in the order in which it names them."""
    groups: dict[tuple[str, str], Group] = {}
    full_names = _full_names(text, names)
    for name, place in zip(names, located, strict=True):
        core = text[name.start : name.end]
        group = groups.setdefault(_identity(core, name.label, place, aliases, full_names, gazetteer), Group())
        group.names.append(name)
        group.cores.append(core)
        group.located = place
    found = list(groups.values())
    lexicon = gazetteer.lexicon
    for group in found:
        if group.located is None:
            group.organisation = organisations.find(_telling(group, aliases, lexicon))
    found = _united(found, lambda one: (one.organisation,) if one.organisation else ())
    for group in found:
        if group.organisation and _a_common_word(text, group, lexicon):
            group.organisation = None
    found = _shorter(found, _long_forms(found, lexicon), "ORG", _same_organisation)
    return _shorter(found, _first_names(found), "PERSON", None)


def _full_names(text: str, names: Sequence[Name]) -> dict[tuple[str, str], str]:
    """The longest form of a person's name by first and last word: "Donald J. Trump" is "Donald Trump"."""
    longest: dict[tuple[str, str], str] = {}
    for name in names:
        words = text[name.start : name.end].split()
        if name.label == "PERSON" and len(words) >= 2:
            ends = (key(words[0]), key(words[-1]))
            longest[ends] = max(longest.get(ends, ""), " ".join(words), key=len)
    return longest


def _identity(
    core: str,
    label: str,
    place: Located | None,
    aliases: Aliases,
    full_names: dict[tuple[str, str], str],
    gazetteer: Gazetteer,
) -> tuple[str, str]:
    if place:
        return "place", str(place.place.id)
    if label == "NORP" and (country := gazetteer.peoples.get(core) or gazetteer.peoples.get(key(core))):
        return "people", country
    if label in {"PERSON", "ORG"}:
        core = aliases.full.get(key(core), core)
    words = core.split()
    if label == "PERSON" and len(words) >= 2:
        core = full_names.get((key(words[0]), key(words[-1])), core)
    if label == "ORG":
        core = _bare(core, gazetteer.lexicon)
    return label, key(core)


def _bare(core: str, lexicon: Lexicon) -> str:
    """A company's name without its form: "Mercedes-Benz Group AG" is "Mercedes-Benz"."""
    words = core.split()
    while len(words) >= 2 and words[-1].rstrip(".") in lexicon.corporate:
        words.pop()
    return " ".join(words).rstrip(",")


def _telling(group: Group, aliases: Aliases, lexicon: Lexicon) -> Iterable[str]:
    """The names of an organisation that may be looked up.

    An acronym that the article explains means what the article says, and only that.
    """
    for core in group.spelt("ORG"):
        full = aliases.full.get(key(core), core)
        bare = _bare(full, lexicon)
        yield full
        yield bare
        if key(bare) == key(_bare(core, lexicon)):
            yield core
            yield key(core)


def _a_common_word(text: str, group: Group, lexicon: Lexicon) -> bool:
    """Whether an organisation is called only by a word that the article also has in small letters: "Apple", "apples".

    Not if the words beside one of its names speak of a company.
    """
    spelt = {core.lower() for core in group.cores}
    word = spelt.pop()
    if spelt or not word.isalpha() or not re.search(rf"\b{word}(?:e?s)?\b", text):
        return False
    return not any(
        lexicon.org_follows.match(text, name.end)
        or text[max(0, name.start - _BESIDE) : name.start].endswith(lexicon.shares_before)
        or span_rules.before(text, name.start) in lexicon.organisation_before
        for name in group.names
    )


def _united(groups: list[Group], handles: Callable[[Group], Iterable[str]]) -> list[Group]:
    """Groups that share a handle as one, at the place of the first."""
    first: dict[str, Group] = {}
    kept: list[Group] = []
    for group in groups:
        known = next((first[handle] for handle in handles(group) if handle in first), None)
        if known is None:
            kept.append(group)
            first.update(dict.fromkeys(handles(group), group))
        else:
            _join(known, group)
    return kept


def _join(one: Group, other: Group) -> None:
    pairs = sorted(
        zip([*one.names, *other.names], [*one.cores, *other.cores], strict=True), key=lambda pair: pair[0].start
    )
    one.names = [name for name, _ in pairs]
    one.cores = [core for _, core in pairs]
    one.organisation = one.organisation or other.organisation


def _shorter(
    groups: list[Group],
    long_forms: dict[str, list[Group]],
    label: str,
    agree: Callable[[Group, Group], bool] | None,
) -> list[Group]:
    """Each group that has only short forms joined to the one group whose long form it may be short for."""
    joined: list[tuple[Group, Group]] = []
    for group in groups:
        spelt = group.spelt(label)
        wanted = [long for core in spelt for long in long_forms.get(key(core), ()) if long is not group]
        if not wanted or any(name.label != label for name in group.names) or any(" " in core for core in spelt):
            continue
        meant = wanted[0]
        if all(long is meant for long in wanted) and (agree is None or agree(group, meant)):
            joined.append((meant, group))
    gone: set[int] = set()
    for meant, group in joined:
        if id(meant) not in gone:  # a short form is never a long one, but a group may have both
            _join(meant, group)
            gone.add(id(group))
    return [group for group in groups if id(group) not in gone]


def _same_organisation(short: Group, long: Group) -> bool:
    """Whether nothing known of two organisations tells them apart.

    A well-known acronym is not the initials of an organisation that nobody lists: WHO is no World Heritage Office.
    """
    if short.organisation and not long.organisation:
        return not any(core.isupper() for core in short.cores)
    return short.organisation is None or short.organisation == long.organisation


def _long_forms(groups: list[Group], lexicon: Lexicon) -> dict[str, list[Group]]:
    """Organisations by what they may be shortened to: initials, and what stands before a company's form."""
    forms: dict[str, list[Group]] = {}
    for group in groups:
        if group.located:
            continue
        for core in group.spelt("ORG"):
            words = core.split()
            if len(words) < 2:
                continue
            bare = _bare(core, lexicon).split()
            formed = len(bare) < len(words)
            initials = "".join(word[0] for word in bare if word not in lexicon.connecting)
            shorts = set()
            if initials.isupper() and len(initials) >= (_OF_A_COMPANY if formed else _INITIALS):
                shorts.add(initials)
            if formed and len(bare) >= 2 and all(word in lexicon.organisation for word in bare[1:]):
                shorts.add(key(bare[0]))  # "Nissan Motor Co": Nissan
            for short in shorts:
                _note(forms.setdefault(short, []), group)
    return forms


def _first_names(groups: list[Group]) -> dict[str, list[Group]]:
    """Persons with a full name, by their first."""
    forms: dict[str, list[Group]] = {}
    for group in groups:
        for core in group.spelt("PERSON"):
            first, _, rest = core.partition(" ")
            if rest and len(first.rstrip(".")) > 1:
                _note(forms.setdefault(key(first), []), group)
    return forms


def _note(known: list[Group], group: Group) -> None:
    """Add a group, once: they come in order, so that only the last can be the same."""
    if not known or known[-1] is not group:
        known.append(group)
