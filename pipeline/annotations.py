"""The annotations that ship with copydesk: entities and subjects, as their annotators write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One span of the text (or of the headline, if `where` says so) that names an entity."""

    start: int
    end: int
    text: str
    where: Literal["body", "headline"] = "body"
    metonym: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The thing in the world: knowledge base, id, and how sure."""

    kb: str  # "geonames" | "wikidata" | "iso3166"
    id: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Geo:
    """Where a place is: ISO 3166-1 alpha-2 country, WGS 84 degrees."""

    country_code: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A resolved thing; `type` is an OntoNotes label: PERSON ORG GPE LOC FAC NORP PRODUCT EVENT WORK_OF_ART LAW.

    `link` None means looked for and not found; `link_attempted` False means nobody looked.
    """

    id: str
    type: str
    name: str
    mentions: tuple[Mention, ...]
    aliases: tuple[str, ...] = ()
    salience: float = 0.0
    confidence: float = 0.0
    link: Link | None = None
    link_attempted: bool = False
    geo: Geo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A span of the text that spoke for a subject."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an article is about: a code of a scheme, its path from the top, confidence 0-1, and why."""

    scheme: str  # "medtop", or the name of the user's own scheme
    scheme_version: str
    code: str  # medtop:04000000
    name: str
    path: tuple[str, ...]
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    by: str = "classification"  # which component decided: "classification", or "source" for given ones
