"""The record as it grows: cleaned, annotated and enriched are one ninjs 3.1 item with a filling `enrichment` object.

The wire is camelCase JSON; docs/schema/enriched-article.json is its JSON Schema. Decoding gives back an equal record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import orjson

from pipeline import __version__
from pipeline.codec import ninjs
from pipeline.codec.parts import (
    read_entity,
    read_run,
    read_subject,
    read_text,
    write_entity,
    write_run,
    write_subject,
    write_text,
)
from pipeline.errors import InputRefused, Reason
from pipeline.ids import fingerprint, record_id
from pipeline.records import AnnotatedArticle, CleanedArticle, EnrichedArticle, Metadata, Origin, StageRun

SCHEMA_VERSION = "1.0.0"
Article = CleanedArticle | AnnotatedArticle | EnrichedArticle
_T = TypeVar("_T")


def encode(article: Article) -> bytes:
    """One article as JSON bytes. The same article gives the same bytes."""
    return orjson.dumps(document(article))


def document(article: Article) -> dict[str, Any]:
    """One article as a JSON object: see docs/schema/."""
    enriched = article if isinstance(article, EnrichedArticle) else None
    annotated = enriched.annotated if enriched else article if isinstance(article, AnnotatedArticle) else None
    cleaned = annotated.cleaned if annotated else cast("CleanedArticle", article)
    text, meta = cleaned.text, cleaned.meta
    item: dict[str, Any] = {
        "uri": cleaned.uri,
        "standard": ninjs.STANDARD,
        "type": "text",
        "profile": "copydesk/1",
        "representationType": "full",
        "version": "1",
        "pubStatus": "usable",
        "language": text.language.tag,
        **ninjs.metadata(meta),
        "bodies": [
            {
                "role": "text",
                "contentType": "text/plain",
                "charCount": len(text.value),
                "wordCount": len(text.value.split()),
                "value": text.value,
            }
        ],
    }
    alternatives = [("canonicalUrl", meta.url), ("contentSha256", text.sha256)]
    enrichment: dict[str, Any] = {"schemaVersion": SCHEMA_VERSION}
    subjects = ninjs.given_subjects(meta)
    flags: tuple[str, ...] = ()
    if enriched:
        pipeline = fingerprint(enriched.stages)
        found = record_id(uri=cleaned.uri, text_sha256=text.sha256, pipeline=pipeline)
        alternatives.append(("recordId", found))
        enrichment |= {"recordId": found, "status": enriched.status}
        flags = ("unclassified",) if enriched.subjects == () else ()
        subjects = [ninjs.project_subject(subject) for subject in enriched.subjects or ()] + subjects
    item["altIds"] = [{"role": role, "value": value} for role, value in alternatives if value]
    if annotated:
        item |= ninjs.project_entities(annotated.entities or ())
    if subjects:
        item["subjects"] = subjects
    enrichment["text"] = write_text(text, more_flags=flags)
    if annotated and annotated.entities is not None:
        enrichment["entities"] = [write_entity(entity) for entity in annotated.entities]
    if enriched and enriched.subjects is not None:
        enrichment["subjects"] = [write_subject(subject) for subject in enriched.subjects]
    enrichment["provenance"] = _provenance(cleaned, article.stages, sealed=enriched is not None)
    item["enrichment"] = enrichment
    return item


def _provenance(cleaned: CleanedArticle, stages: Sequence[StageRun], *, sealed: bool) -> dict[str, Any]:
    origin, meta = cleaned.origin, cleaned.meta
    source = {
        "topic": origin.topic,
        "partition": origin.partition,
        "offset": origin.offset,
        "timestamp": _rfc3339(origin.timestamp) if origin.timestamp is not None else None,
        "rawSha256": origin.raw_sha256,
        "rawSize": origin.size,
        "url": meta.url,
        "fetchedAt": meta.fetched_at,
        "contentType": meta.content_type,
        "language": meta.language,
    }
    provenance: dict[str, Any] = {"source": {key: value for key, value in source.items() if value is not None}}
    provenance["pipeline"] = {"name": "copydesk", "version": __version__}
    provenance["stages"] = [write_run(run) for run in stages]
    if sealed:
        provenance["pipeline"]["fingerprint"] = fingerprint(stages)
        emitted = max((run.started_at + run.duration_ms / 1000 for run in stages), default=0.0)
        provenance["emittedAt"] = _rfc3339(emitted)
        if origin.timestamp is not None:
            # Clocks of two machines may differ; a latency is never below nothing.
            provenance["endToEndMs"] = max(0, round((emitted - origin.timestamp) * 1000))
    if origin.traceparent:
        provenance["traceparent"] = origin.traceparent
    return provenance


def decode_cleaned(data: bytes) -> CleanedArticle:
    """Raises InputRefused where the bytes are not a cleaned record."""
    return _decoded(_cleaned, data)


def decode_annotated(data: bytes) -> AnnotatedArticle:
    """Raises InputRefused where the bytes are not an annotated record."""
    return _decoded(_annotated, data)


def decode_enriched(data: bytes) -> EnrichedArticle:
    """Raises InputRefused where the bytes are not an enriched record."""
    return _decoded(_enriched, data)


def _decoded(read: Callable[[dict[str, Any]], _T], data: bytes) -> _T:
    try:
        item = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputRefused(Reason.MALFORMED_JSON, f"{error.msg}: char {error.pos}") from None
    try:
        return read(item)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        # These topics are ours: whoever wrote something else into them finds it in the dead letters.
        raise InputRefused(Reason.SCHEMA_TYPE, f"not a record of ours: {type(error).__name__}") from None


def _cleaned(item: dict[str, Any]) -> CleanedArticle:
    enrichment = item["enrichment"]
    provenance = enrichment["provenance"]
    source = provenance["source"]
    given, section, keywords = ninjs.read_given_subjects(item.get("subjects", ()))
    info = item.get("infoSources", [{}])[0]
    published = item.get("firstCreated")
    modified = item.get("versionCreated")
    return CleanedArticle(
        uri=item["uri"],
        meta=Metadata(
            title=item["headlines"][0]["value"] if "headlines" in item else None,
            by=item.get("by"),
            source=info.get("name"),
            source_uri=info.get("uri"),
            url=source.get("url"),
            language=source.get("language"),
            published_at=published,
            modified_at=modified if modified != published else None,
            fetched_at=source.get("fetchedAt"),
            content_type=source.get("contentType"),
            section=section,
            description=item["descriptions"][0]["value"] if "descriptions" in item else None,
            keywords=keywords,
            given_subjects=given,
        ),
        origin=Origin(
            raw_sha256=source["rawSha256"],
            size=source["rawSize"],
            topic=source.get("topic"),
            partition=source.get("partition"),
            offset=source.get("offset"),
            timestamp=_seconds(source["timestamp"]) if "timestamp" in source else None,
            traceparent=provenance.get("traceparent"),
        ),
        text=read_text(enrichment["text"], value=item["bodies"][0]["value"]),
        run=_run(provenance, 0),
    )


def _annotated(item: dict[str, Any]) -> AnnotatedArticle:
    enrichment = item["enrichment"]
    entities = enrichment.get("entities")
    return AnnotatedArticle(
        cleaned=_cleaned(item),
        entities=None if entities is None else tuple(read_entity(entity) for entity in entities),
        run=_run(enrichment["provenance"], 1),
    )


def _enriched(item: dict[str, Any]) -> EnrichedArticle:
    enrichment = item["enrichment"]
    subjects = enrichment.get("subjects")
    return EnrichedArticle(
        annotated=_annotated(item),
        subjects=None if subjects is None else tuple(read_subject(subject) for subject in subjects),
        run=_run(enrichment["provenance"], 2),
    )


def _run(provenance: dict[str, Any], index: int) -> StageRun | None:
    stages = provenance["stages"]
    return read_run(stages[index]) if index < len(stages) else None


def to_ninjs(item: dict[str, Any]) -> dict[str, Any]:
    """A record's JSON object as plain ninjs 3.1: valid against IPTC's schema, `enrichment` dropped."""
    return {key: value for key, value in item.items() if key != "enrichment"}


def without_timings(item: dict[str, Any]) -> dict[str, Any]:
    """A record's JSON object without what may differ between two runs: times, coordinates and trace."""
    item = {**item, "enrichment": {**item["enrichment"]}}
    provenance = item["enrichment"]["provenance"]
    coordinates = ("topic", "partition", "offset", "timestamp")
    item["enrichment"]["provenance"] = {
        "source": {key: value for key, value in provenance["source"].items() if key not in coordinates},
        "pipeline": provenance["pipeline"],
        "stages": [
            {key: value for key, value in run.items() if key not in ("startedAt", "durationMs")}
            for run in provenance["stages"]
        ],
    }
    return item


def _rfc3339(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(value: str) -> float:
    return datetime.fromisoformat(value).timestamp()
