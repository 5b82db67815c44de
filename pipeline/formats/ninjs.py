"""ninjs items (2.x, 3.x), IPTC's JSON standard for news, as they are fed."""

from __future__ import annotations

from typing import Any

from pipeline.article import Hints, Json
from pipeline.errors import InputRefused, Reason
from pipeline.formats.parsing import parse


class Ninjs:
    """One item. IPTC registered no media type for it; without this one an item is known by its fields."""

    name = "ninjs"
    media_types = ("application/ninjs+json",)
    suffixes = ()

    def plainly(self, _: bytes, /) -> bool:
        """The JSON format knows an item by its fields."""
        return False

    def read(self, data: bytes, _: Hints, /) -> Json:
        """Its fields by our names."""
        return to_raw(parse(data))


def raw_of(document: dict[str, Any]) -> dict[str, Any]:
    """A raw article's object: that of a ninjs item, or the document itself."""
    return to_raw(document) if is_item(document) else document


def is_item(document: dict[str, Any]) -> bool:
    """True for a ninjs 2.x/3.x item: it has `bodies` or `headlines`, and no body of ours."""
    return ("bodies" in document or "headlines" in document) and "body" not in document and "html" not in document


def to_raw(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of a ninjs item by our names. Raises InputRefused if an array is not an array of objects."""
    bodies = _objects(item, "bodies")
    if "bodies" not in item:
        raise InputRefused(Reason.SCHEMA_MISSING, "bodies is required of a ninjs item")
    plain = [b for b in bodies if _content_type(b) == "text/plain"]
    markup = [b for b in bodies if _content_type(b) in ("text/html", "application/xhtml+xml")]
    chosen = (plain or markup or bodies or [{}])[0]
    field = "html" if not plain and markup else "body"
    canonical = [i.get("value") for i in _objects(item, "altIds") if i.get("role") in ("canonicalUrl", "canonicalurl")]
    publisher = [s for s in _objects(item, "infoSources") if s.get("role") in (None, "publisher", "source")]
    descriptions = _objects(item, "descriptions")
    raw = {
        field: chosen.get("value"),
        "uri": item.get("uri"),
        "url": next(iter(canonical), None),
        "title": next((h.get("value") for h in _objects(item, "headlines")), item.get("title")),
        "by": item.get("by"),
        "language": item.get("language"),
        "publishedAt": item.get("firstCreated") or item.get("contentCreated") or item.get("versionCreated"),
        "modifiedAt": item.get("versionCreated"),
        "description": descriptions[0].get("value") if descriptions else None,
        "contentType": chosen.get("contentType"),
        "subjects": [s for s in _objects(item, "subjects") if s.get("rel") not in ("keyword", "section")],
        "source": {"name": publisher[0].get("name"), "uri": publisher[0].get("uri")} if publisher else None,
    }
    return raw if chosen.get("value") is not None or bodies else {**raw, "body": None}


def _objects(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = item.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise InputRefused(Reason.SCHEMA_TYPE, f"{name}: an array of objects is required")
    return values


def _content_type(body: dict[str, Any]) -> str:
    given = body.get("contentType")
    if isinstance(given, str):
        return given.split(";")[0].strip().lower()
    value = body.get("value")
    # Without a type, markup is markup: a plain text seldom opens and closes a tag.
    return "text/html" if isinstance(value, str) and value.lstrip()[:1] == "<" and "</" in value else "text/plain"
