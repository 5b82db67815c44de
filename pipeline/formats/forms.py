"""The forms in which feeders write one value: a string, an object that holds it, a list of either.

WordPress writes `{"rendered": …}`, feed readers `[{"value": …, "type": "text/html"}]` and `{"#text": …}`, others
objects with a `name`. A form is forgiven; a value of another type (a number for a name) is not guessed.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.article import Json

MAX_ITEMS = 1_000  # of a list: no article has more authors, keywords or paragraphs
_DEPTH = 4
_TEXT = (
    "rendered", "value", "#text", "_", "$t", "$", "@value", "__cdata", "#cdata-section", "html", "text", "content",
    "main", "name", "title", "plain", "default", "en",
)  # fmt: skip
_NAME = ("name", "displayName", "display_name", "fullName", "full_name", "original", "byline", "title", *_TEXT)
_WORD = ("term", "label", "tag", "keyword", *_TEXT)
_BETWEEN = re.compile(r"[,;|\n、，]")
_ADDRESS = ("href", "@href", "url", "@id", "uri", "value", "#text", "_", "rendered", "link")


def text(value: Json, *, between: str = "\n\n") -> str | None:
    """The text of a value; of a list its parts, or the longest of them if they are one text in several types."""
    return _text(value, _TEXT, between, _DEPTH)


def words(value: Json) -> tuple[list[str], bool]:
    """Keywords, and whether all of them were read: a list of any form, or one string with signs between them."""
    if isinstance(value, str):
        return [word for part in _BETWEEN.split(value) if (word := part.strip())], True
    given = value if isinstance(value, list) else [value]
    found = [_text(each, _WORD, ", ", _DEPTH) for each in given[:MAX_ITEMS]]
    whole = len(given) <= MAX_ITEMS and all(
        word is not None or each is None for word, each in zip(found, given, strict=False)
    )
    return [word for word in found if word and word.strip()], whole


def names(value: Json) -> tuple[list[str], bool]:
    """The names in a value, and whether all of it was read: one by one, or in one string."""
    if isinstance(value, dict) and not any(isinstance(value.get(key), str | list | dict) for key in _NAME):
        person = _first_and_last(value)
        return [person] if person else [], person is not None
    given = value if isinstance(value, list) else [value]
    found: list[str] = []
    whole = len(given) <= MAX_ITEMS
    for each in given[:MAX_ITEMS]:
        name = (_first_and_last(each) if isinstance(each, dict) else None) or _text(each, _NAME, ", ", _DEPTH)
        if name is None:
            whole = whole and each is None
        elif name.strip():
            found.append(name)
    return found, whole


def address(value: Json) -> str | None:
    """The address in a value; of a list of links that of the article itself (`rel` alternate, or none)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next((found for key in _ADDRESS if isinstance(found := value.get(key), str)), None)
    if isinstance(value, list):
        links = value[:MAX_ITEMS]
        own = [
            each for each in links if not isinstance(each, dict) or each.get("rel") in (None, "alternate", "canonical")
        ]
        return next((found for each in own if (found := address_of_one(each))), None)
    return None


def address_of_one(value: Json) -> str | None:
    """As `address`, of what is no list."""
    return None if isinstance(value, list) else address(value)


def moment(value: Json) -> Any:
    """What a date is written as: a string or a number; of an object what it holds."""
    for _ in range(_DEPTH):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return value
        value = next((value[key] for key in ("$date", "$numberLong", "date", "datetime", *_TEXT) if key in value), None)
    return None


def _text(value: Json, keys: tuple[str, ...], between: str, depth: int) -> str | None:
    if isinstance(value, str) or depth == 0:
        return value if isinstance(value, str) else None
    if isinstance(value, dict):
        for key in keys:
            if key in value and (found := _text(value[key], keys, between, depth - 1)) is not None:
                return found
        return None
    if not isinstance(value, list):
        return None
    parts: list[str] = []
    for each in value[: MAX_ITEMS * 10]:
        part = _text(each, keys, between, depth - 1)
        if part is None and each is not None:
            return None
        parts.append(part or "")
    typed = [each for each in value if isinstance(each, dict) and "/" in str(each.get("type", ""))]
    if len(typed) == len(value) and len(value) > 1:
        return max(parts, key=len)
    return between.join(filter(None, parts)) if parts else None


def _first_and_last(value: dict[str, Any]) -> str | None:
    for first, last in (
        ("firstName", "lastName"),
        ("first_name", "last_name"),
        ("firstname", "lastname"),
        ("given", "family"),
    ):
        parts = [part for part in (value.get(first), value.get(last)) if isinstance(part, str) and part.strip()]
        if parts:
            return " ".join(parts)
    return None
