"""Headers: whatever a feeder writes into them is read, or ignored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kafka.messages import (
    MAX_FEEDER_BYTES,
    MAX_FEEDER_HEADERS,
    READING,
    Coordinates,
    attempts_before,
    event_headers,
    feeders,
    header,
    hints,
    known,
    source_of,
    traceparent,
)
from pipeline.article import Hints
from pipeline.editorial import State

HERE = Coordinates(topic="articles.cleaned", partition=1, offset=2)
RAW = Coordinates(topic="articles.raw", partition=3, offset=4)
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def source(topic: bytes = b"articles.raw", partition: bytes = b"3", offset: bytes = b"4", **more: bytes) -> Any:
    """Headers with these coordinates."""
    values = {"topic": topic, "partition": partition, "offset": offset, **more}
    return [(f"copydesk_source_{name}", value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (source(), (RAW, None)),
        (source(timestamp=b"1500"), (RAW, 1.5)),
        (dict(source()), (RAW, None)),
        (None, (HERE, 9.0)),
        ([], (HERE, 9.0)),
        (source(topic=b""), (HERE, 9.0)),
        (source(partition=b"-1"), (HERE, 9.0)),
        (source(offset=b"four"), (HERE, 9.0)),
        (source(offset=b"9" * 5000), (HERE, 9.0)),
        (source(offset="²".encode()), (HERE, 9.0)),
        (source(offset=str(2**63).encode()), (HERE, 9.0)),
        (
            source(offset=str(2**63 - 1).encode()),
            (Coordinates(topic="articles.raw", partition=3, offset=2**63 - 1), None),
        ),
        (source(partition=str(2**31).encode()), (HERE, 9.0)),
        (source(topic=b"t" * 250), (HERE, 9.0)),
        (source(topic=b"articles.raw\n"), (HERE, 9.0)),
        (source(topic="ärticles".encode()), (HERE, 9.0)),
        (source(topic=b"a\x1b[2J"), (HERE, 9.0)),
        (source()[:2], (HERE, 9.0)),
        (source(timestamp=b"9" * 400), (RAW, None)),
        (source(timestamp=b"999999999999999999"), (RAW, None)),
    ],
)
def test_the_source_is_in_our_headers_or_here(headers: Any, found: tuple[Coordinates, float | None]) -> None:
    """Coordinates that are not whole, or not numbers, are not believed; nor is a time that cannot be."""
    assert source_of(headers, here=HERE, timestamp=9.0) == found


@pytest.mark.parametrize("timestamp", [None, -0.001, 1e15, float("inf")])
def test_a_message_without_a_time(timestamp: float | None) -> None:
    """A producer may leave it out or write any 64 bits into it."""
    assert source_of(None, here=HERE, timestamp=timestamp) == (HERE, None)


@pytest.mark.parametrize(
    ("value", "read"),
    [(TRACE, TRACE.decode()), (TRACE.upper(), None), (TRACE + b"\n", None), (b"", None), (b"\xff", None), (None, None)],
)
def test_only_a_trace_in_the_w3cs_form_is_carried(value: bytes | None, read: str | None) -> None:
    """Anything else is left out."""
    assert traceparent([("traceparent", value)]) == read


def test_of_two_headers_the_last_counts() -> None:
    """Kafka allows a name twice."""
    assert header([("a", b"1"), ("a", b"2"), ("b", b"3")], "a") == b"2"


NAMES = ["traceparent", *(f"copydesk_source_{name}" for name in ("topic", "partition", "offset", "timestamp"))]
VALUES = st.binary(max_size=30) | st.integers().map(lambda number: str(number).encode())


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6))
def test_any_headers_are_read(headers: list[tuple[str, bytes]]) -> None:
    """And give coordinates that can be written again."""
    found, timestamp = source_of(headers, here=HERE, timestamp=1.0)
    written = event_headers(
        type="t",
        id="i",
        stage="s",
        uri="u",
        now=0.0,
        source=found,
        source_timestamp=timestamp,
        trace=traceparent(headers),
        state=State.USABLE,
    )
    assert source_of(written, here=HERE, timestamp=None) == (found, timestamp)


def test_the_headers_of_a_record() -> None:
    """CloudEvents 1.0 in Kafka's binary mode; what is not known is not there."""
    written = dict(
        event_headers(type="news.article.cleaned.v1", id="abc", stage="cleaning", uri="urn:x", now=1750000000.1239,
                      source=RAW, source_timestamp=None, trace=None, state=State.USABLE)
    )  # fmt: skip
    assert written == {
        "copydesk_state": b"usable",
        "ce_specversion": b"1.0", "ce_id": b"abc", "ce_source": b"copydesk/cleaning",
        "ce_type": b"news.article.cleaned.v1", "ce_subject": b"urn:x",
        "ce_time": b"2025-06-15T15:06:40.123Z", "content-type": b"application/json",
        "copydesk_source_topic": b"articles.raw", "copydesk_source_partition": b"3", "copydesk_source_offset": b"4",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "before"),
    [(None, None), (b"0", 0), (b"1", 1), (b"x", None), (b"-1", None), (b"99999", 99_999), (b"100000", None)],
)
def test_attempts_are_counted(value: bytes | None, before: int | None) -> None:
    """As a replay says; nothing else is believed."""
    assert attempts_before([("copydesk_attempt", value)]) == before


def test_only_our_headers_are_looked_at_and_none_longer_than_ours() -> None:
    """Of a million headers, those that we write; the last of a name counts, if it is one that we could have written."""
    headers = [("x", b"1")] * 1_000 + [("traceparent", TRACE), ("copydesk_attempt", b"1"), ("copydesk_attempt", b"2")]
    assert known(headers) == {"traceparent": TRACE, "copydesk_attempt": b"2"}
    assert known([("traceparent", b"0" * 1_000)]) == {"traceparent": b"0" * 1_000}
    assert known([("traceparent", b"0" * 1_001), ("copydesk_attempt", None)]) == {}
    assert known(None) == {}


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        ([("x", b"1"), ("copydesk_attempt", b"1"), ("copydesk_stage", b"1")], None),
        ([("content-type", b" text/html ")], Hints(content_type="text/html")),
        ([("Content-Type", b"text/html")], Hints(content_type="text/html")),
        ([("datacontenttype", b"text/html")], Hints(content_type="text/html")),
        ([("ce_datacontenttype", b"text/html"), ("content-type", b"text/plain")], Hints(content_type="text/plain")),
        ([("content-type", b"text/html"), ("content-type", b"text/plain")], Hints(content_type="text/plain")),
        ([("content-type", b"x" * 200)], Hints(content_type="x" * 200)),
        ([("content-type", b"x" * 201)], None),
        ([("content-type", b"\xff")], None),
        ([("content-type", b" ")], None),
        ([("content-type", None)], None),
        ([("copydesk_url", b"u" * 2_049), ("copydesk_title", b"t" * 2_001), ("copydesk_language", b"l" * 101)], None),
        (
            [("copydesk_url", b"u" * 2_048), ("copydesk_title", "\u00e9".encode()), ("copydesk_language", b"en"),
             ("copydesk_published_at", b"2026-03-02")],
            Hints(url="u" * 2_048, title="\u00e9", language="en", published_at="2026-03-02"),
        ),
    ],
)  # fmt: skip
def test_hints_are_read_within_bounds(headers: Any, found: Hints | None) -> None:
    """What is too long, no text, or blank says nothing; of a name twice the last counts."""
    assert hints(known(headers)) == found


def test_of_a_feeders_headers_a_bounded_number_is_kept() -> None:
    """Those that say how the value is to be read come first and always fit; ours and Faust's are not the feeder's."""
    mine = [("x-tenant", b"7"), ("x-tenant", b"8"), ("ce_id", b"1"), ("content-type", b"text/html")]
    none = [
        ("copydesk_stage", b"x"),
        ("traceparent", TRACE),
        ("copydesk_source_topic", b"t"),
        ("Faust-Ag-ReplyTo", b"x"),
    ]
    assert feeders([*none, *mine, ("copydesk_title", b"T"), ("y", None), ("z\u00e9", b"1")]) == (
        (
            ("content-type", b"text/html"),
            ("copydesk_title", b"T"),
            ("x-tenant", b"7"),
            ("x-tenant", b"8"),
            ("ce_id", b"1"),
        ),
        2,
    )
    many, left_out = feeders([("x", b"1")] * 100_000 + [("content-type", b"text/html")])
    assert (len(many), left_out, many[0][0]) == (MAX_FEEDER_HEADERS, 100_000 + 1 - MAX_FEEDER_HEADERS, "content-type")
    reading = [(name, b"x" * size) for name, size in READING.items()]
    kept, left_out = feeders([("x", b"x" * 5_000), *reading, ("y", b"y" * 5_000), ("z", b"z")])
    assert {*reading, ("z", b"z")} <= {*kept}
    assert (left_out, sum(len(name) + len(value) for name, value in kept) <= MAX_FEEDER_BYTES) == (2, True)
    assert feeders(kept) == (kept, 0)
    assert feeders(None) == ((), 0)
