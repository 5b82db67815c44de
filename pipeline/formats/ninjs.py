"""ninjs items, IPTC's JSON standard for news, as they are fed: 2.x and 3.x, and 1.x as if it were one of these."""

from __future__ import annotations

from typing import Any

from pipeline.article import Hints, Json
from pipeline.errors import InputRefused, Reason
from pipeline.formats import markup, ninjs1, ninjs_roles, nitf
from pipeline.formats.carried import canceled, is_of_items, spelled
from pipeline.formats.parsing import parse

_HTML = frozenset({"text/html", "application/xhtml+xml"})
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
    """The fields of a ninjs item by our names, in `ninjs` those that we do not compute, and what ninjs does not know.

    Raises InputRefused if the bodies are not an array of objects, or if there are none and the item is no cancellation.
    """
    byline = item.get("byline")
    item = spelled(ninjs1.upgraded(item) if "bodies" not in item else item)
    # Whoever writes `body_html` without knowing ninjs has names of their own for the rest.
    others = {name: value for name, value in item.items() if not (name in _READ or is_of_items(name) or value is None)}
    item = {name: value for name, value in item.items() if name not in others}
    if byline is not None and item.get("by") == byline:
        others["byline"] = item.pop("by")  # the line as it is printed, with its "By"
    try:
        raw = _to_raw(item)
    except InputRefused:
        if not canceled(item):
            raise
        kept = {name: value for name, value in item.items() if not isinstance(value, list) and name not in _READ}
        return {"uri": item.get("uri"), "language": item.get("language"), "ninjs": kept}
    return others | {name: value for name, value in raw.items() if value or name not in others}


def _to_raw(item: dict[str, Any]) -> dict[str, Any]:
    bodies = _objects(item, "bodies")
    if "bodies" not in item and not canceled(item):
        raise InputRefused(Reason.SCHEMA_MISSING, "bodies is required of a ninjs item")
    chosen = ninjs_roles.body(bodies)
    kind, value = ninjs_roles.content_type(chosen), chosen.get("value")
    document: dict[str, Any] = {}
    if isinstance(value, str) and (nitf.is_type(kind) or (kind not in _HTML and nitf.is_nitf(value))):
        document = nitf.read(value)
    canonical = [i.get("value") for i in _given(item, "altIds") if i.get("role") in ("canonicalUrl", "canonicalurl")]
    publisher = [s for s in _named(item, "infoSources") if s.get("role") in (None, "publisher", "source")][:1]
    headline = ninjs_roles.headline(_given(item, "headlines"))
    description = ninjs_roles.description(_given(item, "descriptions"))
    subjects = _named(item, "subjects")
    raw = {
        "html" if document or kind in _HTML else "body": document.get("html", value),
        "uri": item.get("uri"),
        "url": next(iter(canonical), None),
        "title": headline.get("value") or item.get("title") or document.get("title"),
        "by": item.get("by") or document.get("by"),
        "language": item.get("language"),
        "publishedAt": item.get("firstCreated")
        or item.get("contentCreated")
        or document.get("publishedAt")
        or item.get("versionCreated"),
        "modifiedAt": item.get("versionCreated"),
        "description": description.get("value") or document.get("description"),
        "contentType": kind or None,
        "subjects": [s for s in subjects if s.get("rel") not in ("keyword", "section")],
        **_keywords(subjects),
        "source": {"name": publisher[0].get("name"), "uri": publisher[0].get("uri")} if publisher else None,
    }
    raw["ninjs"] = _carried(item, raw, chosen=chosen, publisher=publisher)
    return raw if value is not None or bodies else {**raw, "body": None}


def _carried(
    item: dict[str, Any], raw: dict[str, Any], *, chosen: dict[str, Any], publisher: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the item has beside the fields of `raw`: other headlines and descriptions, other texts than the body."""
    role = ninjs_roles.role(chosen)
    others = {
        # A teaser, say. One with markup, or with the chosen one's role, is most often the same text in another form.
        "bodies": [
            b for b in _given(item, "bodies") if b is not chosen and ninjs_roles.role(b) != role and _is_plain(b)
        ],
        "headlines": [h for h in _given(item, "headlines") if h.get("value") != raw["title"]],
        "descriptions": [d for d in _given(item, "descriptions") if d.get("value") != raw["description"]],
        "infoSources": [s for s in _named(item, "infoSources") if s not in publisher],
    }
    if item.get("title") == raw["title"] and not item.get("headlines"):
        others["title"] = []
    return {name: value for name, value in item.items() if name not in _READ} | others


def _keywords(subjects: list[dict[str, Any]]) -> dict[str, Any]:
    """What a record of ours has among its subjects without being one."""
    named = [s for s in subjects if isinstance(s.get("name"), str)]
    return {
        "keywords": [s["name"] for s in named if s.get("rel") == "keyword"],
        "section": [s["name"] for s in named if s.get("rel") == "section"] or None,
    }


def _given(item: dict[str, Any], name: str, inside: str = "value") -> list[dict[str, Any]]:
    """Objects of an optional array; a string stands for one, and what is none is passed on, to be flagged."""
    values = item.get(name)
    if values is None:
        return []
    wrapped = values if isinstance(values, list) else [values]
    return [value if isinstance(value, dict) else {inside: value} for value in wrapped]


def _named(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return _given(item, name, inside="name")


def _objects(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = item.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise InputRefused(Reason.SCHEMA_TYPE, f"{name}: an array of objects is required")
    return values


def _is_plain(body: dict[str, Any]) -> bool:
    kind, value = ninjs_roles.content_type(body), body.get("value")
    return kind == "text/plain" or (not kind and isinstance(value, str) and not markup.is_markup(value))
