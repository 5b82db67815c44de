"""An article, on its way from what was fed to the whole record, and the parts it is made of.

    RawArticle -cleaning-> Article -annotators-> the same Article with more layers

All offsets count Unicode code points of `Text.value` (Python string indices), `start` inclusive, `end` exclusive; they
hold `text.value[start:end] == span.text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from pipeline.annotations import Entity, Subject
from pipeline.editorial import USABLE, Editorial

SegmentKind = Literal["paragraph", "heading", "quote", "list", "caption", "table", "dateline", "byline", "credit"]
# ok; skipped: nobody looked (a language without a model, say); fallback: by a slower way; failed: the layer is missing
Status = Literal["ok", "skipped", "fallback", "failed"]
Json = Any  # what orjson reads and writes: dict, list, str, int, float, bool, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What was said of the bytes beside them, by a message's headers. A field of the article itself wins."""

    content_type: str | None = None  # decides by which format they are read
    url: str | None = None
    title: str | None = None
    language: str | None = None  # BCP 47
    published_at: str | None = None  # RFC 3339 or an ISO 8601 date


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an article came from: Kafka coordinates (absent without a broker) and the hash of its original bytes.

    `hints` are for the format that reads the bytes; an article that was read has none.
    """

    raw_sha256: str
    size: int  # bytes
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    timestamp: float | None = None  # seconds since the epoch, as the broker stamped it
    traceparent: str | None = None
    hints: Hints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSubject:
    """A subject the source itself gave: `code` is a current `medtop:` code if it maps to one."""

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
    authors: tuple[str, ...] = ()  # the names of `by`
    source: str | None = None  # the outlet's name
    source_uri: str | None = None
    url: str | None = None  # canonical if known
    given_url: str | None = None  # what it was fed with, if its page declares another
    language: str | None = None  # as given, BCP 47
    published_at: str | None = None
    modified_at: str | None = None
    fetched_at: str | None = None
    content_type: str | None = None
    section: str | None = None
    description: str | None = None
    image: str | None = None  # address of the picture that stands for the article
    keywords: tuple[str, ...] = ()
    given_subjects: tuple[GivenSubject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as it was fed: exactly one of `body` (plain text) and `html` is used; html wins if both are given.

    A cancellation may have neither. `carried` are fields of ninjs that we do not compute, as the record has them.
    """

    uri: str
    meta: Metadata
    origin: Origin
    body: str | None = None
    html: str | None = None
    flags: tuple[str, ...] = ()  # quality flags already known from decoding (naive_timestamp, ...)
    unknown_fields: int = 0
    unknown_names: tuple[str, ...] = ()  # of those fields, the first 50
    editorial: Editorial = USABLE
    carried: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One block of the text. `level` is 2..6 for headings. `language` only if it differs from the article's."""

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
    """BCP 47 tag, "und" if nothing is sure enough; confidence 0-1."""

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
    """One stage's entry in the provenance. A stage with several annotators has one for each."""

    stage: str
    component: Component
    status: Status = "ok"
    started_at: float = 0.0  # seconds since the epoch
    duration_ms: float = 0.0


@dataclass(slots=True, kw_only=True)
class Layer:
    """What one annotator wrote about one article, as JSON; as objects if an annotator reads them.

    `ninjs` is what it adds to the record's ninjs fields and `flags` what it adds to the quality flags; both are empty
    for a layer that was read from a record, which has them already.
    """

    json: Json
    objects: object = field(default=None, compare=False)
    read: Callable[[Json], object] | None = field(default=None, compare=False, repr=False)
    ninjs: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict, compare=False)
    flags: tuple[str, ...] = field(default=(), compare=False)
    labels: frozenset[str] = field(default=frozenset(), compare=False)  # what routes can name

    @property
    def value(self) -> Any:
        """The annotator's own objects; the JSON itself if nobody here knows how to read it."""
        if self.objects is None:
            self.objects = self.json if self.read is None else self.read(self.json)
        return self.objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A cleaned article. `layers` has what each annotator wrote; one that was skipped or failed has no layer.

    `record` is the JSON object that the article was read from, if it was: what a hop does not change is carried in it
    as it is. It is never changed in place. `carried` is what of the source's ninjs goes into the record's beginning.
    The text of a cancellation may be empty.
    """

    uri: str
    meta: Metadata
    origin: Origin
    text: Text
    layers: Mapping[str, Layer] = field(default_factory=dict)
    runs: tuple[StageRun, ...] = ()
    editorial: Editorial = USABLE
    carried: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)
    record: Mapping[str, Json] | None = field(default=None, compare=False, repr=False)

    @property
    def entities(self) -> tuple[Entity, ...] | None:
        """The layer of the entities annotator; None if it was skipped."""
        layer = self.layers.get("entities")
        return None if layer is None else cast("tuple[Entity, ...]", layer.value)

    @property
    def subjects(self) -> tuple[Subject, ...] | None:
        """The layer of the subjects annotator; None if it was skipped, empty if it abstained."""
        layer = self.layers.get("subjects")
        return None if layer is None else cast("tuple[Subject, ...]", layer.value)

    @property
    def status(self) -> Literal["complete", "partial"]:
        """Complete, or partial if an annotator was skipped or failed."""
        return "partial" if any(run.status in ("skipped", "failed") for run in self.runs) else "complete"

    def written(self, run: StageRun, *, layers: Mapping[str, Layer] | None = None) -> Article:
        """The article after one more run, with the layers that it wrote."""
        return replace(self, runs=(*self.runs, run), layers={**self.layers, **(layers or {})})
