"""Formats: what declares one, what is told by its bytes, what is refused by name, and what a new one costs."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pytest

from agents.cli.reading import Unread, read
from pipeline import formats
from pipeline.article import Hints, Json, Origin, RawArticle
from pipeline.cleaning import load
from pipeline.contracts import Container, Format, Item
from pipeline.errors import InputRefused, Reason, Refusal
from pipeline.formats import registry
from pipeline.stages import Hop, Produced

PAGE = b"<!DOCTYPE html><html><head><title>x</title></head><body><p>The port was closed.</p></body></html>"
TEXT = b"Storm closes the port\n\nThe port of Osk was closed on Monday. Ships waited outside.\n"
RAW = {"body": "The port was closed."}
EVENT = {"specversion": "1.0", "type": "org.example.article", "source": "/feeder", "id": "1"}
ITEM = {"uri": "urn:x:1", "headlines": [{"value": "Port"}], "bodies": [{"value": "The port was closed."}]}


def decode(data: Any, kind: str | None = None, **hints: str) -> RawArticle:
    """An article whose headers say so much."""
    value = data if isinstance(data, bytes) else orjson.dumps(data)
    return formats.decode_raw(value, origin=Origin(raw_sha256="", size=0, hints=Hints(content_type=kind, **hints)))


def refusal(data: Any, kind: str | None = None) -> InputRefused:
    """Why it is refused."""
    with pytest.raises(InputRefused) as refused:
        decode(data, kind)
    return refused.value


@pytest.mark.parametrize(
    ("data", "kind", "body", "html"),
    [
        (RAW, None, "The port was closed.", None),
        (RAW, "application/json", "The port was closed.", None),
        (RAW, "APPLICATION/JSON ; charset=utf-8", "The port was closed.", None),
        (RAW, "text/json", "The port was closed.", None),
        (RAW, "application/vnd.example.article+json", "The port was closed.", None),
        (RAW, "application/octet-stream", "The port was closed.", None),
        (RAW, "", "The port was closed.", None),
        (ITEM, None, "The port was closed.", None),
        (ITEM, "application/ninjs+json", "The port was closed.", None),
        (PAGE, None, None, PAGE.decode()),
        (PAGE, "text/html", None, PAGE.decode()),
        (PAGE, "application/xhtml+xml", None, PAGE.decode()),
        (b"\xef\xbb\xbf \n<HTML lang=en><p>x", None, None, " \n<HTML lang=en><p>x"),
        (b"<!-- saved -->\n<!doctype  HTML>\n<p>x", None, None, "<!-- saved -->\n<!doctype  HTML>\n<p>x"),
        (b'<?xml version="1.0"?><html><p>x', None, None, '<?xml version="1.0"?><html><p>x'),
        (b"<p>A fragment", "text/html", None, "<p>A fragment"),
        (b'{"body": "JSON"}', "text/html", None, '{"body": "JSON"}'),
        (b"No title, only a text.", "text/plain", "No title, only a text.", None),
        (b'{"body": "JSON"}', "text/plain", '{"body": "JSON"}', None),
        (PAGE, "text/plain", None, PAGE.decode()),
        ("caf\xe9".encode("cp1252"), "text/plain; charset=iso-8859-1", "caf\xe9", None),
        ("caf\xe9".encode("utf-16-le"), 'text/plain; charset="UTF-16"', "caf\xe9", None),
        (b"caf\xe9", "text/plain; charset=nonsense", "caf\xe9", None),
        ("порт".encode("cp1251"), "text/html; a=b; charset=windows-1251", None, "порт"),
    ],
)  # fmt: skip
def test_what_is_declared_decides_and_else_the_bytes(
    data: Any, kind: str | None, body: str | None, html: str | None
) -> None:
    """A declared type is believed; without one it is a JSON object or plainly a page. Markup is markup in any field."""
    found = decode(data, kind)
    assert (found.body, found.html) == (body, html)


@pytest.mark.parametrize(
    ("data", "kind", "reason", "said"),
    [
        (TEXT, None, Reason.MALFORMED_JSON, ""),
        (b"<p>A fragment", None, Reason.MALFORMED_JSON, ""),
        (b"<htmlish>", None, Reason.MALFORMED_JSON, ""),
        (PAGE.decode().encode("utf-16"), None, Reason.NOT_UTF8, ""),
        (PAGE, "application/json", Reason.MALFORMED_JSON, ""),
        (TEXT, "application/vnd.example+json", Reason.MALFORMED_JSON, ""),
        (RAW, "application/ninjs+json", Reason.SCHEMA_MISSING, "bodies"),
        (b"%PDF", "application/pdf", Reason.SCHEMA_TYPE, "application/pdf"),
        (RAW, "application/avro", Reason.SCHEMA_TYPE, "application/avro"),
        (RAW, "image/svg+json", Reason.SCHEMA_TYPE, "image/svg+json"),
        (RAW, "json", Reason.SCHEMA_TYPE, "'json'"),
        (RAW, "a\x1b[2J\u202e/b", Reason.SCHEMA_TYPE, "\\x1b[2j\\u202e"),
        (b'{"body": "x"}\n{"body": "y"}', "application/x-ndjson", Reason.SCHEMA_TYPE, "JSON Lines"),
        (b'{"body": "x"}\n{"body": "y"}', None, Reason.MALFORMED_JSON, ""),
        ([RAW], None, Reason.SCHEMA_TYPE, "one message is one article"),
        ([RAW], "application/json", Reason.SCHEMA_TYPE, "one message is one article"),
        ([EVENT], "application/cloudevents-batch+json", Reason.SCHEMA_TYPE, "JSON array"),
        (b"", "text/plain", Reason.EMPTY_TEXT, ""),
        (b" \n", "text/html", Reason.EMPTY_TEXT, ""),
        (b"x" * (formats.MAX_WIRE_BYTES + 1), "text/plain", Reason.TOO_LARGE, ""),
    ],
)
def test_what_is_refused_is_refused_by_its_name(data: Any, kind: str | None, reason: Reason, said: str) -> None:
    """A type that nobody reads, a container, and what is not what it is declared to be."""
    refused = refusal(data, kind)
    assert refused.reason is reason
    assert said in refused.error
    assert refused.error.isprintable()


@pytest.mark.parametrize(
    ("event", "body", "html"),
    [
        ({"data": RAW}, RAW["body"], None),
        ({"data": RAW, "datacontenttype": "application/json"}, RAW["body"], None),
        ({"data": ITEM}, RAW["body"], None),
        ({"data": PAGE.decode(), "datacontenttype": "text/html; charset=iso-8859-1"}, None, PAGE.decode()),
        ({"data": "caf\xe9 is no title.", "datacontenttype": "text/plain"}, "caf\xe9 is no title.", None),
        ({"data_base64": base64.b64encode(PAGE).decode()}, None, PAGE.decode()),
        ({"data_base64": base64.b64encode(orjson.dumps(RAW)).decode()}, RAW["body"], None),
        (
            {"data_base64": base64.b64encode("é".encode("cp1252")).decode(), "datacontenttype": "text/plain"},
            "é", None,
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [None, "application/json", "application/cloudevents+json; charset=UTF-8"])
def test_an_event_is_opened(event: dict[str, Any], body: str | None, html: str | None, kind: str | None) -> None:
    """Declared, or told by its fields; the hash and the size are the message's, not the article's within."""
    value = orjson.dumps({**EVENT, **event})
    found = decode(value, kind)
    assert (found.body, found.html) == (body, html)
    assert found.origin.size == len(value)


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        ({**EVENT, "data": None}, None, Reason.NULL_VALUE),
        ({**EVENT}, "application/cloudevents+json", Reason.SCHEMA_MISSING),
        (RAW, "application/cloudevents+json", Reason.SCHEMA_MISSING),
        ({**EVENT, "type": 7, "data": RAW}, "application/cloudevents+json", Reason.SCHEMA_TYPE),
        ({**EVENT, "data": "x"}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data": [RAW]}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data": RAW, "datacontenttype": 7}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data": RAW, "datacontenttype": "text/html"}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data": "x", "datacontenttype": "application/pdf"}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data_base64": "=!"}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data_base64": 7}, None, Reason.SCHEMA_TYPE),
        ({**EVENT, "data_base64": base64.b64encode(b"{").decode()}, None, Reason.MALFORMED_JSON),
        ({**EVENT, "data": {"title": "x"}}, None, Reason.SCHEMA_MISSING),
        ({**EVENT, "data": {**EVENT, "data": RAW}}, None, Reason.SCHEMA_MISSING),
        (
            {**EVENT, "data_base64": base64.b64encode(orjson.dumps(
                {**EVENT, "data": "x", "datacontenttype": "text/plain"})).decode()},
            None, Reason.SCHEMA_TYPE,
        ),
        (b"{", "application/cloudevents+json", Reason.MALFORMED_JSON),
    ],
)  # fmt: skip
def test_an_event_without_an_article_is_refused(event: Any, kind: str | None, reason: Reason) -> None:
    """Whatever is missing of it."""
    assert refusal(event, kind).reason is reason


def test_an_article_with_the_fields_of_an_event_is_an_article() -> None:
    """What was read before is read as before."""
    assert decode({**EVENT, "data": {"body": "other"}, "body": "mine"}).body == "mine"


HEADERS = {
    "url": "https://Example.org/a?utm_source=x", "title": " Of the\u200b header ", "language": "en",
    "published_at": "2026-03-02T09:30:00+01:00",
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (RAW, None), (RAW, "application/json"), ({**RAW, "title": " ", "url": "", "language": None}, None),
        (PAGE, None),        (b"A text.", "text/plain"), ({**EVENT, "data": RAW}, None),
    ],
)  # fmt: skip
def test_hints_fill_what_an_article_does_not_say(data: Any, kind: str | None) -> None:
    """Address, title, language and time, bounded and mended as the article's own are."""
    found = decode(data, kind, **HEADERS).meta
    assert (found.url, found.title, found.language) == ("https://example.org/a", "Of the header", "en")
    assert found.published_at == "2026-03-02T08:30:00Z"


def test_an_articles_own_fields_win_over_hints() -> None:
    """By either spelling, of an article and of a ninjs item."""
    own = {"url": "https://example.org/own", "title": "Own", "language": "de", "published_at": "2020-01-01"}
    meta = decode({**RAW, **own}, **HEADERS).meta
    assert (meta.url, meta.title, meta.language, meta.published_at) == (
        "https://example.org/own", "Own", "de", "2020-01-01T00:00:00Z",
    )  # fmt: skip
    assert decode(ITEM, **HEADERS).meta.title == "Port"
    assert decode({**RAW, "uri": "https://example.org/own"}, **HEADERS).meta.url == "https://example.org/own"


def test_a_hint_that_cannot_be_used_is_flagged_and_costs_nothing() -> None:
    """As the article's own field would be."""
    found = decode(RAW, url="no address", published_at="yesterday")
    assert set(found.flags) == {"odd_url", "unreadable_timestamp"}
    assert found.body == RAW["body"]


@pytest.mark.parametrize(
    ("hint", "title", "begins"),
    [
        (None, "Storm closes the port", "The port of Osk"),
        ("Storm closes the port", "Storm closes the port", "The port of Osk"),
        ("Another", "Another", "Storm closes the port"),
    ],
)
def test_the_title_of_a_text_is_its_first_line_unless_another_is_given(
    hint: str | None, title: str, begins: str
) -> None:
    """A line that looks like a title is a guess; it is not lost where the guess is wrong."""
    found = decode(TEXT, "text/plain", **({"title": hint} if hint else {}))
    assert found.meta.title == title
    assert found.body is not None
    assert found.body.startswith(begins)


def test_hints_leave_nothing_in_the_article() -> None:
    """An article that was read has no hints, and one without hints is as it was before there were any."""
    origin = Origin(raw_sha256="", size=0, topic="articles.raw", partition=1, offset=2)
    value = orjson.dumps(RAW)
    plain = formats.decode_raw(value, origin=origin)
    declared = formats.decode_raw(value, origin=replace(origin, hints=Hints(content_type="application/json")))
    assert plain == declared
    assert declared.origin.hints is None


@pytest.mark.parametrize("row", registry.FORMATS, ids=lambda row: row.name)
def test_every_format_keeps_the_contract(row: Format) -> None:
    """Types and suffixes are in lower case; whatever it reads it answers, or refuses with a reason."""
    assert all(kind == kind.lower() and "/" in kind and ";" not in kind for kind in row.media_types)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in row.suffixes)
    for data in (b"", b"\0", b"\xff\xfe", b"{", b"[]", b"null", b"<", PAGE, TEXT, orjson.dumps(RAW), b"[" * 9_999):
        assert isinstance(row.plainly(data), bool)
        with contextlib.suppress(InputRefused):
            decode(data, row.media_types[0])


def test_no_two_formats_have_a_type_or_a_suffix_in_common() -> None:
    """Which row reads it is no matter of their order."""
    for names in (
        [kind for row in (*registry.FORMATS, *registry.CONTAINERS) for kind in row.media_types],
        [suffix for row in registry.FORMATS for suffix in row.suffixes],
        [suffix for row in registry.CONTAINERS for suffix in row.suffixes],
    ):
        assert len(names) == len(set(names))


class Telegram:
    """An invented format: `TITLE STOP sentence STOP sentence`."""

    name = "telegram"
    media_types = ("text/x-telegram",)
    suffixes = (".telegram",)

    def plainly(self, data: bytes, /) -> bool:
        """Nothing else begins so."""
        return data.startswith(b"TELEGRAM ")

    def read(self, data: bytes, hints: Hints, /) -> Json:
        """Raises InputRefused."""
        if b" STOP " not in data:
            raise InputRefused(Reason.SCHEMA_MISSING, "STOP is required of a telegram")
        title, *sentences = data.decode().removeprefix("TELEGRAM ").split(" STOP ")
        return {"title": title, "body": ". ".join(sentences) + "."}


class Bundle:
    """An invented container: articles between lines of dashes."""

    name = "bundle"
    media_types = ("text/x-bundle",)
    suffixes = (".bundle",)

    def holds(self, head: bytes, limit: int, /) -> bool:
        """Its suffix is no format's."""
        return True

    def split(self, stream: BinaryIO, limit: int, /) -> Iterator[Item]:
        """Each part."""
        for number, part in enumerate(stream.read().split(b"\n---\n"), start=1):
            yield Item(number=number, data=part)


TELEGRAM = (
    b"PORT CLOSED STOP The port of Osk was closed on Monday because of the storm STOP Ships waited outside for "
    b"the harbour master to open it again"
)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row each."""
    added: Format = Telegram()
    container: Container = Bundle()
    monkeypatch.setattr(registry, "FORMATS", (*registry.FORMATS, added))
    monkeypatch.setattr(registry, "CONTAINERS", (*registry.CONTAINERS, container))


@pytest.mark.usefixtures("invented")
def test_an_added_format_is_read_by_the_commands(tmp_path: Path) -> None:
    """Its row is all that it costs: file, folder, what is refused, and a container of it."""
    (tmp_path / "a.telegram").write_bytes(TELEGRAM)
    (tmp_path / "b.telegram").write_bytes(b"no end")
    (tmp_path / "c.bundle").write_bytes(b'{"body": "1"}\n---\n{"body": "2"}')
    (tmp_path / "d.other").write_bytes(b"no article")
    unread: list[Unread] = []
    found = list(read([str(tmp_path)], unread=unread.append))
    articles = [formats.decode_raw(each.value) for each in found]
    assert [article.meta.title for article in articles] == ["PORT CLOSED", None, None]
    assert [each.place.rpartition("/")[2] for each in found] == ["a.telegram", "c.bundle:1", "c.bundle:2"]
    assert [(each.reason, each.error) for each in unread] == [("schema_missing", "STOP is required of a telegram")]


@pytest.mark.usefixtures("invented")
def test_an_added_format_is_read_on_kafka() -> None:
    """Declared by a header, or plainly itself; its container is refused by name."""
    hop = Hop(load(), clock=lambda: 0.0)
    origin = Origin(raw_sha256="", size=0, hints=Hints(content_type="text/x-telegram; v=1", language="en"))
    bundle = Origin(raw_sha256="", size=0, hints=Hints(content_type="text/x-bundle"))
    declared, plain, undeclared, many = hop.run(
        [(TELEGRAM, origin), (b"TELEGRAM " + TELEGRAM, None), (TELEGRAM, None), (b"x", bundle)]
    )
    for outcome in (declared, plain):
        assert isinstance(outcome, Produced), outcome
        assert json.loads(outcome.value)["headlines"][0]["value"] == "PORT CLOSED"
    assert isinstance(undeclared, Refusal)
    assert undeclared.reason is Reason.MALFORMED_JSON
    assert isinstance(many, Refusal)
    assert (many.reason, "(bundle)" in many.error) == (Reason.SCHEMA_TYPE, True)
