"""The messages to send for an article: its record, to the next topic and routes, or its dead letter, whole or bare."""

from __future__ import annotations

from collections.abc import Callable

from agents.kafka import dead_letters
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import Headers, Incoming, event_headers
from agents.kafka.topics import EVENT_TYPE, Topics
from agents.workers.answers import Answer


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
        labels = answer.facts.labels if answer.facts else frozenset()
        routed = [topic for label, topic in self._topics.routes if label in labels]
        return list(dict.fromkeys([self.own(answer), *routed]))

    def of(self, message: Incoming, answer: Answer, *, bare: bool = False) -> tuple[bytes, bytes, Headers]:
        """Key, value and headers; `bare` is for a dead letter with nothing of the message in it.

        Raises whatever comes of a text that cannot be put into bytes; not for a bare letter.
        """
        if answer.facts is None:
            letter = self._letter(message, answer, bare=bare)
            return letter.key, letter.value, letter.headers()
        headers = event_headers(
            type=EVENT_TYPE[self._stage],
            id=answer.facts.id,
            stage=self._stage,
            uri=answer.facts.uri,
            now=self._clock(),
            source=message.source,
            source_timestamp=message.source_timestamp,
            trace=message.trace,
            replays=message.replays,
        )
        return answer.facts.uri.encode(), answer.value, headers

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
