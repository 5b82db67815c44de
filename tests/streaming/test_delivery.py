"""The way out, with a fake broker: what one message causes ends with its dead letter, what is the broker's does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from aiokafka.errors import (
    CorruptRecordException,
    InvalidTimestampError,
    KafkaConnectionError,
    KafkaError,
    KafkaStorageError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    ProducerClosed,
    RecordListTooLargeError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnknownTopicOrPartitionError,
)
from faust.exceptions import NotReady, ProducerSendError

from agents.kafka import dead_letters
from agents.kafka.batches import Unread
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import Coordinates, Headers
from tests.fakes import TOPICS, Bench, Broker, Event, Message, Sent, Stream, events

KAFKAS_OWN_LIMIT = 1_048_588
LETTERS = "articles.dead-letters"
HERE = Coordinates(topic="articles.raw", partition=0, offset=0)
UNICODE = UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
TOO_LARGE = [MessageSizeTooLargeError(), RecordListTooLargeError()]
DOUBTFUL = [UnknownError(), CorruptRecordException(), InvalidTimestampError(), TypeError("no"), KeyError("x")]
BROKERS = [
    KafkaTimeoutError(), KafkaConnectionError(), RequestTimedOutError(), LeaderNotAvailableError(), ProducerClosed(),
    NotEnoughReplicasError(), KafkaStorageError(), UnknownTopicOrPartitionError(), OSError("gone"), TimeoutError(),
    MemoryError(),
]  # fmt: skip


def wrapped(problem: Exception) -> ProducerSendError:
    """As Faust raises what the client's send raised."""
    error = ProducerSendError(f"Error while sending: {problem!r}")
    error.__cause__ = problem
    return error


def by_ack(problem: Exception) -> Exception:
    return problem


BOTH_WAYS = pytest.mark.parametrize("as_seen", [by_ack, wrapped])
Seen = Callable[[Exception], Exception]


class Limited(Broker):
    """Takes what fits into Kafka's own limit, as the real one counts it; `raising` says it as the send and wrapped."""

    def __init__(self, limit: int = KAFKAS_OWN_LIMIT, *, raising: bool = False) -> None:
        super().__init__()
        self.limit, self.raising = limit, raising
        self.pairs: list[Headers] = []

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers) -> Any:
        """As agents.delivery.Send."""
        size = 61 + 21 + len(key or b"") + len(value) + sum(len(n) + len(v) + 10 for n, v in headers) + 15
        self.verdict = lambda _: MessageSizeTooLargeError() if size > self.limit else None
        if size > self.limit and self.raising:
            raise wrapped(MessageSizeTooLargeError())
        self.pairs.append(headers)
        # The fake reads headers as text, and a key need not be text.
        return await super().send(topic, key, value, [(n, v) for n, v in headers if n != "copydesk_key"])


def letter(bench: Bench) -> DeadLetter:
    """The only one that the broker has."""
    (sent,) = bench.broker.to(LETTERS)
    return dead_letters.read(sent.value, [(name, text.encode()) for name, text in sent.headers.items()])


def only(value: bytes, problem: Exception, topic: str = "articles.cleaned") -> Callable[[Sent], Exception | None]:
    """A broker that refuses this one record, whenever it comes and alone too."""
    return lambda sent: problem if sent.topic == topic and sent.value == value else None


HEADERS: list[tuple[str, Any]] = [
    ("source topic of 1.75 MB", [("copydesk_source_topic", b"t" * 1_750_000), ("copydesk_source_partition", b"0"),
                                 ("copydesk_source_offset", b"1")]),
    ("a topic name of 250", [("copydesk_source_topic", b"t" * 250), ("copydesk_source_partition", b"0"),
                             ("copydesk_source_offset", b"1")]),
    ("a topic name that moves a cursor", [("copydesk_source_topic", b"\x1b[2J"), ("copydesk_source_partition", b"0"),
                                          ("copydesk_source_offset", b"1")]),
    ("an offset beyond 2^63", [("copydesk_source_topic", b"t"), ("copydesk_source_partition", b"0"),
                               ("copydesk_source_offset", b"9999999999999999999")]),
    ("a partition beyond 2^31", [("copydesk_source_topic", b"t"), ("copydesk_source_partition", b"2147483648"),
                                 ("copydesk_source_offset", b"1")]),
    ("a trace of a megabyte", [("traceparent", b"0" * 1_000_000)]),
    ("a hundred thousand headers", [(f"h{n % 10}", b"x") for n in range(100_000)]),
    ("null values", [("copydesk_source_topic", None), ("copydesk_attempt", None), ("traceparent", None)]),
    ("forged ce_", [("ce_id", b"x" * 500_000), ("ce_type", b"\xff"), ("content-type", b"y" * 500_000)]),
]  # fmt: skip


@pytest.mark.parametrize("headers", [h for _, h in HEADERS], ids=[n for n, _ in HEADERS])
@pytest.mark.parametrize("value", [b"good", b"bad"])
async def test_what_headers_say_is_bounded_before_it_is_copied(headers: Any, value: bytes) -> None:
    """One output within Kafka's own limit, under the message's own coordinates, whatever a feeder wrote."""
    bench = Bench(broker=Limited())
    stream = Stream(events(value, headers=headers))
    await bench.processor.consume(stream)
    (sent,) = bench.broker.sent
    written = sum(len(name) + len(text) for name, text in sent.headers.items())
    assert written < 2_000
    assert sent.headers["copydesk_source_topic"] == "articles.raw"
    assert stream.acks == [0]


@pytest.mark.parametrize("raising", [False, True], ids=["by the ack", "by the send"])
@pytest.mark.parametrize("size", [0, 1, 9_999, 10_000, 10_001, 400_000, 4_000_000])
@pytest.mark.parametrize("value", [b"bad", b"bad" + b"x" * 2_000_000])
async def test_a_key_of_any_size_has_its_dead_letter(raising: bool, size: int, value: bytes) -> None:
    """Its very bytes where they are few, so that a replay has the same key; else its hash and size."""
    broker = Limited(raising=raising)
    bench, key = Bench(broker=broker), b"\xff" * size
    stream = Stream(events(value, key=key))
    await bench.processor.consume(stream)
    (sent,) = broker.to(LETTERS)
    found = dead_letters.read(sent.value, broker.pairs[-1])
    if size <= dead_letters.MAX_KEY_BYTES:
        assert (found.article_key, found.key_sha256, found.key_size) == (key, "", 0)
    else:
        assert (found.article_key, found.key_sha256, found.key_size) == (None, sha256(key).hexdigest(), size)
    assert (found.sha256, found.size, found.left_out) == (sha256(value).hexdigest(), len(value), "")
    assert found.value == value[:1_000_000]
    assert stream.acks == [0]


async def test_a_topic_that_takes_little_gets_the_headers_and_then_the_bare_letter() -> None:
    """Less and less of the article, then nothing of the message: under its own place, saying what is left out."""
    headers = [("copydesk_source_topic", b"forged"), ("copydesk_source_partition", b"7"),
               ("copydesk_source_offset", b"8")]  # fmt: skip
    key, value = b"k" * 9_000, b"bad" + b"x" * 50_000
    for limit, bare in ((12_000, False), (2_000, True)):
        broker = Limited(limit)
        bench, stream = Bench(broker=broker), Stream(events(value, key=key, headers=headers))
        await bench.processor.consume(stream)
        (sent,) = broker.to(LETTERS)
        found = dead_letters.read(sent.value, broker.pairs[-1])
        assert found.read == HERE
        assert (found.truncated, found.size, found.sha256) == (True, len(value), sha256(value).hexdigest())
        if bare:
            assert (found.source, found.left_out, found.value) == (HERE, "value,key,source,trace", b"")
            assert (found.article_key, found.key_size) == (None, 9_000)
            assert found.key_sha256 == sha256(key).hexdigest()
        else:
            assert (str(found.source), found.left_out, found.article_key) == ("forged:7:8", "", key)
        assert (found.reason, stream.acks) == ("malformed_json", [0])


@pytest.mark.parametrize("problem", [*TOO_LARGE, *DOUBTFUL, UNICODE])
async def test_nothing_is_below_the_bare_letter(problem: Exception) -> None:
    """A topic that refuses even that refuses all: no message's fault, so the worker ends and acks nothing."""
    bench = Bench(broker=Broker(verdict=lambda _: problem))
    stream = Stream(events(b"bad"))
    with pytest.raises(type(problem)):
        await bench.processor.consume(stream)
    assert bench.broker.sent[-1].headers["copydesk_left_out"] == "value,source,trace"
    assert stream.acks == []


@BOTH_WAYS
@pytest.mark.parametrize("problem", [*TOO_LARGE, *DOUBTFUL, UNICODE], ids=repr)
async def test_a_record_that_cannot_be_sent_is_a_dead_letter(problem: Exception, as_seen: Seen) -> None:
    """Its neighbours come through, to the same topic: it is the record's fault, whatever the error is called."""
    bench = Bench(broker=Broker(verdict=only(b"ODD", as_seen(problem))))
    stream = Stream(events(b"one", b"odd", b"three"))
    await bench.processor.consume(stream)
    assert {sent.value for sent in bench.broker.to("articles.cleaned")} == {b"ONE", b"THREE"}
    found = letter(bench)
    reason = "output_too_large" if problem in TOO_LARGE else "output_refused"
    assert (found.value, found.reason, found.read.offset) == (b"odd", reason, 1)
    assert type(problem).__name__ in found.error or problem in TOO_LARGE
    assert stream.acks == [0, 1, 2]
    assert bench.metric("records_produced_total", stage="cleaning", topic="articles.cleaned") == 2
    assert bench.metric("dead_letters_total", stage="cleaning", reason=reason) == 1


@BOTH_WAYS
@pytest.mark.parametrize("problem", [*TOO_LARGE, *DOUBTFUL, UNICODE], ids=repr)
async def test_it_is_the_same_if_the_send_raises(problem: Exception, as_seen: Seen) -> None:
    """Faust raises what the client refuses before it is in the buffer; the neighbours are in it or come after."""

    class Raising(Broker):
        async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers) -> Any:
            if value == b"ODD":
                raise as_seen(problem)
            return await super().send(topic, key, value, headers)

    bench, stream = Bench(broker=Raising()), Stream(events(b"one", b"odd", b"three"))
    await bench.processor.consume(stream)
    assert (letter(bench).value, stream.acks) == (b"odd", [0, 1, 2])


@BOTH_WAYS
@pytest.mark.parametrize("problem", DOUBTFUL, ids=repr)
async def test_what_fails_for_all_is_no_articles_fault(problem: Exception, as_seen: Seen) -> None:
    """Nothing comes through to that topic: the worker ends after three tries, and nobody is refused."""
    broker = Broker(verdict=lambda sent: as_seen(problem) if sent.topic == "articles.cleaned" else None)
    bench, stream = Bench(broker=broker), Stream(events(b"one", b"two", b"bad"))
    with pytest.raises(type(as_seen(problem))):
        await bench.processor.consume(stream)
    assert [sent.value for sent in bench.broker.to(LETTERS)] == [b"bad"]
    assert stream.acks == []


async def test_what_fails_once_is_sent_again() -> None:
    """An error that does not come again refuses nobody, a record or a dead letter."""
    for value, topic in ((b"one", "articles.cleaned"), (b"bad", LETTERS)):
        problems: list[Exception] = [UnknownError(), UnknownError()]
        bench = Bench(broker=Broker(verdict=lambda _, left=problems: left.pop() if left else None))
        stream = Stream(events(value))
        await bench.processor.consume(stream)
        (sent,) = bench.broker.acked
        assert (sent.topic, sent.headers.get("copydesk_left_out"), stream.acks) == (topic, None, [0])


@BOTH_WAYS
@pytest.mark.parametrize("problem", BROKERS, ids=repr)
@pytest.mark.parametrize("value", [b"ODD", b"bad"])
async def test_a_failure_of_the_broker_ends_the_worker(problem: Exception, as_seen: Seen, value: bytes) -> None:
    """Even if it meets one message only: it is no message's fault, and the batch is processed again."""
    bench = Bench(broker=Broker(verdict=lambda sent: as_seen(problem) if sent.value == value else None))
    stream = Stream(events(b"one", value.lower(), b"three"))
    with pytest.raises(type(as_seen(problem))):
        await bench.processor.consume(stream)
    assert (stream.acks, bench.broker.to(LETTERS)) == ([], [])


async def test_a_producer_that_is_not_ready_refuses_nobody() -> None:
    """Faust's own word for it is not the client's."""

    class Unready(Broker):
        async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers) -> Any:
            raise NotReady("Producer service not yet started")

    bench, stream = Bench(broker=Unready()), Stream(events(b"one", b"two"))
    with pytest.raises(NotReady):
        await bench.processor.consume(stream)
    assert stream.acks == []


async def test_a_wrapped_ban_waits() -> None:
    """Faust wraps what the client knows of a topic's rights before it sends."""
    left: list[Exception] = [wrapped(TopicAuthorizationFailedError("articles.cleaned"))]
    bench = Bench(broker=Broker(verdict=lambda _: left.pop() if left else None))
    stream = Stream(events(b"one"))
    await bench.processor.consume(stream)
    assert ([sent.value for sent in bench.broker.acked], stream.acks) == ([b"ONE"], [0])


@BOTH_WAYS
@pytest.mark.parametrize("problem", [*TOO_LARGE, *DOUBTFUL, UNICODE], ids=repr)
async def test_a_route_that_cannot_take_a_record_is_skipped(
    problem: Exception, as_seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    """The record is in its own topic, once; the log names the route."""
    broker = Broker(verdict=lambda sent: as_seen(problem) if sent.topic == "route" else None)
    bench = Bench(stage="classification", topics=replace(TOPICS, routes=(("language:en", "route"),)), broker=broker)
    bench.pool.facts = lambda _: {"labels": frozenset({"language:en"})}
    stream = Stream(events(b"one"))
    await bench.processor.consume(stream)
    assert [sent.topic for sent in broker.acked] == ["articles.enriched"]
    assert "route refused the 3 bytes of articles.raw:0:0" in caplog.text
    assert stream.acks == [0]


async def test_a_forbidden_route_waits_and_repeats_nothing_else() -> None:
    """The record is not sent to its own topic once more for each try."""
    left: list[Exception] = [TopicAuthorizationFailedError()] * 3
    broker = Broker(verdict=lambda sent: left.pop() if left and sent.topic == "route" else None)
    bench = Bench(stage="classification", topics=replace(TOPICS, routes=(("language:en", "route"),)), broker=broker)
    bench.pool.facts = lambda _: {"labels": frozenset({"language:en"})}
    await bench.processor.consume(Stream(events(b"one")))
    assert [sent.topic for sent in broker.acked] == ["articles.enriched", "route"]
    assert bench.metric("records_produced_total", stage="classification", topic="articles.enriched") == 1
    assert bench.metric("records_produced_total", stage="classification", topic="route") == 1


async def test_a_uri_that_is_no_text_is_a_dead_letter() -> None:
    """Lone surrogates cannot be put into a key or a header: the same tomorrow, so the article is refused today."""
    bench = Bench()
    bench.pool.facts = lambda value: {"uri": "urn:x:\ud800"} if value == b"odd" else {}
    stream = Stream(events(b"one", b"odd"))
    await bench.processor.consume(stream)
    found = letter(bench)
    assert (found.value, found.reason) == (b"odd", "output_refused")
    assert found.error == "its record cannot be written: UnicodeEncodeError"
    assert stream.acks == [0, 1]


async def test_of_ten_odd_ones_each_has_its_letter() -> None:
    """Many at once, and the good ones among them come through."""
    bench = Bench(broker=Broker(verdict=lambda sent: UnknownError() if sent.value.startswith(b"ODD") else None))
    stream = Stream(events(*[b"odd%d" % n if n % 2 else b"one%d" % n for n in range(20)]))
    await bench.processor.consume(stream)
    assert len(bench.broker.to("articles.cleaned")) == len(bench.broker.to(LETTERS)) == 10
    assert stream.acks == list(range(20))


@pytest.mark.parametrize("error", [KafkaError("anything"), ValueError("quoted article text")])
async def test_an_error_is_named_not_quoted(error: Exception) -> None:
    """Its text may hold what the article says."""
    bench = Bench(broker=Broker(verdict=only(b"ODD", error)))
    await bench.processor.consume(Stream(events(b"one", b"odd")))
    assert letter(bench).error == f"its record was refused 3 times: {type(error).__name__}"


SOURCE = [("copydesk_source_topic", b"articles.raw"), ("copydesk_source_partition", b"0"),
          ("copydesk_source_offset", b"77"), ("copydesk_source_timestamp", b"1")]  # fmt: skip


async def test_a_forged_time_does_not_drown_the_latency() -> None:
    """Whoever says of his article that it came in 1970 is passed on as replayed, and not counted; nor is a replay."""
    cleaning, last = Bench(), Bench(stage="classification")
    for headers, replays in ((SOURCE, "0"), ([*SOURCE, ("copydesk_attempt", b"1")], "1"), (None, None)):
        await cleaning.processor.batch(events(b"one", headers=headers))
        sent = cleaning.broker.acked[-1]
        carried = [(name, text.encode()) for name, text in sent.headers.items()]
        assert sent.headers.get("copydesk_attempt") == replays
        await last.processor.batch([Event(Message(b"one", topic="articles.annotated", headers=carried))])
    assert last.metric("end_to_end_latency_seconds_count") == 1
    assert last.metric("end_to_end_latency_seconds_sum") == pytest.approx(0.5)


async def test_no_time_counts_for_more_than_a_day() -> None:
    """A topic may let its feeders write the time: one of 1970 adds a day to the sum, not fifty years."""
    bench = Bench(stage="classification")
    await bench.processor.batch(events(b"one", timestamp=0.001))
    assert bench.metric("end_to_end_latency_seconds_count") == 1
    assert bench.metric("end_to_end_latency_seconds_sum") == 86_400


async def test_a_replay_is_counted_through_all_stages() -> None:
    """Refused once, replayed to the first stage, refused at the second: the third attempt says so."""
    bench = Bench()
    await bench.processor.batch(events(b"one", headers=[*SOURCE, ("copydesk_attempt", b"2")]))
    carried = [(name, text.encode()) for name, text in bench.broker.acked[-1].headers.items()]
    second = Bench(stage="entities")
    await second.processor.batch([Event(Message(b"bad", topic="articles.cleaned", headers=carried))])
    assert letter(second).attempt == 3


async def test_an_unreadable_message_is_a_bare_letter() -> None:
    """No process is asked for it; its letter says why, and a replay will not send nothing in its place."""
    bench = Bench()
    stream = Stream(events(b"one", Unread.because("in a batch (zstd, 9 bytes, offsets 1 to 1) that swells"), b"three"))
    await bench.processor.consume(stream)
    assert [value for _, (value, _) in bench.pool.jobs] == [b"one", b"three"]
    found = letter(bench)
    assert (found.reason, found.left_out, found.truncated) == ("unreadable", "value,source,trace", True)
    assert (found.error, found.sha256) == ("in a batch (zstd, 9 bytes, offsets 1 to 1) that swells", "")
    assert found.read == found.source == Coordinates(topic="articles.raw", partition=0, offset=1)
    assert [sent.value for sent in bench.broker.to("articles.cleaned")] == [b"ONE", b"THREE"]
    assert stream.acks == [0, 1, 2]
