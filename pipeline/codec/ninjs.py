"""ninjs 3.1, IPTC's JSON standard for news: the projections we write. formats/ninjs.py reads items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline import media_topics
from pipeline.annotations import Entity, Link, Subject
from pipeline.article import GivenSubject, Metadata

MEDTOP_URI = "http://cv.iptc.org/newscodes/mediatopic/"
STANDARD = {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}
_KNOWLEDGE_BASE = {"wikidata": "http://www.wikidata.org/entity/{}", "geonames": "https://sws.geonames.org/{}/"}
_PROJECTION = {
    "PERSON": "people",
    "ORG": "organisations",
    "GPE": "places",
    "LOC": "places",
    "FAC": "places",
    "PRODUCT": "objects",
    "WORK_OF_ART": "objects",
    "EVENT": "events",
}
Given = tuple[tuple[GivenSubject, ...], str | None, tuple[str, ...]]  # subjects, section, keywords
ABOUT_SALIENCE = 0.2  # from here on the article is about an entity; below it mentions it


def metadata(meta: Metadata) -> dict[str, Any]:
    """The ninjs fields of what is known beside the text; a field that is not known is absent."""
    item: dict[str, Any] = {}
    if meta.published_at:
        item["firstCreated"] = meta.published_at
    if meta.modified_at or meta.published_at:
        item["versionCreated"] = meta.modified_at or meta.published_at
    if meta.title:
        item["headlines"] = [{"role": "main", "contentType": "text/plain", "value": meta.title}]
    if meta.description:
        item["descriptions"] = [{"role": "summary", "contentType": "text/plain", "value": meta.description}]
    if meta.by:
        item["by"] = meta.by
    if meta.source or meta.source_uri:
        item["infoSources"] = [_without_none({"name": meta.source, "role": "publisher", "uri": meta.source_uri})]
    return item


def publisher(sources: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The outlet among a record's `infoSources`, empty if none is."""
    return next((source for source in sources if source.get("role") == "publisher"), {})


def with_carried(item: dict[str, Any], carried: Mapping[str, Any]) -> dict[str, Any]:
    """The item with what the source wrote and we do not compute: of arrays ours come first."""
    for name, value in carried.items():
        if isinstance(value, list):
            ours = item.get(name, [])
            taken = {each.get("role", "").lower() for each in ours} | {"recordid"} if name == "altIds" else set()
            item[name] = [*ours, *(each for each in value if str(each.get("role", "")).lower() not in taken)]
        else:
            item[name] = value
    return item


def given_subjects(meta: Metadata) -> list[dict[str, Any]]:
    """What the source itself said the article is about: its own subjects, its section, its keywords."""
    given = [_given(subject) for subject in meta.given_subjects]
    if meta.section:
        given.append({"name": meta.section, "rel": "section", "creator": "source"})
    return given + [{"name": word, "rel": "keyword", "creator": "source"} for word in meta.keywords]


def read_given_subjects(subjects: Iterable[dict[str, Any]]) -> Given:
    """The inverse of `given_subjects`: subjects, section, keywords."""
    ours = [s for s in subjects if s.get("creator") == "source"]
    given = tuple(
        GivenSubject(name=s.get("name"), uri=s.get("uri"), code=s.get("literal")) for s in ours if s["rel"] == "given"
    )
    section = next((s["name"] for s in ours if s["rel"] == "section"), None)
    return given, section, tuple(s["name"] for s in ours if s["rel"] == "keyword")


def with_current_codes(subjects: Sequence[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The subjects with today's code of each that the source gave; None if all have it."""
    changed = False
    current = []
    for subject in subjects:
        if subject.get("creator") == "source" and subject.get("rel") == "given":
            before = GivenSubject(name=subject.get("name"), uri=subject.get("uri"), code=subject.get("literal"))
            after = media_topics.with_current_code(before)
            if after != before:
                changed = True
                subject = _given(after)
        current.append(subject)
    return current if changed else None


def _given(subject: GivenSubject) -> dict[str, Any]:
    return _without_none(
        {"name": subject.name, "rel": "given", "uri": subject.uri, "literal": subject.code, "creator": "source"}
    )


def project_entities(entities: Iterable[Entity]) -> dict[str, list[dict[str, Any]]]:
    """people, organisations, places, objects, events: name, relation, link, coordinates."""
    item: dict[str, list[dict[str, Any]]] = {}
    for entity in entities:
        field = _PROJECTION.get(entity.type)
        if field is None:
            continue
        found: dict[str, Any] = {
            "name": entity.name,
            "rel": "about" if entity.salience >= ABOUT_SALIENCE else "mentions",
        }
        if uri := link_uri(entity.link):
            found["uri"] = uri
        if field == "places" and entity.geo and entity.geo.lat is not None and entity.geo.lon is not None:
            found["geoJSON"] = {"type": "Point", "coordinates": [entity.geo.lon, entity.geo.lat]}
        item.setdefault(field, []).append(found)
    return item


def project_subject(subject: Subject) -> dict[str, Any]:
    """One ninjs subject: confidence in percent, created by our classifier."""
    creator = f"{subject.by}/{subject.scheme}/{subject.scheme_version}"
    projected = {"name": subject.name, "rel": "about", "uri": subject_uri(subject), "creator": creator}
    if projected["uri"] is None:
        projected["literal"] = subject.code
    return _without_none({**projected, "confidence": round(subject.confidence * 100)})


def subject_uri(subject: Subject) -> str | None:
    """The concept's address; only IPTC's own scheme has one."""
    return MEDTOP_URI + subject.code.removeprefix("medtop:") if subject.code.startswith("medtop:") else None


def link_uri(link: Link | None) -> str | None:
    """The address of a linked entity, if its knowledge base has one."""
    pattern = _KNOWLEDGE_BASE.get(link.kb) if link else None
    return pattern.format(link.id) if link and pattern else None


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
