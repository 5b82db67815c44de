"""The messages to send for an article: its record, to the next topic and routes, or its dead letter, whole or bare.

A route takes what is usable and fits it. A cancellation and a take-down go to every route, since any of them may have
had the article. What is withheld or embargoed goes to none, unless COPYDESK_ROUTE_STATES says so (decision 0063).
"""

from __future__ import annotations

from collections.abc import Callable

from agents.kafka import dead_letters
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import Headers, Incoming, event_headers
from agents.kafka.topics import EVENT_TYPE, TAKEN_DOWN_TYPE, Topics
from agents.workers.answers import Answer, Facts
from pipeline import editorial
from pipeline.editorial import State
from pipeline.stages import LAST


class Outputs:
    """One stage's. `clock` gives seconds since the epoch."""

    def __init__(self, stage: str, *, topics: Topics, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._topics = topics
        self._clock = clock

    def own(self, answer: Answer) -> str:
        """The topic that must get the answer, independent of routes: the stage's own, or the dead letters'."""
        return self._topics.output(self._stage) if answer.facts else self._topics.dead_letters

    def topics(self, answer: Answer) -> list[str]:
        """The answer's own topic, and those of the routes that fit, each once."""
        return list(dict.fromkeys([self.own(answer), *self._routed(answer)]))

    def _routed(self, answer: Answer) -> list[str]:
        if answer.facts is None or self._stage != LAST:
            return []
        now = self.state(answer.facts)
        if now in (State.CANCELED, State.TAKEN_DOWN):
            return [topic for _, topic in self._topics.routes]
        if now is not State.USABLE and now not in self._topics.route_states:
            return []
        return [topic for label, topic in self._topics.routes if label in answer.facts.labels]

    def state(self, facts: Facts) -> State:
        """The editorial state as it now is."""
        if facts.taken_down:
            return State.TAKEN_DOWN
        return editorial.state(pub_status=facts.pub_status, embargo_ends=facts.embargo_ends, now=self._clock())

    def of(self, message: Incoming, answer: Answer, *, bare: bool = False) -> tuple[bytes, bytes | None, Headers]:
        """Key, value (None of a take-down) and headers; `bare` is for a dead letter with nothing of the message in it.

        Raises whatever comes of a text that cannot be put into bytes; not for a bare letter.
        """
        if answer.facts is None:
            letter = self._letter(message, answer, bare=bare)
            return letter.key, letter.value, letter.headers()
        facts = answer.facts
        headers = event_headers(
            type=TAKEN_DOWN_TYPE if facts.taken_down else EVENT_TYPE[self._stage],
            id=facts.id,
            stage=self._stage,
            uri=facts.uri,
            state=self.state(facts),
            embargoed_until=facts.embargo_ends,
            now=self._clock(),
            source=message.source,
            source_timestamp=message.source_timestamp,
            trace=message.trace,
            replays=message.replays,
        )
        return facts.uri.encode(), None if facts.taken_down else answer.value, headers

    def _letter(self, message: Incoming, answer: Answer, *, bare: bool) -> DeadLetter:
        assert answer.refusal is not None
        if bare or message.unread:
            value = None if message.unread else message.value
            return dead_letters.bare(
                answer.refusal,
                value=value,
                key=message.key,
                read=message.here,
                attempt=message.attempt,
                headers=len(message.feeder) + message.left_out,
            )
        return dead_letters.of(
            answer.refusal,
            value=message.value,
            null=message.null,
            kept_bytes=answer.kept_bytes,
            key=message.key,
            source=message.source,
            read=message.here,
            source_timestamp=message.source_timestamp,
            attempt=message.attempt,
            traceparent=message.trace,
            feeder=message.feeder,
            headers_left_out=message.left_out,
        )
