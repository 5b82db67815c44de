"""The one loop: take, run in the pool, send, await the broker, ack.

Nothing is acknowledged before the broker has what became of it. Whatever is not foreseen here leaves the loop as an
exception: the worker exits, nothing of the batch is committed, and the batch comes again. docs/decisions/0002 says why
Faust's own ways of taking events are not used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from agents.kafka import dead_letters
from agents.kafka.messages import Coordinates, Headers, event_headers, sane, source_of, traceparent
from agents.kafka.topics import EVENT_TYPE, Topics
from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.workers.pool import Answer, Facts, Job, Pool
from pipeline.article import Origin
from pipeline.errors import Reason, Refusal
from pipeline.stages import FIRST, LAST

# (topic, key, value, headers) -> when awaited, in the producer's buffer; when that is awaited, the broker has it.
Send = Callable[[str, bytes | None, bytes, Headers], Awaitable[Awaitable[Any]]]
Clock = Callable[[], float]

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_FORBIDDEN = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
_RETRY_SECONDS = 5.0
_MOMENT = 0.05  # for an event that is there already to be read

log = logging.getLogger(__name__)


class Processor:
    """One stage's loop over its topic."""

    def __init__(
        self,
        stage: str,
        *,
        pool: Pool,
        topics: Topics,
        send: Send,
        metrics: Metrics,
        health: Health,
        clock: Clock,
        batch_records: int,
        batch_wait: float,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> None:
        self.stage = stage
        self._pool = pool
        self._topics = topics
        self._send = send
        self._metrics = metrics
        self._health = health
        self._clock = clock
        self._batch_records = batch_records
        self._batch_wait = batch_wait
        self._retry_seconds = retry_seconds

    async def consume(self, stream: Any) -> None:
        """Run until the stream ends."""
        # Without this line Faust acknowledges events itself, before we are done with them.
        stream.enable_acks = False
        async with aclosing(self._batches(stream)) as batches:
            async for events in batches:
                await self.batch(events)
                for event in events:
                    await stream.ack(event)
                    message = event.message
                    self._health.answered(message.topic, message.partition, message.offset)

    async def _batches(self, stream: Any) -> AsyncGenerator[list[Any], None]:
        """What is there, as soon as something is: under load, company comes while the batch before is in work.

        Faust's `noack_take` waits its whole time for every batch that is not full.
        """
        events, queue, loop = stream.events(), stream.channel.queue, asyncio.get_running_loop()
        coming = asyncio.ensure_future(anext(events, None))
        try:
            while (first := await coming) is not None:
                batch, end = [first], loop.time() + self._batch_wait
                coming = asyncio.ensure_future(anext(events, None))
                while len(batch) < self._batch_records:
                    # Faust drops what is of before a rebalance: something in the queue need not mean that it comes.
                    patience = end - loop.time() if queue.empty() else _MOMENT
                    if patience <= 0:
                        break
                    await asyncio.wait([coming], timeout=patience)
                    if not coming.done() or coming.result() is None:
                        break
                    batch.append(coming.result())
                    coming = asyncio.ensure_future(anext(events, None))
                yield batch
        finally:
            coming.cancel()

    async def batch(self, events: Sequence[Any]) -> None:
        """Everything between taking a batch and acknowledging it."""
        metrics, stage = self._metrics, self.stage
        messages = [event.message for event in events]
        metrics.batch.labels(stage).observe(len(messages))
        metrics.queue.labels(stage).set(len(messages))
        for message in messages:
            self._health.taken(message.topic, message.partition, message.offset, sane(message.timestamp))
        answers = await self._pool.run(stage, [self._job(message) for message in messages])
        await self._deliver(list(zip(messages, answers, strict=True)))
        metrics.consumed.labels(stage).inc(len(messages))
        metrics.queue.labels(stage).set(0)
        metrics.last_success.labels(stage).set(self._clock())

    def _job(self, message: Any) -> Job:
        value = message.value or b""
        if self.stage != FIRST:
            return value, None
        self._metrics.size.observe(len(value))
        here = _coordinates(message)
        # A replayed article keeps the coordinates it first had: the ledger of what went in closes over them.
        source, timestamp = source_of(message.headers, here=here, timestamp=message.timestamp)
        return value, Origin(
            raw_sha256="",
            size=0,
            topic=source.topic,
            partition=source.partition,
            offset=source.offset,
            timestamp=timestamp,
            traceparent=traceparent(message.headers),
        )

    async def _deliver(self, answered: list[tuple[Any, Answer]]) -> None:
        """Send until the broker has it all: a batch is never half answered and acknowledged."""
        while answered:
            again: list[tuple[Any, Answer]] = []
            alone: list[tuple[Any, Answer]] = []
            forbidden: BaseException | None = None
            sent = list(zip(answered, await self._sent(answered), strict=True))
            # A broker refuses a batch of the client's as a whole, and one large record in it is enough.
            suspects = {_key(*pair) for pair, outcome in sent if any(map(_too_large, outcome.values()))}
            for (message, answer), outcome in sent:
                first = next(iter(outcome))  # the stage's own topic, or the dead letters'; routes come after it
                failed = {topic: problem for topic, problem in outcome.items() if problem is not None}
                for problem in failed.values():
                    if not isinstance(problem, (*_TOO_LARGE, *_FORBIDDEN)):
                        raise problem
                refused = next((problem for problem in failed.values() if isinstance(problem, _FORBIDDEN)), None)
                if refused:
                    forbidden = refused
                    if answer.refusal:
                        self._metrics.write_failures.inc()
                    again.append((message, answer))
                elif len(answered) > 1 and _key(message, answer) in suspects:
                    alone.append((message, answer))
                elif first in failed:
                    if answer.refusal and not answer.kept_bytes:
                        raise failed[first]
                    again.append((message, self._smaller(answer)))
                else:
                    for topic in failed:  # a route's: the record itself is where it belongs
                        log.error(
                            "%s does not take the %d bytes of %s", topic, len(answer.value), _coordinates(message)
                        )
                    self._count(message, answer, topics=[topic for topic in outcome if topic not in failed])
            if forbidden:
                # Going on would skip an article, and stopping would only come back here: wait, and say so.
                self._health.blocked(self.stage, f"not allowed to write: {forbidden}")
                log.error("%s: the broker does not allow writing (%s); waiting", self.stage, forbidden)
                await asyncio.sleep(self._retry_seconds)
            else:
                self._health.unblocked(self.stage)
            for pair in alone:
                await self._deliver([pair])
            answered = again

    async def _sent(self, answered: list[tuple[Any, Answer]]) -> list[dict[str, BaseException | None]]:
        """What became of each message's outputs: by topic, None where the broker has it."""
        # All into the producer's buffer first, in order, so that the broker sees batches; then all acks at once.
        sent = [{parts[0]: await self._enqueue(*parts) for parts in self._outputs(*pair)} for pair in answered]
        acks = await asyncio.gather(*(ack for each in sent for ack in each.values()), return_exceptions=True)
        problems = iter(ack if isinstance(ack, BaseException) else None for ack in acks)
        return [{topic: next(problems) for topic in each} for each in sent]

    def _smaller(self, answer: Answer) -> Answer:
        """What to send instead of what is too large for its topic: a dead letter, or less of one."""
        if answer.refusal is None:
            error = f"the broker refused {len(answer.value)} bytes"
            return Answer(refusal=Refusal(stage=self.stage, reason=Reason.OUTPUT_TOO_LARGE, error=error))
        return replace(answer, kept_bytes=answer.kept_bytes // 8)

    async def _enqueue(self, topic: str, key: bytes | None, value: bytes, headers: Headers) -> Awaitable[Any]:
        """The ack to wait for; what the producer itself refuses (its own size limit) is an ack that fails."""
        try:
            return await self._send(topic, key, value, headers)
        except _TOO_LARGE as refused:
            failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            failed.set_exception(refused)
            return failed

    def _outputs(self, message: Any, answer: Answer) -> list[tuple[str, bytes | None, bytes, Headers]]:
        here = _coordinates(message)
        source, timestamp = source_of(message.headers, here=here, timestamp=message.timestamp)
        trace = traceparent(message.headers)
        if answer.facts is None:
            assert answer.refusal is not None
            letter = dead_letters.of(
                answer.refusal,
                value=message.value or b"",
                kept_bytes=answer.kept_bytes,
                key=message.key,
                source=source,
                read=here,
                source_timestamp=timestamp,
                attempt=dead_letters.attempt_of(message.headers),
                traceparent=trace,
            )
            return [(self._topics.dead_letters, letter.key, letter.value, letter.headers())]
        headers = event_headers(
            type=EVENT_TYPE[self.stage],
            id=answer.facts.id,
            stage=self.stage,
            uri=answer.facts.uri,
            now=self._clock(),
            source=source,
            source_timestamp=timestamp,
            trace=trace,
        )
        key = answer.facts.uri.encode()
        return [(topic, key, answer.value, headers) for topic in self._destinations(answer.facts)]

    def _destinations(self, facts: Facts) -> list[str]:
        """The stage's own topic, and those of the routes that fit, each once."""
        routed = [topic for label, topic in self._topics.routes if label in facts.labels]
        return list(dict.fromkeys([self._topics.output(self.stage), *routed]))

    def _count(self, message: Any, answer: Answer, *, topics: list[str]) -> None:
        metrics, stage, facts = self._metrics, self.stage, answer.facts
        if facts is None:
            assert answer.refusal is not None
            metrics.dead_letters.labels(stage, answer.refusal.reason).inc()
            return
        metrics.stage_seconds.labels(stage).observe(answer.milliseconds / 1000)
        for topic in topics:
            metrics.produced.labels(stage, topic).inc()
        for rule in facts.removed:
            metrics.removed.labels(rule).inc()
        if facts.unknown_fields:
            metrics.unknown_fields.inc(facts.unknown_fields)
        if facts.entities is not None:
            metrics.entities.observe(facts.entities)
        if facts.subject_confidence is not None:
            metrics.confidence.observe(facts.subject_confidence)
        if facts.unclassified:
            metrics.unclassified.inc()
        if stage == LAST:
            _, timestamp = source_of(message.headers, here=_coordinates(message), timestamp=message.timestamp)
            if timestamp is not None:
                metrics.latency.observe(max(0.0, self._clock() - timestamp))


def _too_large(problem: BaseException | None) -> bool:
    return isinstance(problem, _TOO_LARGE)


def _key(message: Any, answer: Answer) -> object:
    """What keeps its order: an article's uri; a refused one is on its own."""
    return answer.facts.uri if answer.facts else _coordinates(message)


def _coordinates(message: Any) -> Coordinates:
    return Coordinates(topic=message.topic, partition=message.partition, offset=message.offset)
