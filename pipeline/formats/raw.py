"""The raw article: what every format answers with, as one JSON object; its fields are read here, once for all.

Only a text is asked for, and of a cancellation only what says which article it is of. One odd field beside it costs
that field and a flag, never the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from pipeline.article import GivenSubject, Hints, Json, Metadata, Origin, RawArticle
from pipeline.errors import InputRefused, Reason
from pipeline.formats import carried as of_ninjs
from pipeline.formats import field_names, field_values, forms, instants, markdown, markup
from pipeline.formats.carried import Carried
from pipeline.formats.field_names import FieldMap, Given, One
from pipeline.formats.field_values import MAX_URL, ODD, WEB, OddError
from pipeline.formats.lines import one_line
from pipeline.ids import article_uri, canonical_url, is_uri

_EARLIEST, _LATEST = 1900, 2100
FLAGS = frozenset(
    {"naive_timestamp", "unreadable_timestamp", "odd_timestamp", "odd_url", ODD, of_ninjs.ODD, "summary_only"}
)
T = TypeVar("T")


def article(document: Json, origin: Origin, hints: Hints, field_map: FieldMap = ()) -> RawArticle:
    """The article of a raw article's JSON object; a hint counts if the object has no such field, or a blank one.

    Raises InputRefused with its reason for anything that is not an article.
    """
    carried = of_ninjs.taken(document)
    # What the operator names is read, whatever it is in ninjs.
    rest = carried.rest | {name: document[name] for name in field_names.leading(document, field_map)}
    reader = _Reader(field_names.read(rest, field_map), carried)
    body, html = reader.text()
    return _article(reader, origin, hints, body=body, html=html)


class _Reader:
    """Reads one field after the other, and keeps account of what was odd."""

    def __init__(self, given: Given, carried: Carried) -> None:
        self.given = given
        self.carried = carried
        self.flags: list[str] = [*carried.flags]

    def first(self, field: str, read: Callable[[One], T | None], flag: str = ODD) -> T | None:
        """The first value of a field that can be read and says something; what cannot be read is flagged."""
        for one in self.given.all(field):
            if one.value is None:
                continue
            try:
                found = read(one)
            except OddError:
                self.flags.append(flag)
                continue
            if found is not None:
                return found
        return None

    def text(self) -> tuple[str | None, str | None]:
        """(body, html), one of them None; of a cancellation both may be. Raises InputRefused if there is no text."""
        wrong = ""
        given = [(field, one) for field in ("html", "body") for one in self.given.all(field)]
        for field, one in sorted(given, key=lambda pair: min(pair[1].rank, 1)):
            found = None if one.value is None else forms.text(one.value)
            if found is None:
                wrong = wrong or (field if one.value is not None else "")
            elif found.strip():
                if wrong:
                    self.flags.append(ODD)
                return _text_or_markup(found, is_html=field == "html")
        if self.carried.editorial.canceled:
            return None, None
        if not wrong and (summary := self._summary()):
            self.flags.append("summary_only")
            return _text_or_markup(summary, is_html=False)
        if wrong:
            raise InputRefused(Reason.SCHEMA_TYPE, f"{wrong}: a string is required")
        if not given:
            raise InputRefused(Reason.SCHEMA_MISSING, "one of body, html is required")
        if all(one.value is None for _, one in given):
            raise InputRefused(Reason.NULL_VALUE, "body and html are null")
        raise InputRefused(Reason.EMPTY_TEXT, "body and html are blank")

    def _summary(self) -> str | None:
        """The description of an item of a feed that has no other text; an item has a headline or an address."""
        if not (self.given.all("title") or self.given.all("url")):
            return None
        texts = (forms.text(one.value) for one in self.given.all("description"))
        return next((text for text in texts if text and text.strip()), None)


def _text_or_markup(text: str, *, is_html: bool) -> tuple[str | None, str | None]:
    """(body, html): markup is read as markup, whatever the field's name, and text as text."""
    bare = markup.unwrapped(text)
    if markup.is_markup(bare) or (is_html and (bare == text or markup.has_tags(bare))):
        return None, bare
    if not is_html and markdown.is_markdown(bare):
        return None, markdown.to_html(bare)
    return bare, None


def _article(reader: _Reader, origin: Origin, hints: Hints, *, body: str | None, html: str | None) -> RawArticle:
    flags = reader.flags
    published = reader.first("publishedAt", field_values.instant, "unreadable_timestamp")
    if published is None and hints.published_at:
        published = instants.read(hints.published_at)
        flags += [] if published else ["unreadable_timestamp"]
    modified = reader.first("modifiedAt", field_values.instant, "unreadable_timestamp")
    fetched = reader.first("fetchedAt", field_values.instant, "unreadable_timestamp")
    for found in (published, modified, fetched):
        if found:
            flags += [] if found[1] else ["naive_timestamp"]
            flags += [] if _EARLIEST <= found[0].year <= _LATEST else ["odd_timestamp"]
    if published and fetched and published[0] - fetched[0] > timedelta(days=1):
        flags.append("odd_timestamp")
    source, source_uri = reader.first("source", field_values.source) or (None, None)
    uri, url, page = _addresses(reader, hints, source)
    if body is None and html is None and not (uri or url):
        raise InputRefused(Reason.SCHEMA_MISSING, "a cancellation with no text needs its article's uri or url")
    keywords = reader.first("keywords", field_values.keywords(flags)) or ()
    subjects = reader.first("subjects", field_values.subjects(flags)) or ()
    sections = reader.first("section", field_values.sections(flags)) or ()
    subjects = (*subjects, *_further(sections, subjects))
    carried = reader.carried
    unknown = *reader.given.unknown, *(name[: field_names.MAX_NAME + 1] for name in carried.unknown)
    said = of_ninjs.digest(carried.fields, _rfc3339(modified))
    return RawArticle(
        uri=article_uri(uri=uri, url=url, raw_sha256=origin.raw_sha256),
        meta=Metadata(
            title=reader.first("title", field_values.line(1_000)) or field_values.shown(hints.title, 1_000),
            by=reader.first("by", field_values.byline(flags)),
            source=source,
            source_uri=source_uri,
            url=page,
            language=reader.first("language", field_values.line(35)) or one_line(hints.language, limit=35),
            published_at=_rfc3339(published),
            modified_at=_rfc3339(modified) if not published or not modified or modified[0] != published[0] else None,
            fetched_at=_rfc3339(fetched),
            content_type=reader.first("contentType", field_values.line(100)),
            section=next(iter(sections), None),
            description=reader.first("description", field_values.line(2_000)),
            keywords=keywords,
            given_subjects=subjects,
        ),
        origin=origin,
        body=body,
        html=html,
        flags=tuple(dict.fromkeys(flags)),
        unknown_fields=reader.given.unknown_count + len(carried.unknown),
        unknown_names=unknown[: field_names.MAX_UNKNOWN],
        editorial=replace(carried.editorial, sha256=said),
        carried=carried.fields,
    )


def _further(sections: tuple[str, ...], subjects: tuple[GivenSubject, ...]) -> Iterator[GivenSubject]:
    """The sections behind the first, which is the article's, as subjects that the source gave."""
    named = {subject.name.casefold() for subject in subjects if subject.name}
    for name in sections[1:]:
        if name.casefold() not in named:
            yield GivenSubject(name=name)


def _addresses(reader: _Reader, hints: Hints, source: str | None) -> tuple[str | None, str | None, str | None]:
    """The uri that is given, the address that is given, and that of the page if it is one of the web."""
    uri = reader.first("uri", field_values.given_uri, "odd_url")
    # Given as both, the url names the page and the uri the article.
    url = reader.first("url", field_values.given_url, "odd_url")
    if url is None and not (uri and uri.startswith(WEB)):
        url = one_line(hints.url, limit=MAX_URL + 1)
    shown = url or (uri if uri and uri.startswith(WEB) else None)
    page = canonical_url(shown) if shown and shown.startswith(WEB) and len(shown) <= MAX_URL else None
    if page and not is_uri(page):
        page = None
    if (url and page is None) or (uri and not is_uri(uri)):
        reader.flags.append("odd_url")
    if not uri and not shown and source:
        # A bare number or word tells the articles of one outlet apart, and not those of all.
        bare = reader.first("uri", lambda one: field_values.bare_id(one.value))
        uri = f"{source} {bare}" if bare else None
    return uri, shown, page


def _rfc3339(found: tuple[datetime, bool] | None) -> str | None:
    return found[0].isoformat(timespec="seconds").replace("+00:00", "Z") if found else None
