"""Places, peoples and their names: GeoNames' (pipeline/data/places.tsv.gz) and the adjectives of a language pack."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.entities import lexicon, name_list
from pipeline.entities.lexicon import Lexicon
from pipeline.languages import registry
from pipeline.languages.registry import Pack

_LARGE = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """A row of GeoNames: `kind` is continent, country, nation, state, capital or city; degrees are WGS 84."""

    kind: str
    id: int
    name: str
    country: str
    admin1: str
    latitude: float | None
    longitude: float | None
    population: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """`places` by name, the more populous first; `peoples` by adjective ("Chinese" -> "CN", "" for no country).

    `labels` are OntoNotes labels of names that mean one thing wherever they stand ("China" is GPE).
    `cities` are names of large cities, which may also be a team, a family or a first name.
    """

    lexicon: Lexicon
    places: dict[str, tuple[Place, ...]]
    peoples: dict[str, str]
    labels: dict[str, str]
    cities: frozenset[str]
    states: tuple[Place, ...]
    nations: frozenset[str]


def _source() -> bytes:
    return (files("pipeline") / "data" / "places.tsv.gz").read_bytes()


@cache
def digest() -> str:
    """SHA-256 (hex) of the table of places."""
    return hashlib.sha256(_source()).hexdigest()


@cache
def _places() -> dict[str, tuple[Place, ...]]:
    """Places by name, in the table's order, which is by population: about 40,000, 50 ms."""
    places: dict[str, list[Place]] = {}
    for line in gzip.decompress(_source()).decode().splitlines():
        kind, number, name, country, admin1, latitude, longitude, population, others = line.split("\t")
        place = Place(
            kind,
            int(number),
            name,
            country,
            admin1,
            float(latitude) if latitude else None,
            float(longitude) if longitude else None,
            int(population),
        )
        for key in {name, *(other for other in others.split("|") if other)}:
            places.setdefault(key, []).append(place)
    return {name: tuple(candidates) for name, candidates in places.items()}


@cache
def load(pack: Pack | None = None) -> Gazetteer:
    """The tables with the words of a pack (English unless one is given), once per process. Raises ModelError."""
    pack = pack or registry.english()
    words = lexicon.load(pack)
    places, peoples = _places(), _peoples(pack)
    labels = dict.fromkeys(words.well_known, "ORG")
    labels.update((region, "LOC") for region in words.regions)
    cities: set[str] = set()
    for name, candidates in places.items():
        kinds = {place.kind for place in candidates}
        if kinds & {"country", "nation", "state"}:
            labels[name] = "GPE"
        elif "continent" in kinds:
            labels[name] = "LOC"
        elif candidates[0].population >= _LARGE:
            cities.add(name)
    labels.update((name, "NORP") for name in peoples)
    labels.update((name, "GPE") for name in (*words.states, *words.divisions) if len(name) > 3 or "." in name)
    labels.update((name, label) for name, (label, _) in name_list.load(pack).items())
    return Gazetteer(
        lexicon=words,
        places=places,
        peoples=peoples,
        labels=labels,
        cities=frozenset(cities),
        states=tuple(place for group in places.values() for place in group if place.kind == "state"),
        nations=frozenset(name for name, group in places.items() if group[0].kind == "nation"),
    )


def _peoples(pack: Pack) -> dict[str, str]:
    peoples: dict[str, str] = {}
    try:
        for line in (pack.read("entities", "peoples") or b"").decode().splitlines():
            country, names = line.split("\t")
            peoples.update((name, "" if country == "-" else country) for name in names.split("|"))
    except ValueError as error:
        raise pack.broken(f"its peoples: {error}; a line is CODE<tab>NAME|NAME") from error
    return peoples
