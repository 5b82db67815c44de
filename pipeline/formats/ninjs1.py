"""ninjs 1.x items, as the fields of ninjs 3.1: bodies and headlines by their names' ends, objects as arrays.

Source: IPTC's ninjs 1.0 to 1.8, and what Superdesk writes (`guid`, `headline`, `byline`, `body_html`).
"""

from __future__ import annotations

from typing import Any

from pipeline.article import Json

_RENAMED = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "subject": "subjects",
    "event": "events",
    "object": "objects",
    "infosource": "infoSources",
    "genre": "genres",
    "trustindicator": "trustIndicators",
    "byline": "by",
}
_TYPES = {"text": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml", "html5": "text/html"}
_COMPLETE = {"complete": "full", "incomplete": "partial"}
_MARKS = ("body_", "description_", "headline_")


def is_item(document: dict[str, Any]) -> bool:
    """True for a ninjs 1.x item with a text: only there the format stands in the name of a body."""
    return any(name.startswith("body_") for name in document) and "bodies" not in document


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """The item by the names of ninjs 3.1, but for their case; of what is neither an array nor an object, as it is."""
    item: dict[str, Any] = {}
    for name, value in document.items():
        if name.startswith(_MARKS) or name in ("headline", "guid", "mimetype"):
            continue
        if name in ("renditions", "associations"):
            value = [upgraded_part(name, part) for part in _listed(value)] if isinstance(value, dict) else value
        elif name in _RENAMED and isinstance(value, list):
            value = [_concept(each) for each in value]
        elif name == "representationtype":
            value = _COMPLETE.get(value, value) if isinstance(value, str) else value
        elif name == "altids" and isinstance(value, dict):
            value = [{"role": role, "value": each} for role, each in value.items() if isinstance(each, str)]
        item[_RENAMED.get(name, name)] = value
    item.setdefault("uri", document.get("guid"))
    for field, one, mark in (("bodies", None, "body_"), ("headlines", "headline", "headline_"),
                             ("descriptions", None, "description_")):  # fmt: skip
        if texts := _texts(document, one, mark):
            item[field] = texts
    return item


def upgraded_part(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """A rendition, or an item that is associated."""
    if name == "renditions":
        return {"contentType" if key == "mimetype" else key: value for key, value in part.items()}
    return upgraded(part)


def _listed(value: dict[str, Json]) -> list[dict[str, Json]]:
    """The objects of an object, each with its name."""
    return [{**part, "name": name} for name, part in value.items() if isinstance(part, dict)]


def _concept(value: Json) -> Json:
    """A concept with its scheme and code as a uri and a literal."""
    if not isinstance(value, dict):
        return value
    scheme, code = value.get("scheme"), value.get("code")
    found = {key: each for key, each in value.items() if key not in ("scheme", "code")}
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if isinstance(code, str):
        found["literal"] = code
        if isinstance(scheme, str) and scheme.endswith(("/", "#", ":", "=")):
            found["uri"] = scheme + code
    return found


def _texts(document: dict[str, Any], one: str | None, mark: str) -> list[dict[str, Json]]:
    """What stands in `headline` and `headline_seo`, say, with what is said by the names' ends."""
    found: list[dict[str, Json]] = []
    if one and document.get(one) is not None:
        found.append({"role": "main", "value": document[one]})
    for name, value in document.items():
        if name.startswith(mark):
            end = name.removeprefix(mark)
            kind = _TYPES.get(end.rpartition("_")[2].lower())
            found.append({"contentType": kind, "value": value} if kind else {"role": end, "value": value})
    return found
