"""The parts of the `enrichment` object, each with its inverse: text, entities, subjects, stage runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.codec import ninjs
from pipeline.records import (
    Component,
    Entity,
    Evidence,
    Geo,
    Language,
    Link,
    Mention,
    Model,
    Quality,
    Removed,
    Segment,
    StageRun,
    Subject,
    Text,
)

UNCLASSIFIED = "unclassified"  # says that `subjects` is empty; derived, so it is not stored in a record


def write_text(text: Text, *, more_flags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Segments, removals, language and quality; the text itself is the ninjs body."""
    return {
        "sha256": text.sha256,
        "offsetUnit": "codepoint",
        "language": {"tag": text.language.tag, "confidence": text.language.confidence},
        "segments": [_write_segment(segment) for segment in text.segments],
        "removed": [{"kind": r.kind, "rule": r.rule, "text": r.text} for r in text.removed],
        "quality": {"score": text.quality.score, "flags": [*text.quality.flags, *more_flags]},
    }


def read_text(part: dict[str, Any], *, value: str) -> Text:
    """The inverse of `write_text`; `value` is the ninjs body."""
    quality = part["quality"]
    return Text(
        value=value,
        sha256=part["sha256"],
        language=Language(tag=part["language"]["tag"], confidence=part["language"]["confidence"]),
        segments=tuple(Segment(**segment) for segment in part["segments"]),
        removed=tuple(Removed(**removed) for removed in part["removed"]),
        quality=Quality(score=quality["score"], flags=tuple(f for f in quality["flags"] if f != UNCLASSIFIED)),
    )


def _write_segment(segment: Segment) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": segment.kind, "start": segment.start, "end": segment.end}
    if segment.level is not None:
        written["level"] = segment.level
    if segment.language is not None:
        written["language"] = segment.language
    return written


def write_entity(entity: Entity) -> dict[str, Any]:
    """An absent link was not looked for; null was looked for and not found."""
    written: dict[str, Any] = {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        "aliases": list(entity.aliases),
        "salience": entity.salience,
        "confidence": entity.confidence,
    }
    if entity.link_attempted:
        link = entity.link
        written["link"] = None if link is None else {"kb": link.kb, "id": link.id}
        if link and link.confidence is not None:
            written["link"]["confidence"] = link.confidence
    if entity.geo:
        geo = {"countryCode": entity.geo.country_code, "lat": entity.geo.lat, "lon": entity.geo.lon}
        written["geo"] = {key: value for key, value in geo.items() if value is not None}
    written["mentions"] = [_write_mention(mention) for mention in entity.mentions]
    return written


def read_entity(part: dict[str, Any]) -> Entity:
    """The inverse of `write_entity`."""
    link, geo = part.get("link"), part.get("geo")
    return Entity(
        id=part["id"],
        type=part["type"],
        name=part["name"],
        aliases=tuple(part["aliases"]),
        salience=part["salience"],
        confidence=part["confidence"],
        link=Link(kb=link["kb"], id=link["id"], confidence=link.get("confidence")) if link else None,
        link_attempted="link" in part,
        geo=Geo(country_code=geo.get("countryCode"), lat=geo.get("lat"), lon=geo.get("lon")) if geo else None,
        mentions=tuple(
            Mention(
                start=m["start"],
                end=m["end"],
                text=m["text"],
                where=m.get("in", "body"),
                metonym=m.get("metonym", False),
            )
            for m in part["mentions"]
        ),
    )


def _write_mention(mention: Mention) -> dict[str, Any]:
    written: dict[str, Any] = {"start": mention.start, "end": mention.end, "text": mention.text, "in": mention.where}
    if mention.metonym:
        written["metonym"] = True
    return written


def write_subject(subject: Subject) -> dict[str, Any]:
    """A subject with its path from the top and the spans that spoke for it."""
    written: dict[str, Any] = {
        "scheme": subject.scheme,
        "schemeVersion": subject.scheme_version,
        "code": subject.code,
        "name": subject.name,
        "path": list(subject.path),
        "confidence": subject.confidence,
        "evidence": [{"start": e.start, "end": e.end, "text": e.text} for e in subject.evidence],
        "by": subject.by,
    }
    if uri := ninjs.subject_uri(subject):
        written["uri"] = uri
    return written


def read_subject(part: dict[str, Any]) -> Subject:
    """The inverse of `write_subject`."""
    return Subject(
        scheme=part["scheme"],
        scheme_version=part["schemeVersion"],
        code=part["code"],
        name=part["name"],
        path=tuple(part["path"]),
        confidence=part["confidence"],
        evidence=tuple(Evidence(**evidence) for evidence in part["evidence"]),
        by=part["by"],
    )


def write_run(run: StageRun) -> dict[str, Any]:
    """One stage's entry in the provenance."""
    component = run.component
    written: dict[str, Any] = {"stage": run.stage, "component": component.name, "version": component.version}
    if component.config:
        written["config"] = component.config
    if model := component.model:
        written["model"] = {"name": model.name, "version": model.version, "sha256": model.sha256}
    started = datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="milliseconds")
    return {
        **written,
        "status": run.status,
        "startedAt": started.replace("+00:00", "Z"),
        "durationMs": round(run.duration_ms, 3),
    }


def read_run(part: dict[str, Any]) -> StageRun:
    """The inverse of `write_run`."""
    model = part.get("model")
    return StageRun(
        stage=part["stage"],
        component=Component(
            name=part["component"],
            version=part["version"],
            config=part.get("config", ""),
            model=Model(**model) if model else None,
        ),
        status=part["status"],
        started_at=datetime.fromisoformat(part["startedAt"]).timestamp(),
        duration_ms=part["durationMs"],
    )
