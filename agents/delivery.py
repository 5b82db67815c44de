"""Sends records and dead letters until the broker has acknowledged them; decides what to do if it refuses one.

A batch is acknowledged only if every message in it has its record or dead letter. If a message itself is the cause of a
failure, it becomes a dead letter; if the broker is, the stage waits or the worker exits (docs/decisions/0008, 0056).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.kafka.failures import Cause, UnwritableError, cause, named
from agents.kafka.messages import Headers, Incoming
from agents.kafka.topics import Topics
from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.unknown_fields import UnknownFields
from agents.outputs import Outputs
from agents.workers.answers import Answer
from pipeline.errors import Reason, Refusal
from pipeline.stages import LAST

# (topic, key, value or None, headers) -> when awaited, in the producer's buffer; when that is, the broker has it.
Send = Callable[[str, bytes | None, bytes | None, Headers], Awaitable[Awaitable[Any]]]
Clock = Callable[[], float]

RETRY_SECONDS = 5.0
_TRIES = 3  # of a record that the broker or the client refuses for a cause we do not know
# A feeder may write any time into a message whose topic takes it: one forged time is not to drown all others' sum.
_MOST_LATENCY = 86_400.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """A message and what is to be sent for it."""

    incoming: Incoming
    answer: Answer
    bare: bool = False  # the dead letter with nothing of the message in it
    topics: frozenset[str] | None = None  # only to these: the others have it
    tries: int = 1

    @property
    def order(self) -> object:
        """What keeps its order: an article's uri; a refused one is on its own."""
        return self.answer.facts.uri if self.answer.facts else self.incoming.here


@dataclass(slots=True)
class _Round:
    """What is known while one batch is delivered."""

    took: set[str] = field(default_factory=set)  # topics that took something
    doubtful: list[_Parcel] = field(default_factory=list)  # to be tried again at the end, one by one


class Delivery:
    """One stage's way out."""

    def __init__(
        self,
        stage: str,
        *,
        topics: Topics,
        send: Send,
        metrics: Metrics,
        health: Health,
        clock: Clock,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.stage = stage
        self._outputs = Outputs(stage, topics=topics, clock=clock)
        self._send = send
        self._metrics = metrics
        self._unknown_fields = UnknownFields(metrics.unknown_fields)
        self._health = health
        self._clock = clock
        self._retry_seconds = retry_seconds

    async def deliver(self, answered: Sequence[tuple[Incoming, Answer]]) -> None:
        """Return when the broker has an answer for each message. Raises what is not a message's fault."""
        now = _Round()
        await self._deliver([_Parcel(incoming=message, answer=answer) for message, answer in answered], now)
        while now.doubtful:
            # Everything else is sent: what fails alone once more, while its neighbours came through, is to blame.
            again, now.doubtful = now.doubtful, []
            await asyncio.sleep(self._retry_seconds)
            for parcel in again:
                await self._deliver([parcel], now)

    async def _deliver(self, parcels: list[_Parcel], now: _Round) -> None:
        while parcels:
            again: list[_Parcel] = []
            alone: list[_Parcel] = []
            forbidden: BaseException | None = None
            sent = list(zip(parcels, await self._sent(parcels), strict=True))
            for _, outcome in sent:
                now.took |= {topic for topic, problem in outcome.items() if problem is None}
                for problem in outcome.values():
                    if problem is not None and cause(problem) is Cause.BROKER:
                        raise problem
            # A broker refuses a batch of the client's as a whole, and one record in it is enough.
            suspects = {parcel.order for parcel, outcome in sent if _at_fault(outcome)}
            for parcel, outcome in sent:
                failed = {topic: problem for topic, problem in outcome.items() if problem is not None}
                refused = {topic: why for topic, why in failed.items() if cause(why) is Cause.FORBIDDEN}
                if len(parcels) > 1 and parcel.order in suspects:
                    alone.append(parcel)
                elif refused:
                    forbidden = next(iter(refused.values()))
                    if parcel.answer.refusal:
                        self._metrics.write_failures.inc()
                    self._skip_routes(parcel, {topic: why for topic, why in failed.items() if topic not in refused})
                    self._count_produced(parcel, outcome.keys() - failed.keys())
                    again.append(replace(parcel, topics=frozenset(refused)))
                else:
                    again += self._settled(parcel, outcome, failed, now)
            if forbidden:
                # Going on would skip an article, and stopping would only come back here: wait, and say so.
                self._health.blocked(self.stage, f"not allowed to write: {forbidden}")
                log.error(
                    "%s: the broker does not allow this user to write (%s); the stage waits and tries again",
                    self.stage,
                    forbidden,
                )
                await asyncio.sleep(self._retry_seconds)
            else:
                self._health.unblocked(self.stage)
            for parcel in alone:
                await self._deliver([parcel], now)
            parcels = again

    def _settled(
        self, parcel: _Parcel, outcome: dict[str, BaseException | None], failed: dict[str, BaseException], now: _Round
    ) -> list[_Parcel]:
        """What is still to be sent for a message; nothing if the broker has its record or dead letter."""
        own = self._outputs.own(parcel.answer)
        if own not in failed:
            self._skip_routes(parcel, failed)
            self._count_produced(parcel, outcome.keys() - failed.keys())
            self._count(parcel.incoming, parcel.answer)
            return []
        problem, what = failed[own], cause(failed[own])
        if what is Cause.DOUBTFUL and parcel.tries < _TRIES and not parcel.bare:
            self._count_produced(parcel, outcome.keys() - failed.keys())
            now.doubtful.append(replace(parcel, topics=frozenset(failed), tries=parcel.tries + 1))
            return []
        if parcel.answer.refusal:
            return [self._less(parcel, problem)]
        if what is Cause.DOUBTFUL and own not in now.took:
            raise problem  # nothing came through to that topic: it is not this message's alone
        why = {
            Cause.TOO_LARGE: f"the broker refused {len(parcel.answer.value)} bytes",
            Cause.UNWRITABLE: f"its record cannot be written: {named(problem)}",
            Cause.DOUBTFUL: f"its record was refused {_TRIES} times: {named(problem)}",
        }[what]
        reason = Reason.OUTPUT_TOO_LARGE if what is Cause.TOO_LARGE else Reason.OUTPUT_REFUSED
        return [
            _Parcel(
                incoming=parcel.incoming, answer=Answer(refusal=Refusal(stage=self.stage, reason=reason, error=why))
            )
        ]

    def _less(self, parcel: _Parcel, problem: BaseException) -> _Parcel:
        """A smaller dead letter; raises the problem if the smallest was refused."""
        if parcel.bare:
            raise problem  # nothing of the message is in it: this is not the message's fault
        log.warning(
            "%s: the broker refused the dead letter of %s: %s; a smaller one follows",
            self.stage,
            parcel.incoming.here,
            named(problem),
        )
        kept = min(parcel.answer.kept_bytes, len(parcel.incoming.value))
        if cause(problem) is Cause.TOO_LARGE and kept:
            return replace(parcel, answer=replace(parcel.answer, kept_bytes=kept // 8))
        return replace(parcel, bare=True)

    def _skip_routes(self, parcel: _Parcel, failed: dict[str, BaseException]) -> None:
        for topic, problem in failed.items():  # the record itself is where it belongs
            size, place = len(parcel.answer.value), parcel.incoming.here
            log.error("topic %s refused the %d bytes of %s: %s", topic, size, place, named(problem))

    async def _sent(self, parcels: list[_Parcel]) -> list[dict[str, BaseException | None]]:
        """What became of each message's outputs: by topic, None if the broker has it."""
        # All into the producer's buffer first, in order, so that the broker sees batches; then all acks at once.
        sent = [await self._enqueue(parcel) for parcel in parcels]
        waiting = [ack for each in sent for ack in each.values() if not isinstance(ack, BaseException)]
        answers = iter(await asyncio.gather(*waiting, return_exceptions=True))
        return [{topic: _problem(ack, answers) for topic, ack in each.items()} for each in sent]

    async def _enqueue(self, parcel: _Parcel) -> dict[str, Awaitable[Any] | BaseException]:
        """By topic the ack to wait for, or what keeps it from being sent; raises what is not the message's fault."""
        topics = [t for t in self._outputs.topics(parcel.answer) if parcel.topics is None or t in parcel.topics]
        try:
            key, value, headers = self._outputs.of(parcel.incoming, parcel.answer, bare=parcel.bare)
        except Exception as problem:
            if cause(problem) is Cause.BROKER:
                raise
            return dict.fromkeys(topics, UnwritableError(named(problem)))
        acks: dict[str, Awaitable[Any] | BaseException] = {}
        for topic in topics:
            try:
                acks[topic] = await self._send(topic, key, value, headers)
            except Exception as problem:
                if cause(problem) is Cause.BROKER:
                    raise
                acks[topic] = problem
        return acks

    def _count_produced(self, parcel: _Parcel, topics: Iterable[str]) -> None:
        if parcel.answer.facts:
            for topic in topics:
                self._metrics.produced.labels(self.stage, topic).inc()

    def _count(self, message: Incoming, answer: Answer) -> None:
        metrics, stage, facts = self._metrics, self.stage, answer.facts
        if facts is None:
            assert answer.refusal is not None
            metrics.dead_letters.labels(stage, answer.refusal.reason).inc()
            return
        if stage == LAST:
            metrics.states.labels(self._outputs.state(facts)).inc()
        if not facts.taken_down:
            metrics.stage_seconds.labels(stage).observe(answer.milliseconds / 1000)
        for annotator, status in facts.layers:
            metrics.layers.labels(annotator, status).inc()
        for rule in facts.removed:
            metrics.removed.labels(rule).inc()
        self._unknown_fields.saw(facts.unknown_names, facts.unknown_fields)
        if facts.entities is not None:
            metrics.entities.observe(facts.entities)
        if facts.subject_confidence is not None:
            metrics.confidence.observe(facts.subject_confidence)
        if facts.unclassified:
            metrics.unclassified.inc()
        # A replayed article says nothing of the pipeline's latency, and a feeder may forge when it came first.
        if stage == LAST and message.replays is None and message.source_timestamp is not None:
            seconds = self._clock() - message.source_timestamp
            metrics.latency.observe(min(max(0.0, seconds), _MOST_LATENCY))


def _at_fault(outcome: dict[str, BaseException | None]) -> bool:
    return any(problem is not None and cause(problem).of_the_message for problem in outcome.values())


def _problem(ack: Awaitable[Any] | BaseException, answers: Iterator[Any]) -> BaseException | None:
    found = ack if isinstance(ack, BaseException) else next(answers)
    return found if isinstance(found, BaseException) else None
