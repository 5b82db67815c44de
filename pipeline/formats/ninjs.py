"""ninjs items, IPTC's JSON standard for news, as they are fed: 2.x and 3.x, and 1.x as if it were one of these."""

from __future__ import annotations

from typing import Any

from pipeline.article import Hints, Json
from pipeline.errors import InputRefused, Reason
from pipeline.formats import ninjs1
from pipeline.formats.carried import canceled, spelled
from pipeline.formats.parsing import parse

_OF_ITEMS = frozenset({"standard", "firstcreated", "versioncreated"})  # what only a ninjs item has
# Fields that become a raw article's own; all others are carried as they are (pipeline/formats/carried.py).
_READ = frozenset({"uri", "by", "language", "firstCreated", "versionCreated", "subjects", "standard"})


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
    """True for a ninjs item: it has `bodies`, `headlines` or `body_...`, and no body of ours; or it is canceled."""
    if "body" in document or "html" in document:
        return False
    if "bodies" in document or "headlines" in document or ninjs1.is_item(document):
        return True
    return canceled(document) and not _OF_ITEMS.isdisjoint(map(str.lower, document))


def to_raw(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of a ninjs item by our names; in `ninjs` those that we do not compute.

    Raises InputRefused if an array is not an array of objects, or if there is no body and the item is no cancellation.
    """
    item = spelled(ninjs1.upgraded(item) if "bodies" not in item else item)
    try:
        return _to_raw(item)
    except InputRefused:
        if not canceled(item):
            raise
        kept = {name: value for name, value in item.items() if not isinstance(value, list) and name not in _READ}
        return {"uri": item.get("uri"), "language": item.get("language"), "ninjs": kept}


def _to_raw(item: dict[str, Any]) -> dict[str, Any]:
    bodies = _objects(item, "bodies")
    if "bodies" not in item and not canceled(item):
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
        **_keywords(_objects(item, "subjects")),
        "source": {"name": publisher[0].get("name"), "uri": publisher[0].get("uri")} if publisher else None,
    }
    raw["ninjs"] = _carried(item, raw, chosen=chosen, publisher=publisher[:1])
    return raw if chosen.get("value") is not None or bodies else {**raw, "body": None}


def _carried(
    item: dict[str, Any], raw: dict[str, Any], *, chosen: dict[str, Any], publisher: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the item has beside the fields of `raw`: other headlines and descriptions, other texts than the body."""
    others = {
        # A teaser, say. One with markup, or with the chosen one's role, is most often the same text in another form.
        "bodies": [
            b
            for b in _objects(item, "bodies")
            if b is not chosen and b.get("role") != chosen.get("role") and _content_type(b) == "text/plain"
        ],
        "headlines": [h for h in _objects(item, "headlines") if h.get("value") != raw["title"]],
        "descriptions": [d for d in _objects(item, "descriptions") if d.get("value") != raw["description"]],
        "infoSources": [s for s in _objects(item, "infoSources") if s not in publisher],
    }
    if item.get("title") == raw["title"] and not item.get("headlines"):
        others["title"] = []
    return {name: value for name, value in item.items() if name not in _READ} | others


def _keywords(subjects: list[dict[str, Any]]) -> dict[str, Any]:
    """What a record of ours has among its subjects without being one."""
    named = [s for s in subjects if isinstance(s.get("name"), str)]
    return {
        "keywords": [s["name"] for s in named if s.get("rel") == "keyword"],
        "section": next((s["name"] for s in named if s.get("rel") == "section"), None),
    }


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
