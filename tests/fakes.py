"""What leaves the process, faked: the broker, the pool, the stream, and the clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.kafka.messages import Headers
from agents.kafka.topics import Topics
from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.processor import Processor
from agents.workers.answers import Answer, Facts, Job
from pipeline.errors import Reason, Refusal

DATA = Path(__file__).parent / "data"
TOPICS = Topics()


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let so much time go by."""
        self.now += seconds


@dataclass(frozen=True)
class Message:
    """As Faust's: what of a Kafka message the processor reads."""

    value: bytes | None
    key: bytes | None = None
    topic: str = "articles.raw"
    partition: int = 0
    offset: int = 0
    timestamp: float | None = 1_749_999_999.5
    headers: Any = None


@dataclass(frozen=True)
class Event:
    """As Faust's: a message in a stream."""

    message: Message


@dataclass(frozen=True)
class Sent:
    """One message that was handed to the broker."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: dict[str, str]


@dataclass
class Broker:
    """Takes messages, and answers for each as `verdict` says: an exception to fail with, or None to acknowledge.

    With `hold` set nothing is acknowledged until `release`.
    """

    verdict: Callable[[Sent], BaseException | None] = lambda _: None
    hold: bool = False
    sent: list[Sent] = field(default_factory=list)
    acked: list[Sent] = field(default_factory=list)
    waiting: list[tuple[Sent, asyncio.Future[None]]] = field(default_factory=list)

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Awaitable[Any]:
        """As agents.delivery.Send."""
        message = Sent(topic, key, value, {name: text.decode("utf-8", "replace") for name, text in headers})
        self.sent.append(message)
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.hold:
            self.waiting.append((message, answer))
        else:
            self._answer(message, answer)
        return answer

    def release(self) -> None:
        """Answer for everything that is held."""
        self.hold = False
        for message, answer in self.waiting:
            self._answer(message, answer)
        self.waiting.clear()

    def _answer(self, message: Sent, answer: asyncio.Future[None]) -> None:
        problem = self.verdict(message)
        if problem is None:
            self.acked.append(message)
            answer.set_result(None)
        else:
            answer.set_exception(problem)

    def to(self, topic: str) -> list[Sent]:
        """What it acknowledged of a topic, in order."""
        return [message for message in self.acked if message.topic == topic]


class Pool:
    """Answers at once: an article comes out as its value in capitals; one that holds `bad` is refused."""

    def __init__(self, facts: Callable[[bytes], dict[str, Any]] = lambda _: {}) -> None:
        self.facts = facts
        self.jobs: list[tuple[str, Job]] = []
        self.batches: list[int] = []
        self.failure: BaseException | None = None

    async def run(
        self, stage: str, jobs: Sequence[Job], *, progress: Callable[[], None] = lambda: None
    ) -> list[Answer]:
        """As agents.workers.pool.Pool.run."""
        self.batches.append(len(jobs))
        self.jobs += [(stage, job) for job in jobs]
        if self.failure:
            raise self.failure
        progress()
        return [self._answer(stage, value) for value, _ in jobs]

    def _answer(self, stage: str, value: bytes) -> Answer:
        if b"bad" in value or not value:
            return Answer(refusal=Refusal(stage=stage, reason=Reason.MALFORMED_JSON, error="char 1"))
        name = value.decode("utf-8", "replace")
        made = {"id": f"id-{name}", "uri": f"urn:x:{name}", **self.facts(value)}
        return Answer(value=value.upper(), facts=Facts(**made), milliseconds=2.0)


class Stream:
    """As Faust's stream and its channel: one arrival after another, each of some events at once.

    The next comes when all before it are acknowledged, or, with `early` set, while they are in work.
    """

    def __init__(self, *arrivals: Sequence[Event], early: bool = False) -> None:
        self.enable_acks = True
        self.channel = self
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        self.acks: list[int] = []
        self._arrivals = arrivals
        self._early = early

    async def events(self) -> AsyncIterator[Event]:
        """All of them; the queue holds what has arrived."""
        arrived = 0
        for arrival in self._arrivals:
            while not self._early and len(self.acks) < arrived:  # noqa: ASYNC110  a fake has no event
                await asyncio.sleep(0)
            arrived += len(arrival)
            for event in arrival:
                self.queue.put_nowait(event)
            while not self.queue.empty():
                yield self.queue.get_nowait()

    async def ack(self, event: Event) -> bool:
        """Take note."""
        self.acks.append(event.message.offset)
        return True


@dataclass
class Bench:
    """A processor with fakes all around it."""

    stage: str = "cleaning"
    topics: Topics = TOPICS
    broker: Broker = field(default_factory=Broker)
    pool: Pool = field(default_factory=Pool)
    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=Clock)
    retry_seconds: float = 0.0
    batch_wait: float = 0.0

    def __post_init__(self) -> None:
        self.health = Health(clock=self.clock)
        self.processor = Processor(
            self.stage,
            pool=self.pool,  # type: ignore[arg-type]
            topics=self.topics,
            send=self.broker.send,
            metrics=self.metrics,
            health=self.health,
            clock=self.clock,
            batch_records=10,
            batch_wait=self.batch_wait,
            first_wait=0.0,
            retry_seconds=self.retry_seconds,
        )

    def metric(self, name: str, **labels: str) -> float:
        """One sample of the metrics, 0 if there is none."""
        return self.metrics.registry.get_sample_value(f"copydesk_{name}", labels) or 0.0


def events(*values: bytes | None, **fields: Any) -> list[Event]:
    """Events with these values, at offsets 0, 1, 2 ..."""
    return [Event(Message(value, offset=offset, **fields)) for offset, value in enumerate(values)]


def example(topic: str) -> dict[str, Any]:
    """The example of a topic in tests/data: coordinates, key, headers, value (an object, or text as it is)."""
    read: dict[str, Any] = json.loads((DATA / f"{topic}.json").read_text())
    return read


def example_value(topic: str) -> bytes:
    """Its value as bytes."""
    value = example(topic)["value"]
    return value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
