"""Links names to places: GeoNames' ids, by what the text says. A wrong place is worse than none.

In this order: what stands right beside the name ("Paris, Texas", "Athens in the state of Georgia"); one meaning of a
name in one document; countries, nations, continents; the states that the document names and the towns it names nearby;
population, where one candidate is many times as large as the next; the countries it names. What is left has no link.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.entities.lexicon import Lexicon
from pipeline.entities.linking.gazetteer import Gazetteer, Place
from pipeline.entities.names import Name

_TOWN = 15_000  # smaller ones are meant only if the text says so
_MUCH = 8  # times as large as the next: the one everybody means
_CAPITAL = 3  # enough for a capital
_OVERWHELMING = 40  # the other is meant only if the text says so beside it
_CITY_SIZE = 50_000  # known without its country
_NEAR = 160  # kilometres
_ANCHORS = 50  # cities of a document that speak for others: a list of all the world's says nothing
_REGION = re.compile(r"[A-Z][\w.]*(?: [A-Z][\w.]*){0,2}")
_CITY = frozenset({"city", "capital"})


@dataclass(frozen=True, slots=True)
class Located:
    """A place and how sure it is meant, 0-1 (docs/entities.md says where the numbers are from)."""

    place: Place
    confidence: float


_NOWHERE = Located(Place("", 0, "", "", "", None, None, 0), 0.0)


@dataclass(slots=True)
class Context:
    """What a document says of where it is: countries, first-level divisions ("US.TX"), cities that can only be one."""

    countries: set[str] = field(default_factory=set)
    divisions: set[str] = field(default_factory=set)
    cities: dict[str, Place] = field(default_factory=dict)

    def near(self, core: str, place: Place) -> bool:
        """Whether the document names another city near that place, or its division; no spelling speaks for another."""
        if f"{place.country}.{place.admin1}" in self.divisions:
            return True
        return any(
            other != core and city.id != place.id and _distance(city, place) <= _NEAR
            for other, city in self.cities.items()
        )


def locate(text: str, names: Sequence[Name], gazetteer: Gazetteer) -> list[Located | None]:
    """The place of each name (of those labelled GPE or LOC; None for all others), in order."""
    cores = [text[name.start : name.end] for name in names]
    found: list[Located | None] = [None] * len(names)
    context = _context(text, names, cores, gazetteer)
    stated: dict[str, set[Place]] = {}
    for index, (name, core) in enumerate(zip(names, cores, strict=True)):
        if name.label not in {"GPE", "LOC"}:
            continue
        candidates = gazetteer.places.get(core) or _candidates(core, gazetteer)
        if not candidates:
            continue
        if _regional(text, name, gazetteer.lexicon):
            candidates = tuple(place for place in candidates if place.kind not in _CITY)
            found[index] = _meant(core, candidates, context) or _NOWHERE
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
    return [None if place is _NOWHERE else place for place in found]


def _regional(text: str, name: Name, lexicon: Lexicon) -> bool:
    """Whether the words beside a name say that it is no city: "Cordoba province", "the island of Victoria"."""
    return bool(
        lexicon.regional_after.match(text, name.end)
        or lexicon.regional_before.search(text, max(0, name.start - 16), name.start)
    )


def _plain(core: str) -> str:
    if core.startswith("the "):
        return f"The {core[4:]}"
    return core.title() if core.isupper() and len(core) > 4 else core


def _candidates(core: str, gazetteer: Gazetteer) -> tuple[Place, ...]:
    state = gazetteer.lexicon.states.get(core)
    if state:
        return tuple(place for place in gazetteer.states if place.admin1 == state)
    if core in gazetteer.lexicon.divisions and core not in gazetteer.nations:
        return ()  # Ontario is not Ontario, California
    return gazetteer.places.get(core) or gazetteer.places.get(_plain(core), ())


def _area(region: str, gazetteer: Gazetteer) -> tuple[str, str] | None:
    """Country and division of a region's name ("Texas" -> US, TX; "France" -> FR, ""), None if it is none."""
    code = gazetteer.lexicon.states.get(region)
    if code:
        return "US", code
    if division := _division(gazetteer.lexicon.divisions.get(region)):
        return division
    for place in gazetteer.places.get(region, ()):
        if place.kind in {"state", "nation"}:
            return place.country, place.admin1
        if place.kind == "country" and region != "Georgia":
            return place.country, ""
    return None


def _division(code: str | None) -> tuple[str, str] | None:
    """Country and division of "CA.08"."""
    if not code:
        return None
    country, _, division = code.partition(".")
    return country, division


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
    follows = gazetteer.lexicon.region_follows.match(text, name.end)
    if follows:
        match = _REGION.match(text, follows.end())
        regions += _shorter(match.group()) if match else []
    before = gazetteer.lexicon.region_before.search(text, max(0, name.start - 60), name.start)
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


def _distance(one: Place, other: Place) -> float:
    """Kilometres, on a flat map: good for a few hundred."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    north = (one.latitude - other.latitude) * 111.2
    east = (one.longitude - other.longitude) * 111.2 * math.cos(math.radians(one.latitude))
    return math.hypot(north, east)


def _context(text: str, names: Sequence[Name], cores: Sequence[str], gazetteer: Gazetteer) -> Context:
    context = Context()
    for name, core in zip(names, cores, strict=True):
        area: tuple[str, str] | None = None
        if name.label == "NORP":
            area = _division(gazetteer.lexicon.peoples_of_divisions.get(core)) or (gazetteer.peoples.get(core, ""), "")
        elif name.label == "GPE" and core not in gazetteer.lexicon.double:
            area = _area(core, gazetteer)
            cities = [place for place in _candidates(core, gazetteer) if place.population >= _TOWN]
            if (
                area is None
                and cities
                and len(context.cities) < _ANCHORS
                and cities[0].kind in _CITY
                and _dominant(cities)
            ):
                context.cities[core] = cities[0]
        if area and area[0]:
            context.countries.add(area[0])
            if area[1]:
                context.divisions.add(".".join(area))
    if gazetteer.lexicon.american.search(text):
        context.countries.add("US")
    for match in gazetteer.lexicon.abbreviated_region.finditer(text):
        code = gazetteer.lexicon.states.get(match[1])
        if code:
            context.divisions.add(f"US.{code}")
    return context


def _dominant(cities: Sequence[Place]) -> bool:
    return len(cities) == 1 or cities[0].population >= _MUCH * cities[1].population


def _meant(core: str, candidates: tuple[Place, ...], context: Context) -> Located | None:
    """The place that a name means in a document that does not say so beside it."""
    countries = [place for place in candidates if place.kind in {"country", "nation", "continent"}]
    states = [place for place in candidates if place.kind == "state"]
    cities = [place for place in candidates if place.kind in _CITY and place.population >= _TOWN]
    if countries and states:
        return _georgia(countries[0], states[0], context)
    if countries:
        return Located(countries[0], 0.99)
    if states and not cities:
        return Located(states[0], 0.99)
    if states:  # Washington, New York
        return Located(cities[0], 0.95) if cities[0].population >= 500_000 else None
    if not cities:
        return None
    first = cities[0]
    ratio = first.population / cities[1].population if len(cities) > 1 else math.inf
    national = [place for place in cities if place.country in context.countries]
    supported = [place for place in candidates if place.kind in _CITY and context.near(core, place)]
    if len(supported) == 1 and supported[0] is not first:
        other = supported[0]
        if other.population < _TOWN or ratio >= _OVERWHELMING:
            return Located(first, 0.9) if first in national else None
        return Located(other, 0.95) if first not in national or first.country == other.country else None
    if supported and supported[0] is first:
        return Located(first, 0.98)
    if ratio >= _MUCH or (first.kind == "capital" and ratio >= _CAPITAL):
        if ratio < _OVERWHELMING and national and first not in national:
            return None  # Kingston, in a text about Canada
        if first.population < _CITY_SIZE and first not in national:
            return None  # as likely a family or a street
        return Located(first, 0.97 if first in national or ratio >= _OVERWHELMING else 0.93)
    if len({place.country for place in national}) == 1 and _dominant(national):
        return Located(national[0], 0.9)
    return None


def _georgia(country: Place, state: Place, context: Context) -> Located | None:
    """The country or the state of that name, by the cities and then by the countries a document names."""
    stately = any(city.country == state.country and city.admin1 == state.admin1 for city in context.cities.values())
    national = any(city.country == country.country for city in context.cities.values())
    if stately == national:
        stately = bool(context.divisions) or state.country in context.countries
        national = bool(context.countries & {country.country, "RU", "AM", "AZ"})
    if stately == national:
        return None
    return Located(state if stately else country, 0.9)
