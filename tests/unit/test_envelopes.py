"""What `tail --json` wrote of a raw topic is fed as the messages that they were, headers and all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cli import envelopes
from agents.cli.reading import read
from agents.kafka.messages import feeders
from pipeline import formats

DOWN = [b"urn:news:1", b"https://echo.example/a?b=c", "häfen".encode(), b"\xff\x00", b""]
PAGE = b"<!doctype html><p>\xff page</p>"
HTML = [("content-type", b"text/html"), ("x-tenant", b"\xff7")]


@pytest.mark.parametrize(
    ("value", "headers", "line"),
    [
        (b'{"body": "x"}', [], {"body": "x"}),
        (b'{"body": "x"}', [("x-tenant", b"7"), ("content-type", b"application/json")], {"body": "x"}),
        (b'{"body": "x"}', [("copydesk_title", b"T")], {"headers": {"copydesk_title": "T"}, "value": {"body": "x"}}),
        (b"[1]", [("content-type", b"text/plain")], {"headers": {"content-type": "text/plain"}, "value": [1]}),
        (b"plain", [], {"notJson": "plain", "base64": "cGxhaW4="}),
        (
            b"plain", [("content-type", b"text/plain"), ("x-tenant", b"\xff7")],
            {"notJson": "plain", "base64": "cGxhaW4=",
             "headers": {"content-type": "text/plain", "x-tenant": {"base64": "/zc="}}},
        ),
        (None, HTML, None),
    ],
)  # fmt: skip
def test_headers_are_in_the_line_if_they_say_how_to_read_it(value: bytes | None, headers: Any, line: object) -> None:
    """A JSON article of which they say nothing more is itself, as it always was."""
    assert json.loads(envelopes.written(value, headers)) == line


@given(
    st.binary(max_size=60).filter(lambda value: not value.startswith(b"{")),
    st.lists(st.tuples(st.sampled_from(["content-type", "copydesk_title", "x"]), st.binary(max_size=9)), max_size=4,
             unique_by=lambda pair: pair[0]),
)  # fmt: skip
def test_what_is_no_json_comes_back_to_the_byte(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """With the headers that a dead letter would keep."""
    line = envelopes.written(value, headers)
    try:
        json.loads(value.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        assert envelopes.opened(line) == (value, feeders(headers)[0])


@pytest.mark.parametrize(
    "line",
    [
        b'{"body": "a \\"base64\\" of it"}', b'{"base64": "eA==", "body": "x"}',
        b'{"headers": {}, "value": 1, "body": "x"}',
        b'{"base64": "?"}', b'{"base64": 7}', b'{"headers": [], "value": {}}', b'{"headers": {"x": 7}, "value": {}}',
        b'{"base64": "eA==", "headers": {"x": {"base64": "?"}}}', b'{"base64"', b'["base64"]',
    ],
)  # fmt: skip
def test_anything_else_is_fed_as_it_is(line: bytes) -> None:
    """An article that only looks like it, and what is broken: refusing it is the pipeline's to do."""
    assert envelopes.opened(line) == (line, ())


def test_a_line_with_headers_is_an_article_for_every_command(tmp_path: Path) -> None:
    """A page in a JSONL file keeps its type, and its title is what the header said."""
    lines = [
        envelopes.written(PAGE, [*HTML, ("copydesk_title", b"Of the header")]),
        envelopes.written(b'{"body": "x"}', [("copydesk_language", b"de")]),
        envelopes.written(b'{"body": "x"}', []),
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    page, article, plain = (
        formats.decode_raw(found.value, origin=found.origin) for found in read([str(tmp_path / "a.jsonl")])
    )
    assert (page.html is not None, page.meta.title, article.meta.language) == (True, "Of the header", "de")
    assert plain.body == "x"


@pytest.mark.parametrize("key", DOWN)
def test_a_message_without_a_value_is_one_again(key: bytes, tmp_path: Path) -> None:
    """Its line has its key, whatever that is; feed reads the same key of it, and no value."""
    line = envelopes.written(None, HTML, key=key)
    assert json.loads(line).keys() == {"key", "value"}
    assert json.loads(line)["value"] is None
    path = tmp_path / "raw.jsonl"
    path.write_bytes(line + b'\n{"body": "x"}\n')
    down, article = read([str(path)])
    assert (down.takes_down, down.value) == (key, b"")
    assert (article.takes_down, article.value) == (None, b'{"body": "x"}')


@pytest.mark.parametrize(
    "line",
    [
        b"null", b'{"key": "urn:x:1"}', b'{"key": 7, "value": null}', b'{"key": "urn:x:1", "value": {}}',
        b'{"key": "urn:x:1", "value": null, "body": "x"}', b'{"key": {"base64": "?"}, "value": null}', b'["key"]',
    ],
)  # fmt: skip
def test_what_only_looks_like_a_take_down_is_none(line: bytes) -> None:
    """It is fed as it is, and is an article or refused."""
    assert envelopes.taken_down(line) is None
