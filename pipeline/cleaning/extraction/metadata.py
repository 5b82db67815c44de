"""The metadata of a page: JSON-LD first, then OpenGraph and meta elements, then the page's own elements.

`read(tree) -> Metadata` finds; `complete(given, found)` fills what the raw article left open: a given field always wins.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import dataclasses
import datetime
import email.utils
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.article import Metadata
from pipeline.cleaning.quality import Flag

MAX_JSON = 500_000  # characters of one JSON-LD block
MAX_FIELD = 1_000  # characters of any field
MAX_KEYWORDS = 50
MAX_NAMES = 10  # of authors
_ARTICLE = re.compile(
    r"article|newsarticle|reportage|blogposting|review|recipe|webpage|liveblog|opinion|analysis", re.I
)
_NOT_ARTICLE = ("webpage", "website", "collectionpage")
_HANDLE = re.compile(r"^(?:https?:|www\.|@)|@")
_BY = re.compile(r"^\s*(?:by|von|par|por|di)\s+", re.IGNORECASE)
_TITLE_CUT = re.compile(r"\s+[|»·•–—-]\s+|\s+:\s+")
_BLANKS = re.compile(r"\s+")
# meta name or property (lower case) -> field; earlier names win within a field.
_META: dict[str, tuple[str, ...]] = {
    "title": ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title", "sailthru.title", "headline"),
    "by": ("author", "article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "article:author_name", "cxenseparse:author"),
    "source": ("og:site_name", "application-name", "publisher", "dc.publisher", "dcterms.publisher", "citation_journal_title"),
    "url": ("og:url", "twitter:url", "parsely-link"),
    "language": ("og:locale", "dc.language", "dcterms.language", "language", "content-language"),
    "published_at": ("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "pubdate", "publish-date", "publishdate", "publication_date", "article.published", "date", "citation_publication_date", "ptime", "displaydate", "cxenseparse:recs:publishtime"),
    "modified_at": ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dcterms.modified", "article.updated", "utime"),
    "section": ("article:section", "parsely-section", "section", "dc.subject.section", "cxenseparse:category"),
    "description": ("og:description", "description", "twitter:description", "dc.description"),
}  # fmt: skip
_FIELD_OF = {name: (field, rank) for field, names in _META.items() for rank, name in enumerate(names)}
_KEYWORDS = frozenset({"keywords", "news_keywords", "article:tag", "parsely-tags", "sailthru.tags"})


def read(tree: Any, blocks: list[str]) -> tuple[Metadata, frozenset[Flag], bool]:
    """Metadata of a parsed page (lxml.html) and the texts of its JSON-LD blocks. Timestamps come out as RFC 3339.

    Last whether it is free to read: all are that do not say `isAccessibleForFree: false`.
    """
    found: dict[str, tuple[int, str]] = {}
    keywords: list[str] = []
    free = True

    def offer(field: str, value: Any, rank: int) -> None:
        text = _clean(value)
        if text and (field not in found or rank < found[field][0]):
            found[field] = (rank, text)

    for thing in _things(blocks):
        _from_json(thing, offer, keywords)
        free = free and str(thing.get("isAccessibleForFree")).lower() != "false"
    for element in tree.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        ).lower()
        content = element.get("content")
        if not content:
            continue
        if name in _KEYWORDS:
            keywords.extend([content] if name == "article:tag" else content.split(","))
        elif name in _FIELD_OF:
            field, rank = _FIELD_OF[name]
            if field != "by" or not _HANDLE.search(content.strip()):
                offer(field, content, 10 + rank)
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            offer("url", link.get("href"), 9)
            break
    _from_elements(tree, offer, found)
    meta, flags = _record({field: value for field, (_, value) in found.items()}, keywords)
    return meta, flags, free


def _record(values: dict[str, str], keywords: list[str]) -> tuple[Metadata, frozenset[Flag]]:
    flags: set[Flag] = set()
    for field in ("published_at", "modified_at"):
        if field in values:
            stamp, flag = timestamp(values.pop(field))
            if stamp:
                values[field] = stamp
            if flag:
                flags.add(flag)
    if "url" in values and not values["url"].startswith(("http://", "https://")):
        del values["url"]
    if "title" in values:
        values["title"] = without_site(values["title"], values.get("source"))
    if "by" in values:
        values["by"] = _BY.sub("", values["by"])
    if "language" in values:
        values["language"] = values["language"].replace("_", "-")
        if not re.fullmatch(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*", values["language"]):
            del values["language"]
    fields: dict[str, Any] = dict(values)
    seen = dict.fromkeys(word for raw in keywords if (word := _clean(raw)) and len(word) <= 100)
    return dataclasses.replace(Metadata(keywords=tuple(seen)[:MAX_KEYWORDS]), **fields), frozenset(flags)


def _from_elements(tree: Any, offer: Any, found: dict[str, tuple[int, str]]) -> None:
    """The last resort: what stands in the page itself."""
    root = tree.getroottree().getroot()
    offer("language", root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"), 8)
    if "title" not in found:
        headings = [h for h in tree.iter("h1") if h.text_content().strip()]
        if len(headings) == 1:
            offer("title", headings[0].text_content(), 30)
        else:
            title = next(tree.iter("title"), None)
            offer("title", title.text_content() if title is not None else None, 31)
    if "by" not in found:
        for anchor in tree.iter("a"):
            if (anchor.get("rel") or "").lower() == "author":
                offer("by", anchor.text_content(), 30)
                break
    if "published_at" not in found:
        for time in tree.iter("time"):
            if stamp := time.get("datetime"):
                offer("published_at", stamp, 30)
                break


def complete(given: Metadata, found: Metadata) -> Metadata:
    """The given metadata, its gaps filled with what was found; relative canonical URLs are resolved against the given."""
    changes = {
        field.name: value
        for field in dataclasses.fields(Metadata)
        if not getattr(given, field.name) and (value := getattr(found, field.name))
    }
    return dataclasses.replace(given, **changes) if changes else given


def timestamp(text: str) -> tuple[str | None, Flag | None]:
    """RFC 3339 with a zone (UTC if none was given: naive_timestamp), or None (unreadable_timestamp)."""
    text = text.strip()
    moment: datetime.datetime | None = None
    try:
        moment = datetime.datetime.fromisoformat(re.sub(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$)|\s*(?:UTC|GMT)$", "", text) + (
            "+00:00" if re.search(r"\d\s*(?:UTC|GMT)$", text) else ""))  # fmt: skip
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None, Flag.UNREADABLE_TIMESTAMP
    if not 1 < moment.year < 9999:
        return None, Flag.UNREADABLE_TIMESTAMP
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.UTC).isoformat().replace("+00:00", "Z"), Flag.NAIVE_TIMESTAMP
    return moment.isoformat().replace("+00:00", "Z"), None


def without_site(title: str, site: str | None) -> str:
    """A title without the outlet's name at its end (or start), if the name is known: "X | The Herald" -> "X"."""
    parts = _TITLE_CUT.split(title)
    if len(parts) < 2 or not site:
        return title
    key = re.sub(r"\W|^the\b", "", site.lower())
    if key and re.sub(r"\W|^the\b", "", parts[-1].lower()) == key:
        return title[: title.rindex(parts[-1])].rstrip(" |»·•–—-:")
    if key and re.sub(r"\W|^the\b", "", parts[0].lower()) == key:
        return title[len(parts[0]) :].lstrip(" |»·•–—-:")
    return title


def _things(blocks: list[str]) -> Iterator[dict[str, Any]]:
    """Every object of the JSON-LD blocks that may describe the article, articles before pages."""
    things: list[dict[str, Any]] = []
    for block in blocks:
        if len(block) > MAX_JSON:
            continue
        try:
            data = json.loads(block, strict=False)
        except (ValueError, RecursionError):
            continue
        queue = data if isinstance(data, list) else [data]
        for item in queue[:50]:
            if isinstance(item, dict):
                things.append(item)
                graph = item.get("@graph")
                if isinstance(graph, list):
                    things.extend(node for node in graph[:50] if isinstance(node, dict))
                parts = (item.get(key) for key in ("mainEntity", "mainEntityOfPage"))
                things.extend(part for part in parts if isinstance(part, dict))
    typed = [(kind, thing) for thing in things if _ARTICLE.search(kind := _type(thing))]
    for kind, thing in sorted(typed, key=lambda pair: pair[0] in _NOT_ARTICLE):
        del kind
        yield thing


def _type(thing: dict[str, Any]) -> str:
    kind = thing.get("@type")
    if isinstance(kind, list):
        kind = " ".join(str(part) for part in kind)
    return str(kind or "").lower()


def _from_json(thing: dict[str, Any], offer: Any, keywords: list[str]) -> None:
    page = _type(thing) in _NOT_ARTICLE
    rank = 7 if page else 0
    offer("title", thing.get("headline") or (thing.get("name") if not page else None), rank)
    offer("by", _names(thing.get("author") or thing.get("creator")), rank)
    publisher = thing.get("publisher")
    offer("source", _names(publisher), 12)  # og:site_name is the outlet, the publisher may be its company
    if isinstance(publisher, dict):
        address = publisher.get("url") or publisher.get("@id")
        if isinstance(address, str) and address.startswith(("http://", "https://")):
            offer("source_uri", address, rank)
    offer("published_at", thing.get("datePublished"), rank)
    offer("modified_at", thing.get("dateModified"), rank)
    offer("section", _first(thing.get("articleSection")), rank)
    offer("description", thing.get("description"), 15 + rank)
    language = thing.get("inLanguage")
    offer("language", language.get("alternateName") if isinstance(language, dict) else _first(language), rank)
    entity = thing.get("mainEntityOfPage")
    offer("url", entity.get("@id") if isinstance(entity, dict) else entity or thing.get("url"), 11 + rank)
    words = thing.get("keywords")
    if isinstance(words, str):
        keywords.extend(words.split(","))
    elif isinstance(words, list):
        keywords.extend(word for word in words if isinstance(word, str))


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _names(value: Any) -> str | None:
    """The name, or the names, of a person or organisation as JSON-LD gives them."""
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        for part in name if isinstance(name, list) else [name]:
            text = _clean(part)
            if text and not _HANDLE.search(text) and text not in names:
                names.append(text)
                if len(names) == MAX_NAMES:
                    return ", ".join(names)
    return ", ".join(names) or None


def _clean(value: Any) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    text = _BLANKS.sub(" ", html.unescape(value[: MAX_FIELD * 2])).strip()
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable())
    return text[:MAX_FIELD] or None


def absolute(url: str | None, base: str | None) -> str | None:
    """A canonical URL made absolute; None if it cannot be."""
    if not url:
        return None
    try:
        joined = urljoin(base or "", url)
        return joined if urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        return None
