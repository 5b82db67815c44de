"""One frozen record per state of an article, and the parts they are made of.

    RawArticle -> CleanedArticle -> AnnotatedArticle -> EnrichedArticle

Each state composes the one before it. All offsets count Unicode code points of `Text.value`
(Python string indices), `start` inclusive, `end` exclusive; they hold `text.value[start:end] == span.text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SegmentKind = Literal["paragraph", "heading", "quote", "list", "caption", "table", "dateline", "byline", "credit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an article came from: Kafka coordinates (absent without a broker) and the hash of its original bytes."""

    raw_sha256: str
    size: int  # bytes
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    timestamp: float | None = None  # seconds since the epoch, as the broker stamped it
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSubject:
    """A subject the source itself gave: `code` is a current `medtop:` code where it maps to one."""

    name: str | None = None
    uri: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known about an article beside its text. Given fields win over what a page says of itself.

    Timestamps are RFC 3339 strings with a zone.
    """

    title: str | None = None
    by: str | None = None
    source: str | None = None  # the outlet's name
    source_uri: str | None = None
    url: str | None = None  # canonical where known
    language: str | None = None  # as given, BCP 47
    published_at: str | None = None
    modified_at: str | None = None
    fetched_at: str | None = None
    content_type: str | None = None
    section: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    given_subjects: tuple[GivenSubject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as it was fed: exactly one of `body` (plain text) and `html` is used; html wins where both are."""

    uri: str
    meta: Metadata
    origin: Origin
    body: str | None = None
    html: str | None = None
    flags: tuple[str, ...] = ()  # quality flags already known from decoding (naive_timestamp, ...)
    unknown_fields: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One block of the text. `level` is 2..6 for headings. `language` only where it differs from the article's."""

    kind: SegmentKind
    start: int
    end: int
    level: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A line that was not the article: what it was, and which rule says so."""

    kind: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """BCP 47 tag, "und" where nothing is sure enough; confidence 0-1."""

    tag: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Score 0-1 and flags of a closed set (docs/cleaning.md)."""

    score: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The cleaned text that every offset of the record refers to; segments are joined by a blank line."""

    value: str
    sha256: str
    language: Language
    segments: tuple[Segment, ...]
    removed: tuple[Removed, ...]
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that took part: sha256 is over its files, 16 hex digits or more."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What did a stage's work; all of it goes into the pipeline fingerprint."""

    name: str
    version: str
    config: str = ""  # hash of what was configured, empty for the defaults
    model: Model | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """One stage's entry in the provenance. `status` is ok, skipped (an optional step without a model) or fallback."""

    stage: str
    component: Component
    status: Literal["ok", "skipped", "fallback"] = "ok"
    started_at: float = 0.0  # seconds since the epoch
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One span of the text (or of the headline, where `where` says so) that names an entity."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedArticle:
    """Decoded and cleaned. `run` is written by the line, not by the stage."""

    uri: str
    meta: Metadata
    origin: Origin
    text: Text
    run: StageRun | None = None

    @property
    def stages(self) -> tuple[StageRun, ...]:
        """What ran so far, in order."""
        return (self.run,) if self.run else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedArticle:
    """Cleaned, with its entities; `entities` None where the step was skipped (a language without a model)."""

    cleaned: CleanedArticle
    entities: tuple[Entity, ...] | None
    run: StageRun | None = None

    @property
    def stages(self) -> tuple[StageRun, ...]:
        """What ran so far, in order."""
        return (*self.cleaned.stages, self.run) if self.run else self.cleaned.stages


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle:
    """The whole record. `subjects` None where the step was skipped; empty where the classifier abstained."""

    annotated: AnnotatedArticle
    subjects: tuple[Subject, ...] | None
    run: StageRun | None = None

    @property
    def stages(self) -> tuple[StageRun, ...]:
        """What ran, in order."""
        return (*self.annotated.stages, self.run) if self.run else self.annotated.stages

    @property
    def status(self) -> Literal["complete", "partial"]:
        """Complete, or partial where an optional step was skipped."""
        skipped = self.annotated.entities is None or self.subjects is None
        return "partial" if skipped else "complete"
