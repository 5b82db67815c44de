"""The one loop, with a fake broker: nothing is acknowledged before the broker has what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from pipeline.errors import ModelError
from tests.fakes import TOPICS, Bench, Broker, Event, Sent, Stream, events

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_acknowledged_after_the_brokers_ack() -> None:
    """While the broker has not answered for every output, no event is acknowledged; then all are, in order."""
    bench, stream = Bench(broker=Broker(hold=True)), Stream(events(b"one", b"two", b"three"))
    running = asyncio.create_task(bench.processor.consume(stream))
    await until(lambda: len(bench.broker.sent) == 3)
    assert stream.acks == []
    assert bench.health.next_offset(("articles.raw", 0)) is None
    assert bench.metric("records_consumed_total", stage="cleaning") == 0
    bench.broker.release()
    await running
    assert stream.acks == [0, 1, 2]
    assert bench.health.next_offset(("articles.raw", 0)) == 3


async def test_faust_acknowledges_nothing_itself() -> None:
    """The stream's own acks are off before the first event is taken."""
    stream = Stream()
    await Bench().processor.consume(stream)
    assert stream.enable_acks is False


async def test_batches_one_after_the_other() -> None:
    """What comes while a batch is in work is the next one: that begins when the one before is acknowledged."""
    bench, stream = Bench(broker=Broker(hold=True)), Stream(events(b"a", b"b"), events(b"c"), early=True)
    running = asyncio.create_task(bench.processor.consume(stream))
    await until(lambda: len(bench.broker.sent) == 2)
    await asyncio.sleep(0.01)
    assert (len(bench.broker.sent), stream.acks) == (2, [])
    bench.broker.release()
    await running
    assert stream.acks == [0, 1, 0]


async def test_what_is_there_goes_at_once() -> None:
    """A batch is what has come, at most as many as it may have; it does not wait for more."""
    bench = Bench()
    await bench.processor.consume(Stream(events(b"a"), events(*[b"b"] * 23), events(b"c", b"d")))
    assert bench.pool.batches == [1, 10, 10, 3, 2]


async def test_a_batch_can_wait_for_more() -> None:
    """Where the settings say so, as long as they say."""
    bench = Bench(batch_wait=5.0)
    await bench.processor.consume(Stream(events(b"a"), events(b"b", b"c"), events(*[b"d"] * 7), early=True))
    assert bench.pool.batches == [10]


async def test_an_event_that_faust_drops_holds_nobody_up() -> None:
    """What is left in the queue is of before a rebalance, and does not come: the batch goes on with what it has."""

    class Dropping(Stream):
        async def events(self) -> AsyncIterator[Event]:
            (event,) = events(b"a")
            self.queue.put_nowait(event)
            yield event
            await asyncio.Event().wait()

    stream = Dropping()
    running = asyncio.create_task(Bench().processor.consume(stream))
    await until(lambda: stream.acks == [0])
    running.cancel()


@pytest.mark.parametrize("error", [KafkaTimeoutError(), NotLeaderForPartitionError(), OSError("gone")])
async def test_a_failed_send_leaves_as_an_exception(error: Exception) -> None:
    """What the broker did not take for no reason of the article's ends the worker: nothing of the batch is acked."""
    bench = Bench(broker=Broker(verdict=lambda sent: error if sent.value == b"TWO" else None))
    stream = Stream(events(b"one", b"two", b"three"))
    with pytest.raises(type(error)):
        await bench.processor.consume(stream)
    assert stream.acks == []
    assert bench.broker.to("articles.dead-letters") == []


async def test_a_lost_model_leaves_as_an_exception() -> None:
    """A pool that cannot work is no article's fault: nothing is sent and nothing acknowledged."""
    bench, stream = Bench(), Stream(events(b"one"))
    bench.pool.failure = ModelError("gone")
    with pytest.raises(ModelError):
        await bench.processor.consume(stream)
    assert (stream.acks, bench.broker.sent) == ([], [])


@pytest.mark.parametrize("error", [MessageSizeTooLargeError(), RecordListTooLargeError()])
async def test_too_large_an_output_becomes_a_dead_letter(error: Exception) -> None:
    """The original bytes with the reason; its neighbours go on, and all are acknowledged."""
    bench = Bench(broker=Broker(verdict=lambda sent: error if sent.value == b"LARGE" else None))
    stream = Stream(events(b"one", b"large", b"three"))
    await bench.processor.consume(stream)
    assert [sent.value for sent in bench.broker.to("articles.cleaned")] == [b"ONE", b"THREE"]
    (letter,) = bench.broker.to("articles.dead-letters")
    assert (letter.value, letter.headers["copydesk_reason"]) == (b"large", "output_too_large")
    assert stream.acks == [0, 1, 2]
    assert bench.metric("dead_letters_total", stage="cleaning", reason="output_too_large") == 1
    assert bench.metric("records_consumed_total", stage="cleaning") == 3


async def test_what_was_refused_with_its_batch_is_sent_alone() -> None:
    """A broker refuses a whole batch of the client's for one large record: only that one is a dead letter."""
    refused_together = {b"ONE", b"LARGE"}

    def verdict(sent: Sent) -> BaseException | None:
        together = len(bench.broker.sent) <= 4
        large = sent.value in refused_together if together else sent.value == b"LARGE"
        return MessageSizeTooLargeError() if large and sent.topic == "articles.cleaned" else None

    bench = Bench(broker=Broker(verdict=verdict))
    bench.pool.facts = lambda value: {"uri": "urn:x:same"} if value in (b"one", b"newer") else {}
    stream = Stream(events(b"one", b"large", b"newer", b"other"))
    await bench.processor.consume(stream)
    cleaned = [sent.value for sent in bench.broker.to("articles.cleaned")]
    assert cleaned == [b"NEWER", b"OTHER", b"ONE", b"NEWER"]  # the newer one of the same key comes last again
    assert [sent.value for sent in bench.broker.to("articles.dead-letters")] == [b"large"]
    assert stream.acks == [0, 1, 2, 3]
    assert bench.metric("records_produced_total", stage="cleaning", topic="articles.cleaned") == 3


async def test_what_the_producer_itself_finds_too_large_is_the_same() -> None:
    """The client's own limit speaks before anything is sent: raised by the send, not by its ack."""

    class Small(Broker):
        async def send(self, topic, key, value, headers):  # type: ignore[no-untyped-def]
            if value == b"LARGE":
                raise MessageSizeTooLargeError
            return await super().send(topic, key, value, headers)

    bench, stream = Bench(broker=Small()), Stream(events(b"one", b"large"))
    await bench.processor.consume(stream)
    assert [s.headers["copydesk_reason"] for s in bench.broker.to("articles.dead-letters")] == ["output_too_large"]
    assert stream.acks == [0, 1]


async def test_a_dead_letter_that_is_too_large_keeps_less_of_the_article() -> None:
    """Cut until its topic takes it; its headers say so."""
    bench = Bench(broker=Broker(verdict=lambda sent: MessageSizeTooLargeError() if len(sent.value) > 100 else None))
    stream = Stream(events(b"bad" + b"x" * 1000))
    await bench.processor.consume(stream)
    letter = bench.broker.acked[-1]
    assert 0 < len(letter.value) <= 100
    assert (letter.headers["copydesk_truncated"], letter.headers["copydesk_size"]) == ("true", "1003")
    assert stream.acks == [0]


async def test_a_route_that_cannot_take_a_record_does_not_refuse_the_article() -> None:
    """The record is in its own topic: it must not be a dead letter as well."""
    broker = Broker(verdict=lambda sent: MessageSizeTooLargeError() if sent.topic == "small" else None)
    routes = replace(TOPICS, routes=(("language:en", "small"),))
    bench = Bench(stage="classification", topics=routes, broker=broker)
    bench.pool.facts = lambda _: {"labels": frozenset({"language:en"})}
    stream = Stream(events(b"one"))
    await bench.processor.consume(stream)
    assert [sent.topic for sent in broker.acked] == ["articles.enriched"]
    assert stream.acks == [0]
    assert bench.metric("records_produced_total", stage="classification", topic="articles.enriched") == 1
    assert bench.metric("records_produced_total", stage="classification", topic="small") == 0


async def test_a_dead_letter_that_is_too_large_without_a_byte_of_the_article_ends_the_worker() -> None:
    """There is no dead letter of a dead letter: rather stop than skip."""
    bench = Bench(broker=Broker(verdict=lambda _: MessageSizeTooLargeError()))
    stream = Stream(events(b"bad"))
    with pytest.raises(MessageSizeTooLargeError):
        await bench.processor.consume(stream)
    assert stream.acks == []


class Forbidding(Broker):
    """Forbids one topic so many times, and keeps what the health said each time."""

    def __init__(self, topic: str, error: Exception, times: int, problems: Callable[[], list[str]]) -> None:
        super().__init__(verdict=self._verdict)
        self.topic, self.error, self.times, self.problems = topic, error, times, problems
        self.said: list[list[str]] = []
        self.attempts = 0

    def _verdict(self, sent: Sent) -> BaseException | None:
        if sent.topic != self.topic:
            return None
        self.attempts += 1
        if self.attempts > 1:
            self.said.append(self.problems())
        return self.error if self.attempts <= self.times else None


@pytest.mark.parametrize("error", [TopicAuthorizationFailedError(), ClusterAuthorizationFailedError()])
@pytest.mark.parametrize("value", [b"one", b"bad"])
async def test_a_forbidden_topic_blocks_and_goes_on(error: Exception, value: bytes) -> None:
    """Not ready while the output or the dead letters may not be written; sent when it may; nothing is skipped."""
    topic = "articles.cleaned" if value == b"one" else "articles.dead-letters"
    bench = Bench()
    ready(bench)
    bench.broker = Forbidding(topic, error, 3, bench.health.problems)
    bench.processor._delivery._send = bench.broker.send
    stream = Stream(events(value))
    await bench.processor.consume(stream)
    assert bench.broker.attempts == 4
    assert len(bench.broker.said) == 3
    assert all("cleaning: not allowed to write" in said[0] for said in bench.broker.said)
    assert len(bench.broker.to(topic)) == 1
    assert stream.acks == [0]
    assert bench.health.problems() == []
    assert bench.metric("dead_letter_write_failures_total") == (3 if value == b"bad" else 0)


async def test_only_what_was_forbidden_is_sent_again() -> None:
    """Neighbours in the batch that came through are not sent twice."""
    bench = Bench()
    bench.broker = Forbidding("articles.dead-letters", TopicAuthorizationFailedError(), 2, bench.health.problems)
    bench.processor._delivery._send = bench.broker.send
    stream = Stream(events(b"one", b"bad", b"three"))
    await bench.processor.consume(stream)
    assert [s.value for s in bench.broker.to("articles.cleaned")] == [b"ONE", b"THREE"]
    assert stream.acks == [0, 1, 2]
    assert bench.metric("records_produced_total", stage="cleaning", topic="articles.cleaned") == 2


async def test_all_are_handed_over_before_any_ack_is_awaited() -> None:
    """So that the producer sends batches, in the order of the input."""
    bench = Bench(broker=Broker(hold=True))
    running = asyncio.create_task(bench.processor.batch(events(b"1", b"bad", b"3")))
    await until(lambda: len(bench.broker.sent) == 3)
    assert [sent.value for sent in bench.broker.sent] == [b"1", b"bad", b"3"]
    bench.broker.release()
    await running


async def test_metrics_agree_to_the_unit() -> None:
    """Consumed is produced plus dead letters; sizes, batches, latency and the last success are there."""
    bench = Bench()
    await bench.processor.consume(Stream(events(b"one", b"bad", b"three", None)))
    consumed = bench.metric("records_consumed_total", stage="cleaning")
    produced = bench.metric("records_produced_total", stage="cleaning", topic="articles.cleaned")
    dead = bench.metric("dead_letters_total", stage="cleaning", reason="malformed_json")
    null = bench.metric("dead_letters_total", stage="cleaning", reason="null_value")
    assert (consumed, produced, dead, null) == (4, 2, 1, 1)
    assert bench.metric("article_size_bytes_count") == 3
    assert bench.metric("batch_size_records_sum", stage="cleaning") == 4
    assert bench.metric("stage_duration_seconds_count", stage="cleaning") == 2
    assert bench.metric("last_success_timestamp_seconds", stage="cleaning") == bench.clock.now
    assert bench.metric("queue_depth_records", stage="cleaning") == 0


async def test_latency_is_from_the_raw_append_and_never_negative() -> None:
    """Counted at the last stage, from the timestamp in our headers; a clock that is behind gives zero."""
    bench = Bench(stage="classification")
    for timestamp in (bench.clock.now - 2, bench.clock.now + 7200):
        headers = [(f"copydesk_source_{name}", text) for name, text in (("topic", b"articles.raw"), ("partition", b"1"),
                   ("offset", b"5"), ("timestamp", str(round(timestamp * 1000)).encode()))]  # fmt: skip
        await bench.processor.batch(events(b"x", headers=headers))
    assert bench.metric("end_to_end_latency_seconds_count") == 2
    assert bench.metric("end_to_end_latency_seconds_sum") == pytest.approx(2.0)


async def test_quality_is_counted() -> None:
    """What the facts say of removals, unknown fields, entities, confidence and abstention."""
    facts = {"removed": ("legal.copyright",), "entities": 2, "subject_confidence": 0.5}
    facts |= {"unknown_fields": 3, "unknown_names": ("likes",)}
    bench = Bench()
    bench.pool.facts = lambda _: {**facts, "unclassified": True}
    await bench.processor.batch(events(b"x"))
    assert bench.metric("removed_segments_total", rule="legal.copyright") == 1
    assert bench.metric("unknown_fields_total", field="likes") == 1
    assert bench.metric("unknown_fields_total", field="other") == 2
    assert bench.metric("entities_per_article_sum") == 2
    assert bench.metric("subject_confidence_sum") == 0.5
    assert bench.metric("articles_without_subject_total") == 1


async def test_age_of_what_is_in_work_is_known() -> None:
    """While a batch is under way its oldest record's timestamp is there for the lag in seconds."""
    bench = Bench(broker=Broker(hold=True))
    running = asyncio.create_task(bench.processor.consume(Stream(events(b"1", b"2", timestamp=123.0))))
    await until(lambda: len(bench.broker.sent) == 2)
    assert bench.health.oldest(("articles.raw", 0)) == 123.0
    bench.broker.release()
    await running
    assert bench.health.oldest(("articles.raw", 0)) is None


def ready(bench: Bench) -> None:
    """Everything else is fine."""
    bench.health.models_loaded = bench.health.broker_reachable = True
    bench.health.assigned([("articles.raw", 0)])


async def test_a_route_is_counted_by_its_topic() -> None:
    """The record goes to the pipeline's topic and to each route's that fits, once each."""
    routes = (("medtop:15000000", "articles.sport"), ("language:en", "articles.sport"), ("source:x", "articles.x"))
    bench = Bench(stage="classification", topics=replace(TOPICS, routes=routes))
    bench.pool.facts = lambda _: {"labels": frozenset({"medtop:15000000", "language:en"})}
    await bench.processor.batch(events(b"goal"))
    assert [(s.topic, s.value) for s in bench.broker.acked] == [
        ("articles.enriched", b"GOAL"),
        ("articles.sport", b"GOAL"),
    ]
    assert bench.metric("records_produced_total", stage="classification", topic="articles.sport") == 1


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until it holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0)
