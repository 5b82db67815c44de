"""What a page says of itself: its JSON-LD, its meta elements and its own elements, weighed against each other.

`read(tree, blocks) -> Found` finds; `complete(given, found)` fills what the raw article left open: a given field wins, but
the address that a page declares for itself is its address. decisions/0065 says by what each field is chosen.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from pipeline import bylines
from pipeline.article import Metadata
from pipeline.cleaning.extraction import addresses, dates, headline, json_ld, signed
from pipeline.cleaning.extraction.elements import Elements
from pipeline.cleaning.quality import Flag

MAX_FIELD = 1_000  # characters of any field
MAX_KEYWORDS = 50
_BLANKS = re.compile(r"\s+")
_TAGS = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,12}(?:\s[^<>]{0,300})?/?>|<!\[CDATA\[|\]\]>")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
# meta name, property or itemprop (lower case) -> field; earlier names win within a field.
_META: dict[str, tuple[str, ...]] = {
    "og": ("og:title",),
    "title": ("twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title", "sailthru.title", "headline", "title"),
    "by": ("author", "article:author", "parsely-author", "cxenseparse:author", "sailthru.author", "byl", "dc.creator", "dcterms.creator", "article:author_name", "article:byline", "authors", "og:article:author", "citation_author", "byline", "dcsext.author", "vr:author", "creator", "parsely-authors", "mrf:authors", "twitter:data1", "author-name", "dc.creator.author"),
    "source": ("og:site_name", "application-name", "publisher", "dc.publisher", "dcterms.publisher", "citation_journal_title"),
    "url": ("og:url", "twitter:url", "parsely-link"),
    "language": ("og:locale", "dc.language", "dcterms.language", "language", "content-language"),
    "published_at": ("article:published_time", "og:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "cxenseparse:recs:publishtime", "cxenseparse:recs:published_time", "cxenseparse:publishtime", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "pubdate", "date", "publish-date", "publishdate", "publication_date", "publication-date", "article.published", "citation_publication_date", "ptime", "displaydate", "publish_date", "published_time", "date.available", "vr:published_time", "article:published", "originalpublicationdate", "dc.date.created", "date.created"),
    "modified_at": ("article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "lastmod", "last-modified", "dcterms.modified", "article.updated", "utime", "date.modified", "date.updated", "dc.date.modified", "last-updated", "revised"),
    "section": ("article:section", "parsely-section", "section", "dc.subject.section", "cxenseparse:category"),
    "description": ("og:description", "description", "twitter:description", "dc.description"),
    "image": ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "parsely-image-url"),
}  # fmt: skip
_FIELD_OF = {name: (field, rank) for field, names in _META.items() for rank, name in enumerate(names)}
_KEYWORDS = frozenset({"keywords", "news_keywords", "article:tag", "parsely-tags", "sailthru.tags"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a page says. `free` is False if it says that it is not free to read (`isAccessibleForFree: false`)."""

    meta: Metadata
    flags: frozenset[Flag]
    free: bool


class _Metas:
    """The meta elements: the values of each field, the best name's first."""

    def __init__(self, tree: Any) -> None:
        ranked: dict[str, list[tuple[int, str]]] = {}
        self.keywords: list[str] = []
        for element in tree.iter("meta"):
            content = element.get("content")
            if not content or not content.strip():
                continue
            said = (element.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv"))
            for name in dict.fromkeys(word for value in said if value for word in value.lower().split()):
                if name in _KEYWORDS:
                    self.keywords.extend([content] if name == "article:tag" else content.split(","))
                elif name in _FIELD_OF:
                    field, rank = _FIELD_OF[name]
                    ranked.setdefault(field, []).append((rank, content))
        self._values = {field: sorted(values, key=lambda value: value[0])[:100] for field, values in ranked.items()}

    def all(self, field: str) -> list[str]:
        """Every value of a field."""
        return [content for _, content in self._values.get(field, ())]

    def named(self, field: str) -> Iterator[list[str]]:
        """The values of each name of a field: a page that repeats a name means all of them."""
        ranks = dict.fromkeys(rank for rank, _ in self._values.get(field, ()))
        for wanted in ranks:
            yield [content for rank, content in self._values[field] if rank == wanted]


def read(tree: Any, blocks: list[str], *, url: str | None = None, now: datetime | None = None) -> Found:
    """Metadata of a parsed page (lxml.html) and the texts of its JSON-LD blocks. Timestamps come out as RFC 3339.

    `url` is the address that the page was fed with; what is dated later than `now` is flagged.
    """
    metas, elements = _Metas(tree), Elements(tree)
    every = json_ld.nodes(blocks)
    index = json_ld.by_id(every)
    title = next((line for element in tree.iter("title") if (line := _clean(element.text_content()))), None)
    og = _first(map(_clean, metas.all("og")))
    base = addresses.base(tree, url)
    declared = list(addresses.declared(tree, metas.all("url"), base=base))
    heading, kicker = elements.heading((og, title, *(_clean(node.get("headline")) for node in every[:20])))
    nodes = json_ld.own(every, urls=(*declared, url), titles=(og, heading, title))
    articles = [node for node in nodes if not json_ld.is_page(node)]

    publishers = [
        index.get(node.get("@id", ""), node) if isinstance(node, dict) else node for node in _publishers(nodes, every)
    ]
    source = _first(map(_outlet, (*metas.all("source"), *(json_ld.name(node) for node in publishers))))
    canonical = addresses.choose([*declared, *addresses.of_nodes(articles, base=base)], fed=url)
    outlets = tuple(
        filter(
            None,
            (source, *map(json_ld.name, publishers), *metas.all("source"), *addresses.outlet_names(canonical or url)),
        )
    )
    names = signed.choose(_writers(nodes, index, metas, outlets), elements.marked(outlets), elements.seen(outlets))
    language = _language(nodes, metas, tree)
    published, modified, flags = dates.of_page(nodes, metas.all, elements, language=language, now=now)
    sources = headline.Sources(
        json_ld=_first(_clean(node.get("headline") or node.get("name")) for node in articles),
        og=og,
        heading=_clean(heading),
        kicker=kicker,
        title=title,
        others=tuple(filter(None, map(_clean, (*metas.all("title"), *(node.get("headline") for node in nodes))))),
    )
    meta = Metadata(
        title=headline.choose(sources, outlets),
        by=", ".join(names)[:MAX_FIELD] or None,
        authors=names,
        source=source,
        source_uri=_first(
            addresses.absolute(node.get("url") or node.get("@id"), base)
            for node in publishers
            if isinstance(node, dict)
        ),
        url=canonical,
        language=language,
        published_at=published,
        modified_at=modified,
        section=_first(_clean(_one(node.get("articleSection"))) for node in articles)
        or _first(map(_clean, metas.all("section"))),
        description=_first(map(_clean, (*metas.all("description"), *(node.get("description") for node in nodes)))),
        image=_first(
            addresses.absolute(address, base)
            for address in (*metas.all("image"), *(addresses.of_image(node.get("image")) for node in articles))
        ),
        keywords=_keywords(metas.keywords, articles),
    )
    free = not any(str(node.get("isAccessibleForFree")).lower() == "false" for node in nodes)
    return Found(meta=meta, flags=flags, free=free)


def complete(given: Metadata, found: Metadata) -> Metadata:
    """The given metadata, its gaps filled with what was found.

    The address is the one that the page declares; what it was fed with is kept as `given_url`.
    """
    changes = {
        field.name: value
        for field in dataclasses.fields(Metadata)
        if not getattr(given, field.name) and (value := getattr(found, field.name))
    }
    if given.by:
        changes.pop("authors", None)  # whose names these are is read from what was given
    if found.url and given.url and found.url != given.url:
        changes |= {"url": found.url, "given_url": given.url}
    return dataclasses.replace(given, **changes) if changes else given


def _writers(
    nodes: Sequence[dict[str, Any]], index: dict[str, Any], metas: _Metas, outlets: Sequence[str]
) -> Iterator[Sequence[bylines.Name]]:
    """What each field for authors gives as the names, the surest first."""
    for node in nodes:
        if not json_ld.is_page(node):
            for key in ("author", "creator"):
                yield json_ld.writers(node.get(key), index, outlets)
    for values in metas.named("by"):
        yield signed.together(values, outlets)
    for node in nodes:
        if json_ld.is_page(node):
            yield json_ld.writers(node.get("author") or node.get("creator"), index, outlets)


def _publishers(nodes: Sequence[dict[str, Any]], every: Sequence[dict[str, Any]]) -> list[Any]:
    found = [one for node in nodes if (one := _one(node.get("publisher")))]
    return found + [node for node in every if json_ld.kind(node) in ("website", "newsmediaorganization")]


def _language(nodes: Sequence[dict[str, Any]], metas: _Metas, tree: Any) -> str | None:
    root = tree.getroottree().getroot()
    given = [_one(node.get("inLanguage")) for node in nodes if not json_ld.is_page(node)]
    given += [root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"), *metas.all("language")]
    for value in given:
        said = value.get("alternateName") if isinstance(value, dict) else value
        tag = (_clean(said) or "").replace("_", "-")
        if _LANGUAGE.fullmatch(tag):
            return tag
    return None


def _keywords(given: Iterable[str], articles: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    words = list(given)
    for node in articles:
        said = node.get("keywords")
        words.extend(said.split(",") if isinstance(said, str) else said if isinstance(said, list) else ())
    seen = dict.fromkeys(word for raw in words[:1000] if (word := _clean(raw)) and len(word) <= 100)
    return tuple(seen)[:MAX_KEYWORDS]


def _first(values: Iterable[str | None]) -> str | None:
    return next(filter(None, values), None)


def _one(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _outlet(value: Any) -> str | None:
    """The name of an outlet; an address or a handle is none."""
    name = _clean(value)
    return None if name is None or name.startswith(("http:", "https:", "@", "//")) else name


def _clean(value: Any) -> str | None:
    """A text on one line, without markup: feeds and pages escape it once more than they should."""
    if not isinstance(value, str) or not value:
        return None
    text = unescape(value[: MAX_FIELD * 2])
    if "<" in text:
        text = _TAGS.sub("", text)
    if "&" in text:
        text = unescape(text)
    text = _BLANKS.sub(" ", text).strip()
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable())
    return text[:MAX_FIELD] or None
