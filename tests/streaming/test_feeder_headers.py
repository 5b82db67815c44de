"""What a feeder says in headers reaches the format that reads its message, and stays with a dead letter."""

from __future__ import annotations

import pytest

from pipeline.article import Hints
from tests.fakes import Bench, Event, Message, Stream

PAGE = b"<p>page"
HEADERS = [
    ("x-tenant", b"7"), ("content-type", b"text/html"), ("copydesk_title", b"Port"), ("copydesk_stage", b"mine"),
    ("copydesk_attempt", b"2"),
]  # fmt: skip


def event(value: bytes, headers: object, *, topic: str = "articles.raw") -> Event:
    """A message with headers."""
    return Event(Message(value, key=b"urn:x", topic=topic, headers=headers))


@pytest.mark.parametrize("headers", [HEADERS, dict(HEADERS)])
async def test_hints_travel_to_the_child_process(headers: object) -> None:
    """With the origin of a raw message; a later stage reads our records, and none."""
    bench = Bench()
    await bench.processor.consume(Stream([event(PAGE, headers), event(b"{}", None)]))
    ((_, (value, origin)), (_, (_, without))) = bench.pool.jobs
    assert value == PAGE
    assert origin is not None
    assert origin.hints == Hints(content_type="text/html", title="Port")
    assert without is not None
    assert without.hints is None
    later = Bench(stage="entities")
    await later.processor.consume(Stream([event(b"{}", HEADERS, topic="articles.cleaned")]))
    assert later.pool.jobs[0][1] == (b"{}", None)


async def test_a_dead_letter_has_the_feeders_headers() -> None:
    """By their own names, beside ours, which the feeder cannot write."""
    bench = Bench()
    await bench.processor.consume(Stream([event(b"bad", HEADERS)]))
    (letter,) = bench.broker.to("articles.dead-letters")
    found = letter.headers
    assert (found["content-type"], found["copydesk_title"], found["x-tenant"]) == ("text/html", "Port", "7")
    assert (found["copydesk_stage"], found["copydesk_attempt"]) == ("cleaning", "3")
    assert "copydesk_headers_left_out" not in found


async def test_a_dead_letter_counts_the_headers_that_it_leaves_out() -> None:
    """Bounded, however many there are."""
    bench = Bench()
    await bench.processor.consume(Stream([event(b"bad", [*HEADERS, *[("x", b"y" * 1_000)] * 50])]))
    (letter,) = bench.broker.to("articles.dead-letters")
    assert letter.headers["copydesk_headers_left_out"] == "45"
    assert letter.headers["content-type"] == "text/html"


async def test_a_record_has_none_of_the_feeders_headers() -> None:
    """It is JSON, and says so."""
    bench = Bench()
    await bench.processor.consume(Stream([event(PAGE, HEADERS)]))
    (record,) = bench.broker.to("articles.cleaned")
    assert record.headers["content-type"] == "application/json"
    assert not {"x-tenant", "copydesk_title", "copydesk_stage"} & record.headers.keys()


async def test_a_letter_of_a_later_stage_has_no_headers_of_a_feeders() -> None:
    """What it holds is our record."""
    bench = Bench(stage="entities")
    await bench.processor.consume(Stream([event(b"bad", HEADERS, topic="articles.cleaned")]))
    (letter,) = bench.broker.to("articles.dead-letters")
    assert not {"x-tenant", "content-type", "copydesk_title"} & letter.headers.keys()
