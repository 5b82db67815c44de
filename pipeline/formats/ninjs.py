"""ninjs items (2.x, 3.x), IPTC's JSON standard for news, as they are fed."""

from __future__ import annotations

from typing import Any

from pipeline.article import Hints, Json
from pipeline.errors import InputRefused, Reason
from pipeline.formats import ninjs_roles, nitf
from pipeline.formats.parsing import parse

_HTML = frozenset({"text/html", "application/xhtml+xml"})


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
    """The fields of a ninjs item by our names. Raises InputRefused where an array is not an array of objects."""
    bodies = _objects(item, "bodies")
    if "bodies" not in item:
        raise InputRefused(Reason.SCHEMA_MISSING, "bodies is required of a ninjs item")
    chosen = ninjs_roles.body(bodies)
    kind, value = ninjs_roles.content_type(chosen), chosen.get("value")
    document: dict[str, Any] = {}
    if isinstance(value, str) and (nitf.is_type(kind) or (kind not in _HTML and nitf.is_nitf(value))):
        document = nitf.read(value)
    canonical = [i.get("value") for i in _given(item, "altIds") if i.get("role") in ("canonicalUrl", "canonicalurl")]
    publisher = [s for s in _given(item, "infoSources") if s.get("role") in (None, "publisher", "source")]
    source = publisher[0] if publisher else None
    raw = {
        "html" if document or kind in _HTML else "body": document.get("html", value),
        "uri": item.get("uri"),
        "url": next(iter(canonical), None),
        "title": ninjs_roles.headline(_given(item, "headlines")).get("value")
        or item.get("title")
        or document.get("title"),
        "by": item.get("by") or document.get("by"),
        "language": item.get("language"),
        "publishedAt": item.get("firstCreated")
        or item.get("contentCreated")
        or document.get("publishedAt")
        or item.get("versionCreated"),
        "modifiedAt": item.get("versionCreated"),
        "description": ninjs_roles.description(_given(item, "descriptions")).get("value")
        or document.get("description"),
        "contentType": kind or None,
        "subjects": [s for s in _given(item, "subjects") if s.get("rel") not in ("keyword", "section")],
        "source": {"name": source.get("name"), "uri": source.get("uri")} if source else None,
    }
    return raw if value is not None or bodies else {**raw, "body": None}


def _given(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Objects of an optional array; a string stands for one, and what is none is passed on, to be flagged."""
    values = item.get(name)
    if values is None:
        return []
    wrapped = values if isinstance(values, list) else [values]
    return [value if isinstance(value, dict) else {"value": value, "name": value} for value in wrapped]


def _objects(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = item.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise InputRefused(Reason.SCHEMA_TYPE, f"{name}: an array of objects is required")
    return values
