"""The fields of ninjs 2 and 3 that we do not compute: they come out as they came in, under the names of ninjs 3.1.

Source: IPTC's schemas, https://iptc.org/standards/ninjs/. ninjs 2 writes its names in lower case, ninjs 3 in camelCase.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isinf
from typing import Any

import orjson

from pipeline.article import Json
from pipeline.editorial import Editorial, moment, status_of

ODD = "odd_editorial"  # the flag
_TYPES = ("text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning")
# Every name of ninjs 3.1 that is not all lower case.
_CAMEL = """
altIds aspectRatio charCount contactInfo contentCreated contentType copyrightHolder copyrightNotice digitalSourceType
edNote embargoedUntil encodedRights endDate eventDetails eventStatus exclAudience expectedDuration expectedEndDate
expectedStartDate firstCreated frameRate geoJSON infoSources itemCount langId linkedRights plannedCoverage
plannedCoverageStatus postalCode pubStatus rangeFrom rangeTo recurrenceDates recurrenceRules representationType
rightsInfo scanType sizeInBytes startDate symbolType transportProtocol trustIndicators usageTerms versionCreated
videoCodec wordCount
"""
_NAMES = {name.lower(): name for name in _CAMEL.split()} | {
    "pub_status": "pubStatus",
    "embargoed": "embargoedUntil",
    "embargoed_until": "embargoedUntil",
}


_BETWEEN = re.compile(r"[\s_.:-]+")
_LONGEST = 100  # characters of a name


def _text(value: Json) -> Json:
    return value if isinstance(value, str) else None


def _number_as_text(value: Json) -> Json:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)


def _one_of(*values: str) -> Callable[[Json], Json]:
    return lambda value: value if value in values else None


def _urgency(value: Json) -> Json:
    found = int(value) if isinstance(value, str) and value.isdecimal() and len(value) == 1 else value
    return found if isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= 9 else None


def _objects(value: Json) -> Json:
    if not isinstance(value, list):
        return None
    return value if all(isinstance(each, dict) for each in value) else None


def _valued(value: Json) -> Json:
    found = _objects(value)
    return found and [each for each in found if isinstance(each.get("value"), str)]


def _named(value: Json) -> Json:
    found = [{"name": each} if isinstance(each, str) else each for each in value] if isinstance(value, list) else value
    return _objects(found)


def _object(value: Json) -> Json:
    return value if isinstance(value, dict) else None


# By name: the value as the record has it, None if it cannot stand there. A raw article has them beside its own fields.
_BESIDE: dict[str, Callable[[Json], Json]] = {
    "type": _one_of(*_TYPES),
    "profile": _text,
    "version": _number_as_text,
    "representationType": _one_of("full", "partial"),
    "contentCreated": _text,
    "embargoedUntil": _text,
    "expires": _text,
    "urgency": _urgency,
    "copyrightHolder": _text,
    "copyrightNotice": _text,
    "usageTerms": _text,
    "edNote": _text,
    "slugline": _text,
    "located": _text,
    "genres": _named,
    "renditions": _objects,
    "associations": _objects,
    "altIds": _objects,
    "trustIndicators": _objects,
    "plannedCoverage": _objects,
    "eventDetails": _object,
    "rightsInfo": _object,
    "digitalSourceType": _object,
}
# Only of a ninjs item: a raw article's own fields have these names, or they stand beside what we compute.
_WITHIN = _BESIDE | {
    "title": _text,
    **dict.fromkeys(("headlines", "descriptions", "bodies"), _valued),
    **dict.fromkeys(("people", "organisations", "places", "objects", "events", "infoSources"), _objects),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a raw article's object says beside what we compute; `rest` is the object without it."""

    editorial: Editorial
    fields: Mapping[str, Json]
    rest: dict[str, Json]
    flags: tuple[str, ...]
    unknown: tuple[str, ...]  # names of fields of a ninjs item that we do not know


def spelled(value: Json) -> Json:
    """The same with the names of ninjs 3.1, at any depth."""
    if isinstance(value, dict):
        return {_NAMES.get(name.lower(), name): spelled(each) for name, each in value.items()}
    return [spelled(each) for each in value] if isinstance(value, list) else value


def _known(name: str) -> str:
    """The name in ninjs 3.1 of a field beside those of a raw article, in any case, with any signs between its words."""
    return _NAMES.get(_BETWEEN.sub("", name.lower()), name) if len(name) <= _LONGEST else name


def status_given(document: Mapping[str, Json]) -> Json:
    """The `pubStatus` that an object has, under any of its spellings."""
    return next((value for name, value in document.items() if _known(name) == "pubStatus"), None)


def canceled(document: Mapping[str, Json]) -> bool:
    """Whether the object is a cancellation."""
    return status_of(status_given(document)) == "canceled"


def is_of_items(name: str) -> bool:
    """Whether a field of a ninjs item is carried, by its name in ninjs 3.1."""
    return name in _WITHIN or name == "pubStatus"


def is_beside(name: str, value: Json) -> bool:
    """Whether a field of a raw article that is no ninjs item is carried, under any of its spellings."""
    known = _known(name)
    if known == "type":  # crawlers have a `type` of their own
        return value in _TYPES
    return known in _BESIDE or known == "pubStatus"


def taken(document: Mapping[str, Json]) -> Carried:
    """What is carried of a raw article's object: fields beside its own, and those in `ninjs` of a ninjs item."""
    flags: list[str] = []
    fields: dict[str, Json] = {}
    rest: dict[str, Json] = {}
    status: Json = None
    for name, value in document.items():
        known = _known(name)
        if known == "pubStatus":
            status = value
        elif not is_beside(name, value):
            rest[name] = value
        else:
            _carry(fields, known, value, _BESIDE[known], flags)
    item = rest.pop("ninjs", None) if isinstance(rest.get("ninjs"), dict) else {}
    unknown: list[str] = []
    for name, value in item.items():
        if name == "pubStatus":
            status = value
        elif name in _WITHIN:
            _carry(fields, name, value, _WITHIN[name], flags)
        elif value is not None:
            unknown.append(name)
    return Carried(
        editorial=_editorial(fields, status, flags),
        fields=fields,
        rest=rest,
        flags=tuple(dict.fromkeys(flags)),
        unknown=tuple(unknown),
    )


def _carry(
    fields: dict[str, Json], name: str, value: Json, as_written: Callable[[Json], Json], flags: list[str]
) -> None:
    if value is None or value == "" or value == []:
        return
    found = as_written(value)
    if found is not None:
        fields[name] = spelled(found)
    elif name == "embargoedUntil":
        # Nobody can say when it ends. `false` says that there is none.
        if value is not False:
            fields[name] = orjson.dumps(value).decode()[:100]
            flags.append(ODD)
    else:
        flags.append(ODD)


def _editorial(fields: dict[str, Json], given: Json, flags: list[str]) -> Editorial:
    status = None
    if given is not None and given != "":
        # What nobody understands is not published: it may be a word for "do not".
        status = status_of(given) or "withheld"
        if status_of(given) is None:
            flags.append(ODD)
        fields["pubStatus"] = status
    until = fields.get("embargoedUntil")
    if until is not None and isinf(moment(until)):
        flags.append(ODD)
    return Editorial(pub_status=status or "usable", embargoed_until=until)


def digest(fields: Mapping[str, Any], changed: str | None) -> str:
    """64 hex digits over what is carried and when the source last changed the article; "" if there is neither."""
    if not fields and not changed:
        return ""
    said = {"fields": fields, "versionCreated": changed}
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
