"""What users feed: one JSON object an article, or a ninjs 2.x/3.x item. Gates in order: size, UTF-8, JSON, shape."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from pipeline.article import GivenSubject, Metadata, Origin, RawArticle
from pipeline.errors import InputRefused, Reason
from pipeline.formats import ninjs
from pipeline.formats.lines import one_line
from pipeline.ids import article_uri, canonical_url, is_uri
from pipeline.media_topics import with_current_code

MAX_WIRE_BYTES = 10_000_000  # 10 MB: what a producer may send; also the broker's message limit we create topics with
MAX_URL = 8_192  # characters: of what is longer no page is known
MAX_DEPTH = 64  # orjson reads 1,024 levels but writes only 254
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1
_BOM = b"\xef\xbb\xbf"
_EARLIEST, _LATEST = 1900, 2100
FLAGS = frozenset({"naive_timestamp", "unreadable_timestamp", "odd_timestamp", "odd_url"})


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


def decode_raw(data: bytes, *, origin: Origin | None = None) -> RawArticle:
    """Decode one raw article.

    `origin` carries the Kafka coordinates where there are any; its hash and size are filled in here.
    Raises InputRefused with its reason for anything that is not an article.
    """
    found = sha256(data).hexdigest()
    origin = replace(origin, raw_sha256=found, size=len(data)) if origin else Origin(raw_sha256=found, size=len(data))
    document = _parse(data)
    if ninjs.is_item(document):
        document = ninjs.to_raw(document)
    try:
        raw = _Raw.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InputRefused(Reason.SCHEMA_TYPE, f"{_where(first['loc'])}: {first['msg']}") from None
    if raw.body is None and raw.html is None:
        if "body" in document or "html" in document:
            raise InputRefused(Reason.NULL_VALUE, "body and html are null")
        raise InputRefused(Reason.SCHEMA_MISSING, "one of body, html is required")
    if not (raw.body or "").strip() and not (raw.html or "").strip():
        raise InputRefused(Reason.EMPTY_TEXT, "body and html are blank")
    return _article(raw, origin)


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_WIRE_BYTES:
        raise InputRefused(Reason.TOO_LARGE, f"{len(data)} bytes, at most {MAX_WIRE_BYTES}")
    data = data.removeprefix(_BOM)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputRefused(Reason.NOT_UTF8, f"byte {error.start}") from None
    if data[:4].count(0) >= 2 or (data[:2].count(0) == 1):  # ASCII in UTF-16 is valid UTF-8 with NULs
        raise InputRefused(Reason.NOT_UTF8, "looks like UTF-16 or UTF-32")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = Reason.TOO_DEEP if "depth limit" in str(error) else Reason.MALFORMED_JSON
        # The parser's message names a position, never the text.
        raise InputRefused(reason, f"{error.msg}: char {error.pos}") from None
    _check_values(document)
    if not isinstance(document, dict):
        raise InputRefused(Reason.SCHEMA_TYPE, f"a JSON object is required, not {type(document).__name__}")
    return document


def _check_values(document: object) -> None:
    """Depth and number range, level by level, without recursion."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH and any(isinstance(value, dict | list) for value in level):
            raise InputRefused(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not _INT64_MIN < value < _UINT64_MAX:
                # orjson reads an integer past 64 bits as a float: what it stood for is lost.
                raise InputRefused(Reason.NUMBER_RANGE, "a number is outside 64 bits")
        level = below


def _where(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else "article"


def _article(raw: _Raw, origin: Origin) -> RawArticle:
    flags: list[str] = []
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
    unknown = len(raw.model_extra or {})
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
    )


def _subject(given: str | _Subject) -> GivenSubject:
    if isinstance(given, str):
        return GivenSubject(uri=_uri(given)) if is_uri(given) else GivenSubject(name=one_line(given))
    return GivenSubject(name=one_line(given.name), uri=_uri(given.uri), code=one_line(given.code, limit=100))


def _uri(value: str | None) -> str | None:
    return value if value and is_uri(value) else None


def _timestamp(value: str | None, flags: list[str]) -> datetime | None:
    """RFC 3339 or an ISO 8601 date. What cannot be read is dropped and flagged: a bad date loses no news."""
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
