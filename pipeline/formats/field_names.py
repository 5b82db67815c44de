"""The names by which fields of a raw article are known, ours first: docs/feeding.md has the same table.

Upper and lower case and the signs `_ - : . /` and blanks within a name do not count: `pubDate`, `pub_date` and
`PubDate` are one name. Of several that are given the first that can be read counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.article import Json
from pipeline.errors import SettingsError
from pipeline.formats.carried import is_beside

# Ours: other names, in the order in which they count.
NAMES: Mapping[str, tuple[str, ...]] = {
    "html": ("bodyHtml", "contentHtml", "htmlBody", "htmlContent", "articleHtml", "rawHtml", "pageHtml"),
    "body": (
        "articleBody", "bodyText", "fullText", "fullContent", "mainText", "contentText", "plainText", "contentEncoded",
        "content", "text", "articleText", "story", "storyText", "rawText", "paragraphs", "article",
    ),
    "uri": ("guid", "id", "identifier", "urn"),
    "url": (
        "link", "permalink", "canonicalUrl", "canonical", "webUrl", "articleUrl", "pageUrl", "storyUrl", "newsUrl",
        "originalUrl", "href", "links", "mainEntityOfPage", "externalUrl", "shareUrl", "og:url",
    ),
    "title": ("headline", "headlines", "heading", "webTitle", "articleTitle", "newsTitle", "og:title", "dc:title",
              "name"),
    "by": (
        "byline", "author", "authors", "authorName", "authorNames", "creator", "creators", "dc:creator", "writer",
        "writers", "reporter", "journalist", "writtenBy", "article:author",
    ),
    "source": (
        "sourceName", "publisher", "publisherName", "publication", "outlet", "outletName", "siteName", "og:site_name",
        "site", "newspaper", "provider", "providerName", "mediaName", "feedTitle", "sourceDomain", "domain", "hostname",
    ),
    "language": ("lang", "locale", "inLanguage", "languageCode", "langCode", "contentLanguage", "dc:language",
                 "og:locale"),
    "section": ("sectionName", "articleSection", "category", "categoryName", "rubric", "department"),
    "description": (
        "summary", "abstract", "excerpt", "teaser", "standfirst", "shortDescription", "dek", "deck", "subtitle",
        "subheadline", "subheading", "trailText", "snippet", "contentSnippet", "descriptionText", "lead", "lede",
        "og:description", "dc:description",
    ),
    "keywords": ("tags", "tag", "categories", "labels", "newsKeywords", "topics"),
    "subjects": ("subject", "mediaTopics"),
    "publishedAt": (
        "published", "publishDate", "publishedDate", "publicationDate", "datePublished", "datePublish", "pubDate",
        "publishedTime", "publishTime", "publishedOn", "webPublicationDate", "firstPublished", "firstPublicationDate",
        "article:published_time", "firstCreated", "date", "dc:date", "dateTime", "isoDate", "issued", "releaseDate",
        "postDate", "postedAt", "publishedTimestamp", "created", "createdAt", "dateCreated", "timestamp", "time",
        "seenDate",
    ),
    "modifiedAt": (
        "modified", "updated", "updatedAt", "dateModified", "dateModify", "dateUpdated", "modifiedDate", "updatedDate",
        "updateDate", "lastModified", "lastUpdated", "updateTime", "modifiedTime", "versionCreated",
        "article:modified_time",
    ),
    "fetchedAt": (
        "fetched", "fetchDate", "crawledAt", "crawlDate", "scrapedAt", "scrapeDate", "retrievedAt", "dateDownload",
        "downloadedAt", "downloadDate", "harvestedAt", "accessedAt", "collectedAt",
    ),
    "contentType": ("mimeType", "mediaType"),
}  # fmt: skip
MAX_NAME = 100  # characters: no field of anybody's has a longer name
MAX_UNKNOWN = 50  # names of unknown fields that are told of one article
_SIGNS = re.compile(r"[\W_]+")
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAPPED = re.compile(r"\s*([A-Za-z_]{1,40})\s*=\s*([^\s=,](?:[^=,]{0,98}[^\s=,])?)\s*\Z")

FieldMap = tuple[tuple[str, str], ...]  # (ours, theirs), in the order in which they count


@dataclass(frozen=True, slots=True)
class One:
    """A value that is given for a field, and by which name; `rank` is 0 for our own name, below it for a mapped one."""

    rank: int
    name: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one object gives for each field of ours, in the order in which it counts."""

    values: Mapping[str, Sequence[One]]
    unknown: tuple[str, ...]  # at most MAX_UNKNOWN names
    unknown_count: int

    def all(self, field: str) -> Sequence[One]:
        """What is given for a field."""
        return self.values.get(field, ())


def key(name: str) -> str:
    """A name without what does not count in it."""
    return _SIGNS.sub("", name[:MAX_NAME]).lower() if len(name) <= MAX_NAME else ""


def snake(name: str) -> str:
    """Our name as Python spells it: `published_at`."""
    return _SNAKE.sub("_", name).lower()


# The key of each name: the field, and its place among the names of that field.
_KNOWN = {key(name): (field, place) for field, names in NAMES.items() for place, name in enumerate((field, *names))}


def read(document: Mapping[str, Json], field_map: FieldMap = ()) -> Given:
    """The fields of one object, in time linear in its size."""
    found: dict[str, list[tuple[int, One]]] = {}
    taken: set[str] = set()
    for place, (field, theirs) in enumerate(field_map):
        name, value = _at(document, theirs)
        if name is not None:
            taken.add(name)
            found.setdefault(field, []).append((place - len(field_map), One(-1, theirs, value)))
    unknown: list[str] = []
    count = 0
    for name, value in document.items():
        if name in taken:
            continue
        known = _KNOWN.get(name) or _KNOWN.get(key(name))
        if known is None:
            count += 1
            if count <= MAX_UNKNOWN:
                unknown.append(name[: MAX_NAME + 1])
        else:
            field, place = known
            # The exact spelling counts before others of the same name.
            other = name not in (field, snake(field))
            found.setdefault(field, []).append((place * 3 + other + (name != field), One(place, name, value)))
    values = {field: [one for _, one in sorted(given, key=_place)] for field, given in found.items()}
    return Given(values=values, unknown=tuple(unknown), unknown_count=count)


def _place(given: tuple[int, One]) -> int:
    return given[0]


def _at(document: Mapping[str, Json], path: str) -> tuple[str | None, Json]:
    """The top-level name that holds the value at `path`, and the value; a dotted path leads into objects."""
    if path in document:
        return path, document[path]
    first, *rest = path.split(".")
    if not rest or first not in document:
        return None, None
    value: Any = document[first]
    for name in rest:
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict) or name not in value:
            return None, None
        value = value[name]
    return first, value


def leading(document: Mapping[str, Json], field_map: FieldMap) -> frozenset[str]:
    """The top-level names of an object that a map leads to."""
    return frozenset(name for _, theirs in field_map if (name := _at(document, theirs)[0]) is not None)


def mapped(document: dict[str, Json], field_map: FieldMap) -> dict[str, Json]:
    """The object with the mapped fields by our names; itself if it has none of them.

    For those who send it on to where the map is not known.
    """
    moved: dict[str, Json] = {}
    rest = document
    for field, theirs in field_map:
        name, value = _at(document, theirs)
        if name is not None and value is not None:
            moved.setdefault(field, value)
            if not is_beside(name, document[name]):  # what a desk says is said to the pipeline too
                rest = _without(rest, [theirs] if name == theirs else theirs.split("."))
    if not moved:
        return document
    return {**{name: value for name, value in rest.items() if _field(name) not in moved}, **moved}


def _without(document: dict[str, Json], path: list[str]) -> dict[str, Json]:
    """The object without what is at a path, and without what is empty then; what is in a list stays."""
    first, *below = path
    inner = document.get(first)
    if below:
        if not isinstance(inner, dict):
            return document
        if left := _without(inner, below):
            return {**document, first: left}
    return {name: value for name, value in document.items() if name != first}


def _field(name: str) -> str | None:
    """The field of which a name is our own."""
    known = _KNOWN.get(key(name))
    return known[0] if known and known[1] == 0 else None


@functools.cache
def field_map(text: str) -> FieldMap:
    """A map from `title=headline,body=fields.bodyText`. Raises SettingsError, one line."""
    pairs: list[tuple[str, str]] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = _MAPPED.match(entry)
        if not found:
            raise SettingsError(f"{entry[:100]!a} is not FIELD=NAME, such as title=headline")
        field = _field(found[1])
        if field is None:
            raise SettingsError(f"{found[1]!a} is no field of an article; the fields are {', '.join(sorted(NAMES))}")
        pairs.append((field, found[2]))
    return tuple(dict.fromkeys(pairs))
