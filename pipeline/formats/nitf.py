"""NITF (IPTC's News Industry Text Format, XML) as the body of an item: its content as HTML, and what its head says.

Only what is written within `body.content` is the article. NITF's own elements become those of HTML that mean the same;
most of its markup of text is HTML's already. Source: https://iptc.org/standards/nitf/, version 3.6.
"""

from __future__ import annotations

import re

from pipeline.formats import markup
from pipeline.formats.lines import one_line

_TYPES = frozenset({"application/nitf+xml", "text/nitf", "text/nitf+xml", "application/vnd.nitf+xml"})
_SIGN = re.compile(r"<(?:[A-Za-z]{1,10}:)?(?:nitf|body\.content)[\s>]", re.IGNORECASE)
_HEAD = 4_000  # characters in which a document says that it is NITF
_PREFIX = re.compile(r"(</?)nitf:", re.IGNORECASE)
_SAME = {
    "hl2": "h2", "hl1": "h2", "block": "div", "media-caption": "figcaption", "media": "figure", "note": "div",
    "person": "span", "org": "span", "location": "span", "chron": "span", "event": "span", "num": "span",
    "money": "span", "virtloc": "span", "function": "span", "object.title": "cite", "pronounce": "span",
    "postaddr": "address", "bq": "blockquote",
}  # fmt: skip
_GONE = ("media-metadata", "media-producer", "media-reference", "media-object", "docdata", "alt-code", "delivery.point")
_ELEMENT = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.-]{0,24})((?:\s[^<>]{0,4000})?)>")
_HEAD_FIELDS = {"title": ("hl1", "hedline", "title"), "by": ("byline", "bytag"), "description": ("abstract",)}
_DATE = re.compile(r"<(?:date\.issue|story\.date)\s[^<>]{0,200}norm\s*=\s*[\"']([^\"'<>]{4,40})[\"']", re.IGNORECASE)
_BY = re.compile(r"\A(?:by|By|BY)[\s:]+(?=\S)")
_COMPACT = re.compile(r"(\d{8})T?(\d{4,6})?(.{0,6})\Z")


def is_type(kind: str) -> bool:
    """Whether a content type is NITF's."""
    return kind in _TYPES


def is_nitf(text: str) -> bool:
    """Whether a text is an NITF document or its body."""
    return _SIGN.search(text[:_HEAD]) is not None


def read(text: str) -> dict[str, str]:
    """Its `html`, and its `title`, `by`, `description` and `publishedAt` as far as its head has them."""
    text = _PREFIX.sub(r"\1", text)
    head, content = _within(text, "body.content")
    if not content:
        head, content = "", _within(text, "body")[1] or text
    found = {"html": _ELEMENT.sub(_as_html, content)}
    for field, names in _HEAD_FIELDS.items():
        for name in names:
            if line := one_line(markup.line(_ELEMENT.sub(_as_html, _within(head, name)[1])), limit=1_000):
                found[field] = _BY.sub("", line) if field == "by" else line
                break
    if date := _DATE.search(text[: _HEAD * 4]):
        compact = _COMPACT.match(date[1])
        found["publishedAt"] = f"{compact[1]}T{compact[2]}{compact[3]}" if compact and compact[2] else date[1]
    return found


def _within(text: str, name: str) -> tuple[str, str]:
    """What stands before the first element of that name, and what is in it."""
    lower = text.lower()
    start = -1
    while (start := lower.find(f"<{name}", start + 1)) >= 0:
        if lower[start + len(name) + 1 : start + len(name) + 2] in (">", " ", "\n", "\t", "/"):
            break
    if start < 0:
        return text, ""
    opened = text.find(">", start) + 1
    end = lower.rfind(f"</{name}")
    if not opened or end < opened:
        return text[:start], text[opened:] if opened else ""
    return text[:start], text[opened:end]


def _as_html(element: re.Match[str]) -> str:
    name = element[2].lower()
    if name in _GONE:
        return ""
    if name in _SAME:
        return f"<{element[1]}{_SAME[name]}>"
    return element[0]
