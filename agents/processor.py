"""The processing loop of a stage: take, run in the pool, send, await the broker, acknowledge.

A message is acknowledged only after the broker has its record or dead letter. An unexpected error leaves the loop as an
exception: the worker exits, nothing of the batch is committed, and the batch is processed again. docs/decisions/0002
says why Faust's own ways of taking events are not used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from agents.delivery import RETRY_SECONDS, Clock, Delivery, Send
from agents.kafka.messages import Incoming, incoming, sane
from agents.kafka.topics import Topics
from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.workers.answers import Answer, Facts, Job
from agents.workers.pool import Pool
from pipeline.article import Origin
from pipeline.errors import Reason, Refusal
from pipeline.ids import take_down_id
from pipeline.stages import FIRST

# The batch after a start waits for more articles: what a stage's delivery cannot send is judged by its neighbours.
_FIRST_WAIT = 1.0
_MOMENT = 0.05  # for an event that is there already to be read


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
        first_wait: float = _FIRST_WAIT,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.stage = stage
        self._pool = pool
        self._delivery = Delivery(
            stage, topics=topics, send=send, metrics=metrics, health=health, clock=clock, retry_seconds=retry_seconds
        )
        self._metrics = metrics
        self._health = health
        self._clock = clock
        self._batch_records = batch_records
        self._batch_wait = batch_wait
        self._first_wait = first_wait

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
        """What is there, as soon as something is: under load, more articles arrive while the batch before is in work.

        Faust's `noack_take` waits its whole time for every batch that is not full.
        """
        events, queue, loop = stream.events(), stream.channel.queue, asyncio.get_running_loop()
        coming = asyncio.ensure_future(anext(events, None))
        wait = max(self._first_wait, self._batch_wait)
        try:
            while (first := await coming) is not None:
                batch, end = [first], loop.time() + wait
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
                wait = self._batch_wait
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
        taken = [incoming(message, first=stage == FIRST) for message in messages]
        await self._delivery.deliver(list(zip(taken, await self._answers(taken), strict=True)))
        metrics.consumed.labels(stage).inc(len(messages))
        metrics.queue.labels(stage).set(0)
        metrics.last_success.labels(stage).set(self._clock())

    async def _answers(self, taken: Sequence[Incoming]) -> list[Answer]:
        at_once = [self._at_once(message) for message in taken]
        jobs = [self._job(message) for message, answer in zip(taken, at_once, strict=True) if answer is None]
        run = iter(await self._pool.run(self.stage, jobs, progress=self._health.progress))
        return [next(run) if answer is None else answer for answer in at_once]

    def _at_once(self, message: Incoming) -> Answer | None:
        """The answer to what has no value, or none that can be read; None if a child process is to say it."""
        if message.unread:
            return Answer(refusal=Refusal(stage=self.stage, reason=Reason.UNREADABLE, error=message.unread))
        if uri := message.takes_down:
            # Through every stage, in its place: an older version of the article may still be on its way.
            id = take_down_id(uri=uri, place=str(message.source))
            return Answer(facts=Facts(id=id, uri=uri, taken_down=True))
        if message.null:
            error = "no value, and no key that is text: what takes an article down has its uri as key"
            return Answer(refusal=Refusal(stage=self.stage, reason=Reason.NULL_VALUE, error=error))
        return None

    def _job(self, message: Incoming) -> Job:
        if self.stage != FIRST:
            return message.value, None
        self._metrics.size.observe(len(message.value))
        return message.value, Origin(
            raw_sha256="",
            size=0,
            # A replayed article keeps the coordinates it first had: the ledger of what went in closes over them.
            topic=message.source.topic,
            partition=message.source.partition,
            offset=message.source.offset,
            timestamp=message.source_timestamp,
            traceparent=message.trace,
            hints=message.hints,
        )
