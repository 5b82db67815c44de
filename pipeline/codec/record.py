"""The record as it grows: one ninjs 3.1 item with a filling `enrichment` object, on every topic after the first.

The wire is camelCase JSON; docs/schema/enriched-article.json is its JSON Schema. Decoding gives back an equal article;
what a stage does not change in a record stays the JSON that it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from pipeline.article import Article, Json, Layer, Metadata, Origin
from pipeline.codec import ninjs
from pipeline.codec.layers import LABELS, READ
from pipeline.codec.parts import read_run, read_text, write_run, write_text
from pipeline.editorial import Editorial, status_in
from pipeline.errors import InputRefused, Reason
from pipeline.ids import fingerprint, record_id
from pipeline.version import __version__

SCHEMA_VERSION = "1.2.0"
_OURS = ("entities", "subjects")  # layers with a place of their own; the others are in `annotations`


def identity(article: Article) -> tuple[str, str]:
    """(recordId, fingerprint) of the article as it now is; of its earlier states each has one too."""
    pipeline = fingerprint(article.runs)
    said = article.editorial.sha256
    found = record_id(uri=article.uri, text_sha256=article.text.sha256, editorial_sha256=said, pipeline=pipeline)
    return found, pipeline


def encode(article: Article, *, sealed: tuple[str, str] | None = None) -> bytes:
    """One article as JSON bytes. The same article gives the same bytes.

    `sealed` is its `identity` once the last stage has seen it: only then has the record an id and a status.
    """
    return orjson.dumps(_item(article, sealed))


def _item(article: Article, sealed: tuple[str, str] | None) -> dict[str, Any]:
    record = article.record
    item = _begun(article) if record is None else {key: value for key, value in record.items() if key != "enrichment"}
    for layer in article.layers.values():
        for field, added in layer.ninjs.items():
            item[field] = [*added, *item.get(field, ())]
    enrichment: dict[str, Any] = {"schemaVersion": SCHEMA_VERSION}
    if sealed:
        ids = [entry for entry in item["altIds"] if entry.get("role") != "recordId"]
        item["altIds"] = [*ids, {"role": "recordId", "value": sealed[0]}]
        enrichment |= {"recordId": sealed[0], "status": article.status}
    if article.meta.authors:
        enrichment["authors"] = list(article.meta.authors)
    if article.meta.image:
        enrichment["image"] = article.meta.image
    enrichment["text"] = _text(article)
    enrichment |= {name: article.layers[name].json for name in _OURS if name in article.layers}
    if others := {name: layer.json for name, layer in article.layers.items() if name not in _OURS}:
        enrichment["annotations"] = others
    enrichment["provenance"] = _provenance(article, sealed)
    item["enrichment"] = enrichment
    return item


def _begun(article: Article) -> dict[str, Any]:
    """What the record has from the beginning on: the ninjs item without annotations."""
    text, meta = article.text, article.meta
    alternatives = [("canonicalUrl", meta.url), ("contentSha256", text.sha256)]
    item: dict[str, Any] = {
        "uri": article.uri,
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
        "altIds": [{"role": role, "value": value} for role, value in alternatives if value],
    }
    if given := ninjs.given_subjects(meta):
        item["subjects"] = given
    return ninjs.with_carried(item, article.carried)


def _text(article: Article) -> dict[str, Any]:
    part: dict[str, Any] = write_text(article.text) if article.record is None else article.record["enrichment"]["text"]
    flags = part["quality"]["flags"]
    more = [flag for layer in article.layers.values() for flag in layer.flags if flag not in flags]
    return {**part, "quality": {**part["quality"], "flags": [*flags, *more]}} if more else part


def _provenance(article: Article, sealed: tuple[str, str] | None) -> dict[str, Any]:
    origin, meta, runs = article.origin, article.meta, article.runs
    source = {
        "topic": origin.topic,
        "partition": origin.partition,
        "offset": origin.offset,
        "timestamp": _rfc3339(origin.timestamp) if origin.timestamp is not None else None,
        "rawSha256": origin.raw_sha256,
        "rawSize": origin.size,
        "url": meta.given_url or meta.url,
        "fetchedAt": meta.fetched_at,
        "contentType": meta.content_type,
        "language": meta.language,
        "editorialSha256": article.editorial.sha256 or None,
    }
    provenance: dict[str, Any] = {"source": {key: value for key, value in source.items() if value is not None}}
    provenance["pipeline"] = {"name": "copydesk", "version": __version__}
    provenance["stages"] = [write_run(run) for run in runs]
    if sealed:
        provenance["pipeline"]["fingerprint"] = sealed[1]
        emitted = max((run.started_at + run.duration_ms / 1000 for run in runs), default=0.0)
        provenance["emittedAt"] = _rfc3339(emitted)
        if origin.timestamp is not None:
            # Clocks of two machines may differ; a latency is never below nothing.
            provenance["endToEndMs"] = max(0, round((emitted - origin.timestamp) * 1000))
    if origin.traceparent:
        provenance["traceparent"] = origin.traceparent
    return provenance


def decode(data: bytes) -> Article:
    """An article from the record of any state. Raises InputRefused if the bytes are not a record of ours."""
    try:
        item = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputRefused(Reason.MALFORMED_JSON, f"{error.msg}: char {error.pos}") from None
    try:
        return _article(item)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        # These topics are ours: whoever wrote something else into them finds it in the dead letters.
        raise InputRefused(Reason.SCHEMA_TYPE, f"not a record of ours: {type(error).__name__}") from None


def _article(item: dict[str, Any]) -> Article:
    enrichment = item["enrichment"]
    provenance = enrichment["provenance"]
    source = provenance["source"]
    # A record of 0.1.0 has the codes as its source wrote them.
    given = ninjs.with_current_codes(item.get("subjects", ()))
    if given is not None:
        item["subjects"] = given
    subjects, section, keywords = ninjs.read_given_subjects(item.get("subjects", ()))
    info = ninjs.publisher(item.get("infoSources", ()))
    fed = source.get("url")
    url = next((entry["value"] for entry in item["altIds"] if entry.get("role") == "canonicalUrl"), fed)
    published = item.get("firstCreated")
    modified = item.get("versionCreated")
    return Article(
        uri=item["uri"],
        meta=Metadata(
            title=item["headlines"][0]["value"] if "headlines" in item else None,
            by=item.get("by"),
            authors=tuple(enrichment.get("authors", ())),
            source=info.get("name"),
            source_uri=info.get("uri"),
            url=url,
            given_url=fed if fed != url else None,
            language=source.get("language"),
            published_at=published,
            modified_at=modified if modified != published else None,
            fetched_at=source.get("fetchedAt"),
            content_type=source.get("contentType"),
            section=section,
            description=item["descriptions"][0]["value"] if "descriptions" in item else None,
            image=enrichment.get("image"),
            keywords=keywords,
            given_subjects=subjects,
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
        editorial=Editorial(
            pub_status=status_in(item.get("pubStatus", "usable")),
            embargoed_until=item.get("embargoedUntil"),
            sha256=source.get("editorialSha256", ""),
        ),
        layers=_layers(enrichment),
        runs=tuple(read_run(run) for run in provenance["stages"]),
        record=item,
    )


def _layers(enrichment: Mapping[str, Json]) -> dict[str, Layer]:
    found = {
        name: Layer(json=enrichment[name], read=READ[name], labels=LABELS[name](enrichment[name]))
        for name in _OURS
        if enrichment.get(name) is not None
    }
    return found | {name: Layer(json=value) for name, value in enrichment.get("annotations", {}).items()}


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
