"""The layers that ship with copydesk, entities and subjects: as JSON, with the inverse, and what routes can name."""

from __future__ import annotations

from typing import Any

from pipeline.annotations import Entity, Evidence, Geo, Link, Mention, Subject
from pipeline.article import Json
from pipeline.codec import ninjs


def write_entities(entities: tuple[Entity, ...]) -> list[dict[str, Any]]:
    """The entities layer as JSON."""
    return [write_entity(entity) for entity in entities]


def read_entities(value: Json) -> tuple[Entity, ...]:
    """The inverse of `write_entities`."""
    return tuple(read_entity(part) for part in value)


def write_subjects(subjects: tuple[Subject, ...]) -> list[dict[str, Any]]:
    """The subjects layer as JSON."""
    return [write_subject(subject) for subject in subjects]


def read_subjects(value: Json) -> tuple[Subject, ...]:
    """The inverse of `write_subjects`."""
    return tuple(read_subject(part) for part in value)


def entity_labels(value: Json) -> frozenset[str]:
    """`entity:` and each name, alias and id, in lower case."""
    labels = {f"entity:{name.casefold()}" for part in value for name in (part["name"], *part["aliases"])}
    return frozenset(labels | {f"entity:{part['link']['id']}".casefold() for part in value if part.get("link")})


def subject_labels(value: Json) -> frozenset[str]:
    """Each code, and the codes above it."""
    return frozenset(code for part in value for code in (part["code"], *part["path"]))


READ = {"entities": read_entities, "subjects": read_subjects}
LABELS = {"entities": entity_labels, "subjects": subject_labels}


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
