"""Which of a ninjs item's bodies, headlines and descriptions is the article's own, by the roles that it names.

IPTC leaves the roles to the provider. What is known as a part of the article, or as a rendition for a small place
(teaser, kicker, push, seo), gives way to what is called main; what has no role, or one that nobody knows, stands
between.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.formats import nitf

_MAIN_BODY = frozenset([
    "main", "body", "text", "full", "fulltext", "fullbody", "long", "article", "story", "content", "web", "print",
    "online", "default",
])  # fmt: skip
_PART_OF_BODY = frozenset([
    "short", "teaser", "summary", "abstract", "brief", "briefs", "caption", "kicker", "lead", "lede", "intro",
    "introduction", "standfirst", "subtitle", "headline", "title", "push", "alert", "social", "tweet", "twitter",
    "facebook", "seo", "newsletter", "email", "sms", "mobile", "snippet", "description", "signature", "byline",
    "credit", "sidebar", "infobox", "factbox", "note", "ednote", "correction", "alttext", "transcript", "dateline",
    "slug", "disclaimer", "footer", "copyright",
])  # fmt: skip
_MAIN_HEADLINE = ("main", "headline", "title", "hed", "default", "web", "online", "print")
_OTHER_HEADLINE = frozenset([
    "kicker", "overline", "eyebrow", "seo", "short", "sub", "subhead", "subheadline", "subtitle", "secondary",
    "deck", "dek", "standfirst", "slug", "slugline", "social", "twitter", "facebook", "push", "alert", "mobile",
    "teaser", "newsletter", "email", "sms", "alternative", "alt", "alternate", "summary", "section", "topic", "home",
])  # fmt: skip
_SUMMARY = frozenset([
    "summary", "abstract", "description", "short", "standfirst", "teaser", "lead", "lede", "main", "deck", "dek",
    "excerpt", "intro",
])  # fmt: skip
_NO_SUMMARY = frozenset(
    ["caption", "alttext", "alt", "credit", "rightsinfo", "keyword", "accessibility", "extendeddescription"]
)
_ALIKE = 0.6  # of the longest body: a shorter one of the same role is a part of it
_WORDS = re.compile(r"[^a-z]+")
_TAGS = re.compile(r"<[^<>]{0,4000}>")


def role(thing: dict[str, Any]) -> str:
    """A role without what does not count in it: "drol:caption", "Sub-Headline"."""
    given = thing.get("role")
    return _WORDS.sub("", given.lower().rpartition(":")[2]) if isinstance(given, str) else ""


def body(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """The body that is the whole article: of those with the best role and of about one length plain text, then HTML."""
    with_text = [one for one in bodies if isinstance(one.get("value"), str) and one["value"].strip()]
    if not with_text:
        return next((one for one in bodies if one.get("value") is not None), bodies[0] if bodies else {})
    best = min(map(_body_rank, with_text))
    good = [one for one in with_text if _body_rank(one) == best]
    sizes = [len(_TAGS.sub("", one["value"])) for one in good]
    alike = [one for one, size in zip(good, sizes, strict=True) if size >= max(sizes) * _ALIKE]
    return min(alike, key=lambda one: _type_rank(content_type(one)))


def headline(headlines: list[dict[str, Any]]) -> dict[str, Any]:
    """The main headline."""
    return min(headlines, key=_headline_rank, default={})


def description(descriptions: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary."""
    return min(
        descriptions,
        key=lambda one: 0 if role(one) in _SUMMARY else 2 if role(one) in _NO_SUMMARY else 1,
        default={},
    )


def content_type(thing: dict[str, Any]) -> str:
    """What it is declared to be, without parameters; empty if nothing is said."""
    given = thing.get("contentType") or thing.get("contenttype")
    return given.split(";")[0].strip().lower() if isinstance(given, str) else ""


def _body_rank(one: dict[str, Any]) -> int:
    name = role(one)
    return 0 if name in _MAIN_BODY else 2 if name in _PART_OF_BODY else 1


def _type_rank(kind: str) -> int:
    if nitf.is_type(kind):
        return 2
    return {"text/plain": 0, "": 0, "text/html": 1, "application/xhtml+xml": 1}.get(kind, 3)


def _headline_rank(one: dict[str, Any]) -> int:
    name = role(one)
    if not isinstance(one.get("value"), str) or not one["value"].strip():
        return 200
    if name in _MAIN_HEADLINE:
        return _MAIN_HEADLINE.index(name)
    return 100 if name in _OTHER_HEADLINE else 50
