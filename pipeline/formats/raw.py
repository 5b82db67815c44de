"""The raw article: what every format answers with, as one JSON object; its shape is looked at here, once for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from pipeline.article import GivenSubject, Hints, Json, Metadata, Origin, RawArticle
from pipeline.errors import InputRefused, Reason
from pipeline.formats.carried import ODD, Carried, digest, taken
from pipeline.formats.lines import one_line
from pipeline.ids import article_uri, canonical_url, is_uri
from pipeline.media_topics import with_current_code

MAX_URL = 8_192  # characters: of what is longer no page is known
_EARLIEST, _LATEST = 1900, 2100
FLAGS = frozenset({"naive_timestamp", "unreadable_timestamp", "odd_timestamp", "odd_url", ODD})


class _Source(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    name: str | None = None
    uri: str | None = None


class _Subject(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    name: str | None = None
    uri: str | None = None
    code: str | None = Field(default=None, validation_alias=AliasChoices("code", "literal", "qcode"))


def _either(camel: str, snake: str) -> Any:
    return Field(default=None, validation_alias=AliasChoices(camel, snake))


class _Raw(BaseModel):
    """The shape of a raw article. docs/schema/raw-article.json says the same in JSON Schema; a test compares them."""

    model_config = ConfigDict(strict=True, extra="allow")

    body: str | None = None
    html: str | None = None
    uri: str | None = None
    url: str | None = None
    title: str | None = None
    by: str | list[str] | None = None
    source: str | _Source | None = None
    language: str | None = None
    section: str | None = None
    description: str | None = None
    keywords: list[str] | None = None
    subjects: list[str | _Subject] | None = None
    published_at: str | None = _either("publishedAt", "published_at")
    modified_at: str | None = _either("modifiedAt", "modified_at")
    fetched_at: str | None = _either("fetchedAt", "fetched_at")
    content_type: str | None = _either("contentType", "content_type")


def article(document: Json, origin: Origin, hints: Hints) -> RawArticle:
    """The article of a raw article's JSON object; a hint counts if the object has no such field, or a blank one.

    Raises InputRefused with its reason for anything that is not an article.
    """
    carried = taken(document)
    document = carried.rest
    try:
        raw = _Raw.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if not carried.editorial.canceled:
            raise InputRefused(Reason.SCHEMA_TYPE, f"{_where(first['loc'])}: {first['msg']}") from None
        raw = _Raw.model_validate(_strings(document, "uri", "url", "title", "language", "body", "html"))
    _check(raw, document, canceled=carried.editorial.canceled, hints=hints)
    # `uri` may be the web address: then no other is believed.
    given = {"title": hints.title, "language": hints.language, "published_at": hints.published_at}
    given |= {} if raw.uri and raw.uri.startswith(("http://", "https://")) else {"url": hints.url}
    missing = {name: value for name, value in given.items() if value and not (getattr(raw, name) or "").strip()}
    return _article(raw.model_copy(update=missing) if missing else raw, origin, carried)


def _strings(document: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: document[name] for name in names if isinstance(document.get(name), str)}


def _check(raw: _Raw, document: dict[str, Json], *, canceled: bool, hints: Hints) -> None:
    """An article has a text, a cancellation says which article it is of. Raises InputRefused."""
    has_text = bool((raw.body or "").strip() or (raw.html or "").strip())
    if canceled:
        if not (has_text or raw.uri or raw.url or hints.url):
            raise InputRefused(Reason.SCHEMA_MISSING, "a cancellation with no text needs its article's uri or url")
        return
    if raw.body is None and raw.html is None:
        if "body" in document or "html" in document:
            raise InputRefused(Reason.NULL_VALUE, "body and html are null")
        raise InputRefused(Reason.SCHEMA_MISSING, "one of body, html is required")
    if not has_text:
        raise InputRefused(Reason.EMPTY_TEXT, "body and html are blank")


def _where(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else "article"


def _article(raw: _Raw, origin: Origin, carried: Carried) -> RawArticle:
    flags: list[str] = [*carried.flags]
    published = _timestamp(raw.published_at, flags)
    modified = _timestamp(raw.modified_at, flags)
    fetched = _timestamp(raw.fetched_at, flags)
    if published and fetched and published - fetched > timedelta(days=1):
        flags.append("odd_timestamp")
    # Given as both, the url names the page and the uri the article.
    url = one_line(raw.url) or (raw.uri if raw.uri and raw.uri.startswith(("http://", "https://")) else None)
    page = canonical_url(url) if url and url.startswith(("http://", "https://")) and len(url) <= MAX_URL else None
    if page and not is_uri(page):
        page = None
    if (raw.url and page is None) or (raw.uri and not is_uri(raw.uri)):
        flags.append("odd_url")
    unknown = len(raw.model_extra or {}) + carried.unknown
    said = digest(carried.fields, _rfc3339(modified))
    return RawArticle(
        uri=article_uri(uri=raw.uri, url=url, raw_sha256=origin.raw_sha256),
        meta=Metadata(
            title=one_line(raw.title, limit=1000),
            by=one_line(", ".join(raw.by) if isinstance(raw.by, list) else raw.by),
            source=one_line(raw.source.name if isinstance(raw.source, _Source) else raw.source),
            source_uri=_uri(raw.source.uri) if isinstance(raw.source, _Source) else None,
            url=page,
            language=one_line(raw.language, limit=35),
            published_at=_rfc3339(published),
            modified_at=_rfc3339(modified) if modified != published else None,
            fetched_at=_rfc3339(fetched),
            content_type=one_line(raw.content_type, limit=100),
            section=one_line(raw.section),
            description=one_line(raw.description, limit=2000),
            keywords=tuple(word for word in map(one_line, raw.keywords or ()) if word),
            given_subjects=tuple(with_current_code(_subject(subject)) for subject in raw.subjects or ()),
        ),
        origin=origin,
        body=raw.body,
        html=raw.html,
        flags=tuple(dict.fromkeys(flags)),
        unknown_fields=unknown,
        editorial=replace(carried.editorial, sha256=said),
        carried=carried.fields,
    )


def _subject(given: str | _Subject) -> GivenSubject:
    if isinstance(given, str):
        return GivenSubject(uri=_uri(given)) if is_uri(given) else GivenSubject(name=one_line(given))
    return GivenSubject(name=one_line(given.name), uri=_uri(given.uri), code=one_line(given.code, limit=100))


def _uri(value: str | None) -> str | None:
    return value if value and is_uri(value) else None


def _timestamp(value: str | None, flags: list[str]) -> datetime | None:
    """RFC 3339 or an ISO 8601 date. One that cannot be read is dropped and flagged: it does not cost the article."""
    if not value or not value.strip():
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            flags.append("naive_timestamp")
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        flags.append("unreadable_timestamp")
        return None
    if not _EARLIEST <= moment.year <= _LATEST:
        flags.append("odd_timestamp")
    return moment


def _rfc3339(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
