"""Words of a language that say what the name beside them is: the lists of a language pack, and patterns of them."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.languages.registry import Pack

MOST_PARTICLES = 2  # what the pattern `particles` takes at most
_NEVER = re.compile(r"(?!)")
_MACRO = re.compile(r"<([a-z ]+?)(?: longer than (\d+))?>")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lexicon:
    """The lists of `lexicon.txt`, which says what each is for, and the patterns of `patterns.toml`; empty if absent."""

    organisation: frozenset[str]
    corporate: frozenset[str]
    club: frozenset[str]
    facility: frozenset[str]
    nature: frozenset[str]
    region: frozenset[str]
    not_a_surname: frozenset[str]
    well_known: tuple[str, ...]
    regions: tuple[str, ...]
    no_names: frozenset[str]
    calendar: frozenset[str]
    function: frozenset[str]
    titles: frozenset[str]
    roles: frozenset[str]
    organisation_before: frozenset[str]
    shares_before: tuple[str, ...]  # with the space behind
    place_before: frozenset[str]
    locative: frozenset[str]
    within: frozenset[str]
    offices: frozenset[str]
    title_ends: frozenset[str]
    title_middles: frozenset[str]
    connecting: frozenset[str]
    double: frozenset[str]
    articled: frozenset[str]
    states: dict[str, str]  # name -> code of a US state
    divisions: dict[str, str]  # name -> "CA.08"
    peoples_of_divisions: dict[str, str]

    titled: re.Pattern[str]
    leading_title: re.Pattern[str]
    role_follows: re.Pattern[str]
    person_follows: re.Pattern[str]
    org_follows: re.Pattern[str]
    product_follows: re.Pattern[str]
    speaking: re.Pattern[str]
    credit: re.Pattern[str]
    signed: re.Pattern[str]
    particles: re.Pattern[str]
    article: re.Pattern[str]
    leading: re.Pattern[str]
    owner: re.Pattern[str]
    possessive: re.Pattern[str]
    region_follows: re.Pattern[str]
    region_before: re.Pattern[str]
    american: re.Pattern[str]
    regional_after: re.Pattern[str]
    regional_before: re.Pattern[str]
    abbreviated_region: re.Pattern[str]


@functools.cache
def load(pack: Pack) -> Lexicon:
    """The lexicon of a pack. Raises ModelError if it cannot be read."""
    try:
        lists = _lists((pack.read("entities", "lexicon") or b"").decode())
        data = tomllib.loads((pack.read("entities", "patterns") or b"").decode())
        patterns = _patterns(data, lists)
        return _lexicon(lists, patterns)
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise pack.broken(f"its lexicon: {type(error).__name__}: {error}") from error


def _lists(text: str) -> dict[str, tuple[str, ...]]:
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            words = sections.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            words += line.split("|")
    return {name: tuple(words) for name, words in sections.items()}


def _any(words: Iterable[str]) -> str:
    """An alternation, the longer first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) + ")"


def _patterns(data: dict[str, dict[str, str]], lists: dict[str, tuple[str, ...]]) -> dict[str, re.Pattern[str]]:
    macros: dict[str, str] = {}

    def put(found: re.Match[str]) -> str:
        name, least = found.groups()
        if name in macros:
            return macros[name]
        if name in lists:
            return _any(word for word in lists[name] if len(word) > int(least or 0))
        return found[0]  # the name of a group

    for name, text in data.get("macros", {}).items():
        macros[name] = _MACRO.sub(put, text)
    return {name: re.compile(_MACRO.sub(put, text)) for name, text in data.get("patterns", {}).items()}


def _lexicon(lists: dict[str, tuple[str, ...]], patterns: dict[str, re.Pattern[str]]) -> Lexicon:
    def words(name: str) -> frozenset[str]:
        return frozenset(lists.get(name, ()))

    def coded(name: str) -> dict[str, str]:
        return {word: code for code, _, word in (entry.partition("=") for entry in lists.get(name, ()))}

    def pattern(name: str) -> re.Pattern[str]:
        return patterns.get(name, _NEVER)

    return Lexicon(
        organisation=words("organisation"),
        corporate=words("corporate"),
        club=words("club"),
        facility=words("facility"),
        nature=words("nature"),
        region=words("region"),
        not_a_surname=words("not a surname"),
        well_known=lists.get("well-known", ()),
        regions=lists.get("regions", ()),
        no_names=words("no names"),
        calendar=words("calendar"),
        function=words("function"),
        titles=words("titles"),
        roles=words("roles"),
        organisation_before=words("organisation before"),
        shares_before=tuple(f"{entry} " for entry in lists.get("shares before", ())),
        place_before=words("place before"),
        locative=words("locative"),
        within=words("within"),
        offices=words("offices"),
        title_ends=words("title ends"),
        title_middles=words("title middles"),
        connecting=words("connecting"),
        double=words("double"),
        articled=words("articled"),
        states=coded("states"),
        divisions=coded("divisions"),
        peoples_of_divisions=coded("peoples of divisions"),
        titled=pattern("titled"),
        leading_title=pattern("leading_title"),
        role_follows=pattern("role_follows"),
        person_follows=pattern("person_follows"),
        org_follows=pattern("org_follows"),
        product_follows=pattern("product_follows"),
        speaking=pattern("speaking"),
        credit=pattern("credit"),
        signed=pattern("signed"),
        particles=pattern("particles"),
        article=pattern("article"),
        leading=pattern("leading"),
        owner=pattern("owner"),
        possessive=pattern("possessive"),
        region_follows=pattern("region_follows"),
        region_before=pattern("region_before"),
        american=pattern("american"),
        regional_after=pattern("regional_after"),
        regional_before=pattern("regional_before"),
        abbreviated_region=pattern("abbreviated_region"),
    )
