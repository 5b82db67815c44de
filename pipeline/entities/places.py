"""Which place a name means: GeoNames' ids, from what the text says of it. A wrong place is worse than none.

In this order: what stands right beside the name ("Paris, Texas", "Athens in the state of Georgia"); one meaning of a
name in one document; countries, nations, continents; the states and countries that the document names; population,
where one candidate is many times as large as the next. What is left over has no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.entities import lexicon
from pipeline.entities.gazetteer import Gazetteer, Place
from pipeline.entities.rules import Name

_TOWN = 15_000  # smaller ones are meant only where the text says so
_MUCH = 8  # times as large as the next: the one everybody means
_OVERWHELMING = 40  # not even a mention of the other's state changes it
_FOLLOWS = re.compile(
    r",? (?:in|near) (?:the )?(?:(?:US|U\.S\.|American|Canadian|British) )?(?:state|province|county)? ?(?:of )?"
    r"(?:(?:(?:north|south|east|west)(?:ern)?|(?:north|south)(?:east|west)(?:ern)?|central|rural|upstate|coastal) )?"
)
_BEFORE = re.compile(r"([A-Z][\w.]+(?: [A-Z][\w.]+)?)(?:['’]s)? (?:\w+ )?(?:city|town|village|capital|suburb|port|community) of $")
_REGION = re.compile(r"[A-Z][\w.]*(?: [A-Z][\w.]*){0,2}")
_CITY = frozenset({"city", "capital"})


@dataclass(frozen=True, slots=True)
class Located:
    """A place and how sure it is meant, 0-1 (docs/entities.md says where the numbers are from)."""

    place: Place
    confidence: float


@dataclass(slots=True)
class Context:
    """Countries and first-level divisions ("US.TX") that a document names, with how often."""

    countries: dict[str, int] = field(default_factory=dict)
    divisions: dict[str, int] = field(default_factory=dict)


def locate(text: str, names: Sequence[Name], gazetteer: Gazetteer) -> list[Located | None]:
    """The place of each name (of those labelled GPE or LOC; None for all others), in order."""
    cores = [text[name.start : name.end] for name in names]
    found: list[Located | None] = [None] * len(names)
    context = _context(text, names, cores, gazetteer)
    stated: dict[str, set[Place]] = {}
    for index, (name, core) in enumerate(zip(names, cores, strict=True)):
        if name.label not in {"GPE", "LOC"}:
            continue
        candidates = _candidates(core, gazetteer)
        if not candidates:
            continue
        place = _stated(text, name, candidates, gazetteer)
        if place:
            found[index] = Located(place, 0.99)
            stated.setdefault(_plain(core), set()).add(place)
    meant: dict[str, Located | None] = {}
    for index, (name, core) in enumerate(zip(names, cores, strict=True)):
        if found[index] is not None or name.label not in {"GPE", "LOC"}:
            continue
        if core not in meant:
            senses = stated.get(_plain(core), set())
            if len(senses) == 1:
                meant[core] = Located(next(iter(senses)), 0.97)
            elif senses:
                meant[core] = None
            else:
                meant[core] = _meant(core, _candidates(core, gazetteer), context)
        found[index] = meant[core]
    return found


def _plain(core: str) -> str:
    return core.title() if core.isupper() and len(core) > 4 else core


def _candidates(core: str, gazetteer: Gazetteer) -> tuple[Place, ...]:
    return gazetteer.places.get(core) or gazetteer.places.get(_plain(core), ())


def _area(region: str, gazetteer: Gazetteer) -> tuple[str, str] | None:
    """Country and division of a region's name ("Texas" -> US, TX; "France" -> FR, ""), None where it is none."""
    code = lexicon.STATES.get(region)
    if code:
        return "US", code
    division = lexicon.DIVISIONS.get(region)
    if division:
        country, _, code = division.partition(".")
        return country, code
    for place in gazetteer.places.get(region, ()):
        if place.kind in {"state", "nation"}:
            return place.country, place.admin1
        if place.kind == "country" and region != "Georgia":
            return place.country, ""
    return None


def _within(candidates: Iterable[Place], area: tuple[str, str]) -> Place | None:
    """The one city in an area: the largest, if it is much the largest there."""
    country, division = area
    inside = [
        place
        for place in candidates
        if place.kind in _CITY and place.country == country and (not division or place.admin1 == division)
    ]
    if not inside or (len(inside) > 1 and inside[0].population < 3 * inside[1].population):
        return None
    return inside[0]


def _stated(text: str, name: Name, candidates: tuple[Place, ...], gazetteer: Gazetteer) -> Place | None:
    """The place that the words beside a name state."""
    regions: list[str] = []
    if text[name.end : name.end + 2] == ", ":
        match = _REGION.match(text, name.end + 2)
        regions += _shorter(match.group()) if match else []
    follows = _FOLLOWS.match(text, name.end)
    if follows:
        match = _REGION.match(text, follows.end())
        regions += _shorter(match.group()) if match else []
    before = _BEFORE.search(text, max(0, name.start - 60), name.start)
    if before:
        regions += _shorter(before.group(1))
        regions += before.group(1).split(" ")[-1:]
    for region in regions:
        area = ("US", "GA") if region == "Georgia" and _american(candidates) else _area(region, gazetteer)
        place = _within(candidates, area) if area else None
        if place:
            return place
    after = text[name.end : name.end + 7].lower()
    states = [place for place in candidates if place.kind == "state"]
    if states and (after.startswith(" state") or text[max(0, name.start - 9) : name.start].endswith("state of ")):
        return states[0]
    return None


def _american(candidates: Iterable[Place]) -> bool:
    return any(place.country == "US" and place.admin1 == "GA" for place in candidates)


def _shorter(region: str) -> list[str]:
    """A region's name and its beginnings: the capital after it may not be a part ("Texas Governor")."""
    words = region.split(" ")
    names = [" ".join(words[:length]) for length in range(len(words), 0, -1)]
    return [*names, *(name.rstrip(".") for name in names if name.endswith("."))]


def _context(text: str, names: Sequence[Name], cores: Sequence[str], gazetteer: Gazetteer) -> Context:
    context = Context()
    for name, core in zip(names, cores, strict=True):
        area: tuple[str, str] | None = None
        if name.label == "NORP":
            area = (gazetteer.peoples.get(core, ""), "")
        elif name.label == "GPE" and core != "Georgia" and not (core == "Washington" or core == "New York"):
            area = _area(core, gazetteer)
        if area and area[0]:
            context.countries[area[0]] = context.countries.get(area[0], 0) + 1
            if area[1]:
                division = ".".join(area)
                context.divisions[division] = context.divisions.get(division, 0) + 1
    for match in re.finditer(r", ([A-Z][a-z]+\.|[A-Z]\.[A-Z]\.|D\.C\.)", text):
        code = lexicon.STATES.get(match[1])
        if code:
            context.divisions[f"US.{code}"] = context.divisions.get(f"US.{code}", 0) + 1
    return context


def _meant(core: str, candidates: tuple[Place, ...], context: Context) -> Located | None:
    """The place that a name means in a document that does not say so beside it."""
    if not candidates:
        return None
    countries = [place for place in candidates if place.kind in {"country", "nation", "continent"}]
    states = [place for place in candidates if place.kind == "state"]
    cities = [place for place in candidates if place.kind in _CITY and place.population >= _TOWN]
    if countries and states:  # Georgia
        american = any(division.startswith("US.") for division in context.divisions)
        neighbours = context.countries.keys() & {"RU", "AM", "AZ", "UA"}
        if bool(american or "US" in context.countries) == bool(neighbours or "GE" in context.countries):
            return None
        return Located(states[0] if not neighbours else countries[0], 0.85)
    if countries:
        return Located(countries[0], 0.99)
    capital = next((place for place in cities if place.kind == "capital"), None)
    if states and not cities:
        return Located(states[0], 0.99)
    if states:  # Washington, New York
        return Located(cities[0], 0.95) if cities[0].population >= 500_000 else None
    if not cities:
        return None
    first, rest = cities[0], cities[1:]
    ratio = first.population / rest[0].population if rest else float("inf")
    divided = [place for place in cities if f"{place.country}.{place.admin1}" in context.divisions]
    if len(divided) == 1 and (divided[0] is first or ratio < _OVERWHELMING):
        return Located(divided[0], 0.95)
    if ratio >= _MUCH or (capital is first and ratio >= 3):
        if first.country in context.countries or not rest or ratio >= _OVERWHELMING:
            return Located(first, 0.97)
        return Located(first, 0.93)
    national = [place for place in cities if place.country in context.countries]
    if len({place.country for place in national}) == 1 and (
        len(national) == 1 or national[0].population >= _MUCH * national[1].population
    ):
        return Located(national[0], 0.9)
    return None
