"""What users feed: one verdict for every input, and never an exception that is no verdict."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import formats
from pipeline.article import GivenSubject, Origin, RawArticle
from pipeline.errors import InputRefused, Reason
from pipeline.formats.parsing import MAX_DEPTH


def decode(document: Any) -> RawArticle:
    """Of an object, or of bytes as they are."""
    return formats.decode_raw(document if isinstance(document, bytes) else orjson.dumps(document))


def nested(levels: int, *, inside: bytes = b"") -> bytes:
    """An article of so many levels, its own included."""
    return b'{"body":"x","a":' + b"[" * (levels - 1) + inside + b"]" * (levels - 1) + b"}"


REFUSED: dict[str, tuple[bytes, Reason]] = {
    "nothing": (b"", Reason.MALFORMED_JSON),
    "no JSON": (b"hello", Reason.MALFORMED_JSON),
    "cut off": (b'{"body": "x', Reason.MALFORMED_JSON),
    "two documents": (b'{"body":"x"}{"body":"y"}', Reason.MALFORMED_JSON),
    "NaN": (b'{"body":"x","a":NaN}', Reason.MALFORMED_JSON),
    "Infinity": (b'{"body":"x","a":-Infinity}', Reason.MALFORMED_JSON),
    "1e400": (b'{"body":"x","a":1e400}', Reason.MALFORMED_JSON),
    "lone surrogate": (b'{"body":"\\ud800"}', Reason.MALFORMED_JSON),
    "lone surrogate in a key": (b'{"body":"x","\\udc00":1}', Reason.MALFORMED_JSON),
    "single quotes": (b"{'body':'x'}", Reason.MALFORMED_JSON),
    "trailing comma": (b'{"body":"x",}', Reason.MALFORMED_JSON),
    "two BOMs": (b'\xef\xbb\xbf\xef\xbb\xbf{"body":"x"}', Reason.MALFORMED_JSON),
    "raw control character": (b'{"body":"a\x00b"}', Reason.MALFORMED_JSON),
    "Latin-1": ('{"body":"café"}'.encode("latin-1"), Reason.NOT_UTF8),
    "encoded surrogate": (b'{"body":"\xed\xa0\x80"}', Reason.NOT_UTF8),
    "overlong": (b'{"body":"\xc0\xaf"}', Reason.NOT_UTF8),
    "UTF-16 with BOM": ('{"body":"x"}'.encode("utf-16"), Reason.NOT_UTF8),
    "UTF-16 LE": ('{"body":"x"}'.encode("utf-16-le"), Reason.NOT_UTF8),
    "UTF-16 BE": ('{"body":"x"}'.encode("utf-16-be"), Reason.NOT_UTF8),
    "UTF-32": ('{"body":"x"}'.encode("utf-32-le"), Reason.NOT_UTF8),
    "JSON framed for a schema registry": (b'\0\0\0\0\x07{"body":"x"}', Reason.SCHEMA_TYPE),
    "Avro framed for a schema registry": (b"\0\0\x01\x86\xa0\x02\xff\x0charbour", Reason.SCHEMA_TYPE),
    "UTF-32 BE": ('{"body":"x"}'.encode("utf-32-be"), Reason.NOT_UTF8),
    "five zeros": (b"\0" * 5, Reason.NOT_UTF8),
    "10 MB and a byte": (b'{"body":"' + b"x" * (formats.MAX_WIRE_BYTES - 10) + b'"}', Reason.TOO_LARGE),
    "65 levels": (nested(MAX_DEPTH + 1), Reason.TOO_DEEP),
    "65 levels and a number": (nested(MAX_DEPTH + 1, inside=b"1"), Reason.TOO_DEEP),
    "300 levels": (nested(300), Reason.TOO_DEEP),
    "100,000 levels": (nested(100_000), Reason.TOO_DEEP),
    "2^64": (b'{"body":"x","a":18446744073709551616}', Reason.NUMBER_RANGE),
    "-2^63 - 1": (b'{"body":"x","a":-9223372036854775809}', Reason.NUMBER_RANGE),
    "an integer of 400 digits": (b'{"body":"x","a":[{"b":1' + b"0" * 400 + b"}]}", Reason.MALFORMED_JSON),
    "an array": (b'[{"body":"x"}]', Reason.SCHEMA_TYPE),
    "a string": (b'"body"', Reason.SCHEMA_TYPE),
    "null": (b"null", Reason.SCHEMA_TYPE),
    "body a number": (b'{"body":1}', Reason.SCHEMA_TYPE),
    "body a list of numbers": (b'{"body":[1,2]}', Reason.SCHEMA_TYPE),
    "body an object without text": (b'{"body":{"size":2}}', Reason.SCHEMA_TYPE),
    "text a number": (b'{"text":1}', Reason.SCHEMA_TYPE),
    "a description of nothing": (b'{"description":"It is not known of what."}', Reason.SCHEMA_MISSING),
    "an empty object": (b"{}", Reason.SCHEMA_MISSING),
    "only a title": (b'{"title":"x"}', Reason.SCHEMA_MISSING),
    "body null": (b'{"body":null}', Reason.NULL_VALUE),
    "body and html null": (b'{"body":null,"html":null}', Reason.NULL_VALUE),
    "an empty body": (b'{"body":""}', Reason.EMPTY_TEXT),
    "a blank body": (b'{"body":" \\n\\t\\u00a0"}', Reason.EMPTY_TEXT),
    "a ninjs item without bodies": (b'{"headlines":[{"value":"x"}]}', Reason.SCHEMA_MISSING),
    "a ninjs item with no body": (b'{"bodies":[]}', Reason.NULL_VALUE),
    "a ninjs item with a null body": (b'{"bodies":[{"value":null}]}', Reason.NULL_VALUE),
    "a ninjs item with a body of no text": (b'{"bodies":[{"contentType":"text/plain"}]}', Reason.NULL_VALUE),
    "a ninjs item with bodies of a string": (b'{"bodies":"x"}', Reason.SCHEMA_TYPE),
    "a ninjs item with a number as text": (b'{"bodies":[{"value":1}]}', Reason.SCHEMA_TYPE),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_article_is_refused(what: str) -> None:
    """Each has its own reason, in a message of at most 200 characters."""
    data, reason = REFUSED[what]
    with pytest.raises(InputRefused) as refused:
        decode(data)
    assert refused.value.reason is reason
    assert 0 < len(str(refused.value)) <= 240
    assert "\n" not in str(refused.value)


def test_a_refusal_never_quotes_the_article() -> None:
    """The error names a field or a place, not what stands there."""
    for document in (b'{"body": "the secret of the house', b'{"title": "the secret", "body": {"x": "the secret"}}'):
        with pytest.raises(InputRefused) as refused:
            decode(document)
        assert "secret" not in str(refused.value)


ACCEPTED: dict[str, bytes] = {
    "BOM": b'\xef\xbb\xbf{"body":"x"}',
    "64 levels": nested(MAX_DEPTH),
    "64 levels and a number": nested(MAX_DEPTH, inside=b"1"),
    "exactly 10 MB": b'{"body":"' + b"x" * (formats.MAX_WIRE_BYTES - 11) + b'"}',
    "2^64 - 1": b'{"body":"x","a":18446744073709551615}',
    "-2^63": b'{"body":"x","a":-9223372036854775808}',
    "a surrogate pair": b'{"body":"\\ud83d\\ude00"}',
    "blank body, good html": b'{"body":" ","html":"<p>x"}',
    "NUL escaped": b'{"body":"a\\u0000b"}',
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_at_the_limit_it_is_an_article(what: str) -> None:
    """What is just within a limit is taken."""
    assert decode(ACCEPTED[what]).uri.startswith("urn:uuid:")


def test_every_field_is_read() -> None:
    """camelCase and snake_case spellings give the same article, each field in its place."""
    camel = {
        "uri": "https://news.example/a", "url": "https://news.example/a?utm_source=x#top", "title": "A  title\n",
        "body": "Text.", "by": ["Ana Petrov", "Li Wei"], "source": {"name": "Courier", "uri": "https://news.example"},
        "language": "en-GB", "section": "World", "description": "Short.", "keywords": ["a", " ", "b"],
        "subjects": ["medtop:04000000", "trade", {"name": "Tax", "qcode": "medtop:04000001"}],
        "publishedAt": "2026-01-02T03:04:05+02:00", "modifiedAt": "2026-01-02T04:00:00Z",
        "fetchedAt": "2026-01-02", "contentType": "text/plain",
    }  # fmt: skip
    snake = {
        {"publishedAt": "published_at", "modifiedAt": "modified_at", "fetchedAt": "fetched_at",
         "contentType": "content_type"}.get(name, name): value for name, value in camel.items()
    }  # fmt: skip
    article, same = decode(camel), decode(snake)
    assert (article.meta, article.uri, article.flags) == (same.meta, same.uri, same.flags)
    meta = article.meta
    assert article.uri == "https://news.example/a"
    assert meta.url == "https://news.example/a"
    assert (meta.title, meta.by, meta.source, meta.source_uri) == (
        "A title", "Ana Petrov, Li Wei", "Courier", "https://news.example",
    )  # fmt: skip
    assert (meta.published_at, meta.modified_at) == ("2026-01-02T01:04:05Z", "2026-01-02T04:00:00Z")
    assert meta.fetched_at == "2026-01-02T00:00:00Z"
    assert meta.keywords == ("a", "b")
    assert meta.given_subjects == (
        GivenSubject(uri="medtop:04000000", code="medtop:04000000"), GivenSubject(name="trade"),
        GivenSubject(name="Tax", code="medtop:04000001"),
    )  # fmt: skip
    assert article.flags == ("naive_timestamp",)
    assert article.unknown_fields == 0


TIMES: dict[str, tuple[str | None, set[str]]] = {  # as given: (as kept, flags)
    "2026-01-02T03:04:05Z": ("2026-01-02T03:04:05Z", set()),
    "2026-01-02T03:04:05.678+01:00": ("2026-01-02T02:04:05Z", set()),
    "2026-01-02T03:04:05": ("2026-01-02T03:04:05Z", {"naive_timestamp"}),
    "2026-01-02": ("2026-01-02T00:00:00Z", {"naive_timestamp"}),
    "yesterday": (None, {"unreadable_timestamp"}),
    "2026-13-45T99:00:00Z": (None, {"unreadable_timestamp"}),
    "0001-01-01T00:00:00+23:59": (None, {"unreadable_timestamp"}),
    "9999-12-31T23:59:59Z": ("9999-12-31T23:59:59Z", {"odd_timestamp"}),
    "1066-10-14T09:00:00Z": ("1066-10-14T09:00:00Z", {"odd_timestamp"}),
    "": (None, set()),
}


@pytest.mark.parametrize("given_", TIMES)
def test_a_bad_time_loses_no_news(given_: str) -> None:
    """A time is kept as UTC, or dropped, and what is odd about it is flagged."""
    kept, flags = TIMES[given_]
    article = decode({"body": "x", "publishedAt": given_})
    assert (article.meta.published_at, set(article.flags)) == (kept, flags)


@pytest.mark.parametrize(
    ("published", "fetched", "odd"),
    [
        ("2026-01-03T00:00:01Z", "2026-01-02T00:00:00Z", True),
        ("2026-01-02T12:00:00Z", "2026-01-02T00:00:00Z", False),
        ("2026-01-02T12:00:00Z", "9999-12-31T23:59:59Z", True),
    ],
)
def test_published_after_it_was_fetched_is_odd(published: str, fetched: str, odd: bool) -> None:
    """More than a day later cannot be; the end of all time is no exception."""
    article = decode({"body": "x", "publishedAt": published, "fetchedAt": fetched})
    assert ("odd_timestamp" in article.flags) is odd


def test_of_a_field_given_twice_the_last_counts() -> None:
    """JSON allows it and everybody reads it so."""
    assert decode(b'{"body":"first","body":"last"}').body == "last"


def test_unknown_fields_are_ignored_and_counted() -> None:
    """`__faust` is one like any other."""
    article = decode({"body": "x", "likes": 3, "__faust": {"ns": "os.system"}, "shares": None})
    assert (article.body, article.unknown_fields) == ("x", 3)
    assert article.unknown_names == ("likes", "__faust", "shares")


def test_of_many_unknown_fields_the_first_are_named() -> None:
    """The number is whole, the names are bounded in number and length."""
    article = decode({"body": "x", **{f"{number}{'n' * 300}": 0 for number in range(1_000)}})
    assert article.unknown_fields == 1_000
    assert len(article.unknown_names) == 50
    assert max(map(len, article.unknown_names)) <= 101


@pytest.mark.parametrize("url", ["not a url", "http://[", "javascript:alert(1)", "https://a b/c", "//x/y"])
def test_an_odd_url_is_flagged(url: str) -> None:
    """It is not kept as the article's address, but still tells articles apart."""
    article = decode({"body": "x", "url": url})
    assert article.meta.url is None
    assert "odd_url" in article.flags
    assert article.uri != decode({"body": "x"}).uri


def test_origin_is_carried_and_completed() -> None:
    """Kafka's coordinates come from outside, hash and size from the bytes."""
    data = orjson.dumps({"body": "x"})
    origin = Origin(raw_sha256="", size=0, topic="articles.raw", partition=3, offset=7)
    found = formats.decode_raw(data, origin=origin).origin
    assert (found.topic, found.partition, found.offset, found.size) == ("articles.raw", 3, 7, len(data))
    assert len(found.raw_sha256) == 64


ITEM = {
    "uri": "urn:newsml:x:1", "type": "text", "headlines": [{"role": "main", "value": "Head"}, {"value": "Other"}],
    "bodies": [{"contentType": "text/html", "value": "<p>Marked up"}, {"contentType": "text/plain", "value": "Plain."}],
    "by": "Ana", "language": "en", "firstCreated": "2026-01-02T00:00:00Z", "versionCreated": "2026-01-03T00:00:00Z",
    "infoSources": [{"role": "publisher", "name": "Wire", "uri": "https://wire.example"}],
    "subjects": [{"name": "Trade", "literal": "medtop:04000000", "rel": "about"}, {"name": "k", "rel": "keyword"}],
    "altIds": [{"role": "canonicalUrl", "value": "https://wire.example/1"}], "descriptions": [{"value": "Sum."}],
}  # fmt: skip


def test_a_ninjs_item_is_an_article() -> None:
    """ninjs 3: plain text is preferred; headline, source, times, address and given subjects are read."""
    article = decode(ITEM)
    meta = article.meta
    assert (article.uri, article.body, article.html) == ("urn:newsml:x:1", "Plain.", None)
    assert (meta.title, meta.by, meta.source, meta.url) == ("Head", "Ana", "Wire", "https://wire.example/1")
    assert (meta.published_at, meta.modified_at) == ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    assert meta.given_subjects == (GivenSubject(name="Trade", code="medtop:04000000"),)
    assert meta.description == "Sum."


@pytest.mark.parametrize(
    ("bodies", "body", "html"),
    [
        ([{"contentType": "text/html", "value": "<p>x"}], None, "<p>x"),
        ([{"value": "<p>x</p>"}], None, "<p>x</p>"),
        ([{"value": "plain, 3 < 4"}], "plain, 3 < 4", None),
        ([{"contentType": "text/html; charset=utf-8", "value": "<p>x"}], None, "<p>x"),
    ],
)
def test_a_ninjs_body_is_text_or_markup(bodies: list[Any], body: str | None, html: str | None) -> None:
    """ninjs 2 gives no type: markup is what looks like markup."""
    article = decode({"bodies": bodies})
    assert (article.body, article.html) == (body, html)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3),
    max_leaves=8,
)
FIELDS = ("body", "html", "uri", "url", "title", "by", "source", "bodies", "headlines", "publishedAt", "fetchedAt",
          "modified_at", "subjects", "keywords", "altIds", "infoSources", "descriptions", "versionCreated")  # fmt: skip
NEAR_ARTICLE = st.dictionaries(st.sampled_from(FIELDS), ANY_JSON | st.datetimes().map(str), max_size=6)


@given(
    st.binary(max_size=200)
    | ANY_JSON.map(lambda value: json.dumps(value).encode())
    | NEAR_ARTICLE.map(lambda value: json.dumps(value).encode())
    | NEAR_ARTICLE.map(lambda value: json.dumps({"body": "x", **value}).encode())
)
@example(b'{"body":"x","publishedAt":"2026-01-01","fetchedAt":"9999-12-31T23:59:59Z"}')
def test_any_bytes_have_a_verdict(data: bytes) -> None:
    """An article or InputRefused with a reason of the closed set: never another exception."""
    try:
        article = formats.decode_raw(data)
    except InputRefused as refused:
        verdict: Reason | str = refused.reason
    else:
        verdict = article.uri
        assert (article.body or "").strip() or (article.html or "").strip()
    assert verdict


def test_given_subjects_get_their_current_code() -> None:
    """Old codes are mapped and what the source wrote is kept; what maps to nothing stays as it was."""
    given_subjects = [
        {"name": "trade", "uri": "http://cv.iptc.org/newscodes/mediatopic/20000373"},
        {"code": "subj:04008000"},
        {"name": "Local", "code": "local-desk"},
        {"code": "medtop:15000000"},
    ]
    mapped = decode({"body": "x", "subjects": given_subjects}).meta.given_subjects
    codes = ["medtop:20000373", "medtop:20000346", "local-desk", "medtop:15000000"]
    assert [subject.code for subject in mapped] == codes
    assert mapped[1].uri == "subj:04008000"
    assert [subject.name for subject in mapped] == ["trade", None, "Local", None]


@pytest.mark.parametrize(
    ("field", "value", "section", "others"),
    [
        ("section", ["World", "Europe"], "World", ["Europe"]),
        ("section", ["World", "Europe", "Ports", "world", " "], "World", ["Europe", "Ports"]),
        ("articleSection", [{"name": "World"}, {"name": "Europe & Asia"}], "World", ["Europe & Asia"]),
        ("category", ["Arts, Books", "<b>Poetry</b>"], "Arts, Books", ["Poetry"]),
        ("section", ["World"], "World", []),
        ("section", "World, Europe", "World, Europe", []),
        ("section", {"name": "World"}, "World", []),
        ("section", [], None, []),
        ("section", [None, "Europe"], "Europe", []),
    ],
)
def test_each_section_of_a_list_is_a_subject(field: str, value: Any, section: str | None, others: list[str]) -> None:
    """The first is the article's section, the others are subjects that the source gave; one string is one section."""
    article = decode({"body": "x", field: value})
    assert article.meta.section == section
    assert article.meta.given_subjects == tuple(GivenSubject(name=name) for name in others)
    assert article.flags == ()


def test_a_section_that_is_a_subject_as_well_is_given_once() -> None:
    """Whatever its case. A part of the list that is no name costs itself and a flag; the rest counts."""
    article = decode({"body": "x", "subjects": ["Europe"], "section": ["World", "EUROPE", "Ports", 7]})
    assert [subject.name for subject in article.meta.given_subjects] == ["Europe", "Ports"]
    assert (article.meta.section, article.flags) == ("World", ("odd_field",))
    article = decode({"body": "x", "section": ["World", *(f"S{number}" for number in range(500))]})
    assert (len(article.meta.given_subjects), article.flags) == (49, ("odd_field",))
    article = decode({"body": "x", "section": [7]})
    assert (article.meta.section, article.flags) == (None, ("odd_field",))


def test_each_section_of_a_ninjs_item_is_a_subject() -> None:
    """The subjects whose `rel` is section: none of them is lost."""
    subjects = [{"name": "World", "rel": "section"}, {"name": "trade"}, {"name": "Europe", "rel": "section"}]
    article = decode({"uri": "urn:x:1", "bodies": [{"role": "main", "value": "x"}], "subjects": subjects})
    assert article.meta.section == "World"
    assert [subject.name for subject in article.meta.given_subjects] == ["trade", "Europe"]


@pytest.mark.parametrize(
    "given",
    [
        ["20001270"],
        ["medtop:20001270"],
        "20001270",
        [20001270],
        20001270,
        [{"code": "20001270"}],
        [{"code": 20001270}],
        [{"name": "20001270"}],
        [{"name": " medtop:20001270 "}],
        [{"uri": "20001270"}],
        [{"uri": "medtop:20001270"}],
        [{"qcode": "medtop:20001270"}],
        [{"code": "20001270", "scheme": "medtop"}],
        [{"code": "20001270", "scheme": "http://cv.iptc.org/newscodes/mediatopic/"}],
    ],
)
@pytest.mark.parametrize("form", ["ours", "ninjs 1"])
def test_a_media_topic_is_known_however_its_code_is_given(given: Any, form: str) -> None:
    """With its scheme or bare, as a string or a number, in a raw article and in an item of ninjs 1.x."""
    document = (
        {"body": "x", "subjects": given} if form == "ours" else {"guid": "urn:x:1", "body_text": "x", "subject": given}
    )
    (subject,) = decode(document).meta.given_subjects
    assert (subject.code, subject.name) == ("medtop:20001270", None)


@pytest.mark.parametrize("name", ["20261270", "99999999", "2000127", "Ports 20001270", "urn:desk:20001270"])
def test_a_subject_that_is_no_media_topic_stays_as_it_was_given(name: str) -> None:
    """A day, a number of the desk, a name with a number."""
    (subject,) = decode({"body": "x", "subjects": [name]}).meta.given_subjects
    assert (subject.name or subject.uri, subject.code) == (name, None)
    named = decode({"body": "x", "subjects": [{"name": name, "code": "medtop:04000000"}]}).meta.given_subjects[0]
    assert (named.name, named.code) == (name, "medtop:04000000")
