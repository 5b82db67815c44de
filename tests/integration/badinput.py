"""Input that nobody should send: the corpora of shared/, and hand-made attacks on every gate.

JSONTestSuite (Nicolas Seriot, MIT) and the Big List of Naughty Strings (Max Woolf, MIT) lie beside the repository in
shared/data/badinput; they are not copied into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.integration.articles import Input

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "badinput"
FIELDS = ("title", "body", "html", "url", "source", "by", "publishedAt")
_BODY = "The council of Hamburg voted on Tuesday to build a bridge. The mayor called it a good day for the city."


def json_test_suite() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file: most are no JSON, all are no article."""
    for folder in ("test_parsing", "test_transform"):
        for path in sorted((CORPORA / "JSONTestSuite" / folder).glob("*.json")):
            yield path.name, path.read_bytes()


def json_test_suite_fields() -> Iterator[Input]:
    """Each file's bytes where the value of each field should be."""
    for name, value in json_test_suite():
        for field in FIELDS:
            uri = f"urn:json:{name}:{field}"
            rest = {"uri": uri, "title": "A bridge for Hamburg", "body": _BODY}
            rest = {key: text for key, text in rest.items() if key != field and (field, key) != ("html", "body")}
            yield Input(
                uri.encode(), json.dumps(rest)[:-1].encode() + b', "%s": ' % field.encode() + value + b"}", False
            )


def naughty_strings() -> list[str]:
    """The list, as strings."""
    found = json.loads((CORPORA / "blns" / "blns.json").read_text())
    assert isinstance(found, list)
    return found


def naughty_articles() -> Iterator[Input]:
    """Each string in each field of an article that is fine but for it."""
    for n, text in enumerate(naughty_strings()):
        for field in FIELDS:
            uri = f"urn:blns:{n}:{field}"
            article = {"uri": uri, "title": "A bridge for Hamburg", "body": _BODY, field: text}
            if field == "html":
                del article["body"]
            yield Input(uri.encode(), json.dumps(article).encode(), broken=False)


def attacks() -> Iterator[tuple[str, bytes]]:
    """One input for each gate and a few that get past several."""
    deep = b'{"body": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    yield "empty", b""
    yield "bom only", b"\xef\xbb\xbf"
    yield "utf-16", '{"body": "x"}'.encode("utf-16")
    yield "two documents", b'{"body": "a"} {"body": "b"}'
    yield "NaN", b'{"body": "a", "n": NaN}'
    yield "1e400", b'{"body": "a", "n": 1e400}'
    yield "lone surrogate", b'{"body": "\\ud800 and so on, a sentence that is long enough."}'
    yield "deep array", deep
    yield "deep object", b'{"a":' * 3_000 + b"1" + b"}" * 3_000
    yield "array", b"[1, 2, 3]"
    yield "number", b"17"
    yield "string", b'"an article"'
    yield "null", b"null"
    yield "body is a number", b'{"body": 17}'
    yield "body is null", b'{"body": null}'
    yield "no body", b'{"title": "No text"}'
    yield "empty body", b'{"body": ""}'
    yield "blank body", b'{"body": "   \\n\\t  "}'
    yield "ten million bytes", b'{"body": "' + b"word " * 2_100_000 + b'"}'
    yield "a million characters", json.dumps({"body": "word " * 220_000}).encode()
    yield "two hundred thousand characters", json.dumps({"body": "A sentence with some words. " * 8_000}).encode()
    yield "twenty thousand brackets", json.dumps({"body": "(" * 20_000 + ". " + _BODY}).encode()
    yield "combining marks", json.dumps({"body": "Z" + "\u0301" * 5_000 + " algo. " + _BODY}).encode()
    yield "bidi and zero width", json.dumps({"body": "\u202e\u2066\u200b" * 100 + _BODY}).encode()
    yield "nested html", json.dumps({"html": "<div>" * 20_000 + _BODY + "</div>" * 20_000}).encode()
    yield "tag flood", json.dumps({"html": "<p>" + "<b></b>" * 200_000 + _BODY + "</p>"}).encode()
    yield "unclosed tags", json.dumps({"html": "<a href='" * 5_000 + _BODY}).encode()
    yield "entity bomb", json.dumps({"html": "&amp;" * 100_000 + f"<p>{_BODY}</p>"}).encode()
    yield "xml bomb", json.dumps({"html": _XML_BOMB}).encode()
    yield "external entity", json.dumps({"html": _EXTERNAL_ENTITY}).encode()
    yield "many unknown fields", json.dumps({"body": _BODY, **{f"f{n}": n for n in range(10_000)}}).encode()
    yield "duplicate keys", b'{"body": "first", "body": ' + json.dumps(_BODY).encode() + b"}"
    yield "huge integer", b'{"body": "a", "n": ' + b"9" * 5_000 + b"}"
    yield "faust fields", json.dumps({"body": _BODY, "__faust": {"ns": "os.system"}}).encode()
    yield "far future", json.dumps({"body": _BODY, "publishedAt": "9999-12-31T23:59:59Z"}).encode()
    yield "year zero", json.dumps({"body": _BODY, "publishedAt": "0000-00-00T00:00:00Z"}).encode()
    yield "long url", json.dumps({"body": _BODY, "url": "https://example.org/" + "a" * 100_000}).encode()
    yield "long uri", json.dumps({"body": _BODY, "uri": "urn:" + "a" * 1_000_000}).encode()
    yield "control characters", json.dumps({"body": "\x00\x01\x1b[2J\x07" + _BODY, "title": "\x1b]0;x\x07"}).encode()
    yield "one endless line", json.dumps({"body": "a" * 90_000}).encode()
    yield "one endless sentence", json.dumps({"body": "and so on " * 9_000}).encode()
    yield "newlines", json.dumps({"body": "\n" * 50_000 + _BODY}).encode()


_XML_BOMB = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><p>&d;</p>"""
_EXTERNAL_ENTITY = (
    """<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>&x; and text.</p>"""
)

HEADERS: tuple[tuple[str, list[tuple[str, bytes]]], ...] = (
    (
        "coordinates too long to be numbers",
        [
            ("copydesk_source_topic", b"t"),
            ("copydesk_source_partition", b"9" * 5_000),
            ("copydesk_source_offset", b"9" * 5_000),
        ],
    ),
    (
        "coordinates beyond 64 bits",
        [("copydesk_source_topic", b"t"), ("copydesk_source_partition", b"1"), ("copydesk_source_offset", b"9" * 30)],
    ),
    (
        "a timestamp beyond time",
        [
            ("copydesk_source_topic", b"t"),
            ("copydesk_source_partition", b"0"),
            ("copydesk_source_offset", b"1"),
            ("copydesk_source_timestamp", b"9" * 18),
        ],
    ),
    ("an attempt without end", [("copydesk_attempt", b"9" * 4_000)]),
    ("where Faust would answer to", [("Faust-Ag-ReplyTo", b"articles.dead-letters"), ("Faust-Ag-CorrelationId", b"1")]),
    ("a trace that is none", [("traceparent", b"\xff" * 200)]),
    ("a header without a name", [("", b"x")]),
    (
        "not UTF-8",
        [
            ("copydesk_source_topic", b"\xff\xfe"),
            ("copydesk_source_partition", b"\xb2"),
            ("copydesk_source_offset", b"\xb2"),
        ],
    ),
    ("ten thousand headers", [("h", b"x")] * 10_000),
)
