"""What follows from an editorial state: headers, routes, the metric; a take-down goes through in its place."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError, UnknownError

from agents.kafka import dead_letters
from agents.kafka.topics import Topics
from pipeline.ids import article_uri
from tests.fakes import Bench, Broker, Sent, Stream, events

ROUTES = (("medtop:15000000", "articles.sport"), ("language:de", "articles.german"), ("language:de", "articles.sport"))
SPORT = {"labels": frozenset({"medtop:15000000"})}
LATER = 2_000_000_000.0  # after the bench's clock
EARLIER = 1_000_000_000.0


def bench(stage: str = "classification", *, states: tuple[str, ...] = (), **facts: Any) -> Bench:
    """A bench with routes, whose articles have these facts."""
    made = Bench(stage=stage, topics=Topics(routes=ROUTES, route_states=states))
    made.pool.facts = lambda _: {**SPORT, **facts}
    return made


@pytest.mark.parametrize(
    ("facts", "states", "state", "routes"),
    [
        ({}, (), "usable", ["articles.sport"]),
        ({"embargo_ends": EARLIER}, (), "usable", ["articles.sport"]),
        ({"embargo_ends": LATER}, (), "embargoed", []),
        ({"embargo_ends": inf}, (), "embargoed", []),
        ({"embargo_ends": LATER}, ("withheld",), "embargoed", []),
        ({"embargo_ends": LATER}, ("embargoed",), "embargoed", ["articles.sport"]),
        ({"pub_status": "withheld"}, (), "withheld", []),
        ({"pub_status": "withheld"}, ("embargoed",), "withheld", []),
        ({"pub_status": "withheld"}, ("withheld", "embargoed"), "withheld", ["articles.sport"]),
        ({"pub_status": "canceled"}, (), "canceled", ["articles.sport", "articles.german"]),
        ({"pub_status": "canceled", "labels": frozenset()}, (), "canceled", ["articles.sport", "articles.german"]),
        ({"pub_status": "canceled", "embargo_ends": LATER}, (), "canceled", ["articles.sport", "articles.german"]),
    ],
)
async def test_routes_follow_from_the_state(
    facts: dict[str, Any], states: tuple[str, ...], state: str, routes: list[str]
) -> None:
    """All reach articles.enriched with their state in the header; a cancellation goes to every route, once each."""
    made = bench(states=states, **facts)
    await made.processor.batch(events(b"x"))
    assert [sent.topic for sent in made.broker.acked] == ["articles.enriched", *routes]
    assert {sent.headers["copydesk_state"] for sent in made.broker.acked} == {state}
    assert {sent.key for sent in made.broker.acked} == {b"urn:x:x"}
    assert made.metric("editorial_states_total", state=state) == 1


@pytest.mark.parametrize(
    ("ends", "header"), [(None, None), (LATER, "2033-05-18T03:33:20Z"), (EARLIER, "2001-09-09T01:46:40Z"), (inf, None)]
)
async def test_the_end_of_an_embargo_is_in_a_header(ends: float | None, header: str | None) -> None:
    """If there is one and it can be said, over or not."""
    made = bench(embargo_ends=ends)
    await made.processor.batch(events(b"x"))
    assert {sent.headers.get("copydesk_embargoed_until") for sent in made.broker.acked} == {header}


async def test_stages_before_the_last_follow_no_route() -> None:
    """A cancellation goes to the next topic alone, and is counted once, at the end."""
    made = bench("cleaning", pub_status="canceled")
    await made.processor.batch(events(b"x"))
    assert [sent.topic for sent in made.broker.acked] == ["articles.cleaned"]
    assert made.broker.acked[0].headers["copydesk_state"] == "canceled"
    assert made.metric("editorial_states_total", state="canceled") == 0


@pytest.mark.parametrize(
    ("key", "uri"),
    [
        (b"urn:news:1", "urn:news:1"),
        (b"https://echo.example/quay", "https://echo.example/quay"),
        (b"story 7", article_uri(uri="story 7", url=None, raw_sha256="")),
    ],
)
async def test_a_take_down_goes_through_every_stage_in_its_place(key: bytes, uri: str) -> None:
    """Under the uri that its key stands for, between its neighbours, with the raw message's place, to every route."""
    at: dict[str, Any] = {"topic": "articles.raw", "partition": 3, "key": key}
    headers: Any = None
    for stage in ("cleaning", "entities", "classification"):
        made = bench(stage)
        stream = Stream(events(b"before", None, b"after", **at, headers=headers))
        await made.processor.consume(stream)
        own = [sent for sent in made.broker.acked if sent.topic == made.topics.output(stage)]
        assert [sent.value for sent in own] == [b"BEFORE", None, b"AFTER"]
        assert stream.acks == [0, 1, 2]
        down = own[1]
        assert down.key == uri.encode()
        assert (down.headers["copydesk_state"], down.headers["ce_subject"]) == ("taken_down", uri)
        assert [down.headers[f"copydesk_source_{name}"] for name in ("partition", "offset")] == ["3", "1"]
        headers = [(name, text.encode()) for name, text in down.headers.items()]
        at = {"topic": made.topics.output(stage), "partition": 0, "key": down.key}
    assert [sent.topic for sent in made.broker.acked if sent.value is None] == [
        "articles.enriched", "articles.sport", "articles.german",
    ]  # fmt: skip
    assert made.metric("editorial_states_total", state="taken_down") == 1
    assert made.metric("records_consumed_total", stage="classification") == 3
    assert made.metric("records_produced_total", stage="classification", topic="articles.enriched") == 3


async def test_each_take_down_has_an_id_of_its_own() -> None:
    """Of two take-downs of an article the second is no copy; the same one again is."""
    made = bench()
    await made.processor.batch(events(None, None, key=b"urn:news:1"))
    await made.processor.batch(events(None, key=b"urn:news:1"))
    ids = [sent.headers["ce_id"] for sent in made.broker.to("articles.enriched")]
    assert (ids[0] != ids[1], ids[0] == ids[2], len(ids[0])) == (True, True, 32)


@pytest.mark.parametrize("key", [None, b"", b"  ", b"\xff\xfe"])
async def test_a_null_value_that_names_no_article_is_refused(key: bytes | None) -> None:
    """Its dead letter says why, and that there was no value: a replay sends none."""
    made = bench("cleaning")
    await made.processor.batch(events(None, key=key))
    (sent,) = made.broker.acked
    assert sent.topic == "articles.dead-letters"
    letter = dead_letters.read(sent.value, [(name, text.encode()) for name, text in sent.headers.items()])
    assert (letter.reason, letter.null, letter.size) == ("null_value", True, 0)
    assert "key" in letter.error


async def test_an_empty_value_takes_nothing_down() -> None:
    """It is a value, and no article."""
    made = bench("cleaning")
    await made.processor.batch(events(b"", key=b"urn:news:1"))
    assert [(sent.topic, sent.headers["copydesk_reason"]) for sent in made.broker.acked] == [
        ("articles.dead-letters", "malformed_json")
    ]
    assert "copydesk_null" not in made.broker.acked[0].headers


async def test_a_take_down_that_the_broker_refuses_is_a_letter_that_can_be_sent_again() -> None:
    """With its key and without a value; a broker that takes nothing ends the worker, as for an article."""

    def verdict(sent: Sent) -> BaseException | None:
        return UnknownError() if sent.topic == "articles.enriched" and sent.value is None else None

    made = bench()
    made.broker.verdict = verdict
    await made.processor.batch(events(b"x", None, key=b"urn:news:1"))
    (sent,) = made.broker.to("articles.dead-letters")
    headers = [(name, text.encode()) for name, text in sent.headers.items()]
    letter = dead_letters.read(sent.value, headers)
    assert (letter.reason, letter.null, letter.article_key) == ("output_refused", True, b"urn:news:1")
    stream = Stream(events(None, key=b"urn:news:1"))
    gone = bench()
    gone.broker = Broker(verdict=lambda _: KafkaTimeoutError())
    gone.__post_init__()
    with pytest.raises(KafkaTimeoutError):
        await gone.processor.consume(stream)
    assert stream.acks == []


async def test_a_route_that_does_not_take_a_take_down_is_waited_for() -> None:
    """If the broker forbids writing, nothing is skipped: the route had the article."""
    refusals = iter([TopicAuthorizationFailedError()])
    made = bench()
    made.broker.verdict = lambda sent: next(refusals, None) if sent.topic == "articles.german" else None
    await made.processor.batch(events(None, key=b"urn:news:1"))
    assert [sent.topic for sent in made.broker.acked] == ["articles.enriched", "articles.sport", "articles.german"]
