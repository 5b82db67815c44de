"""A deployment under test: topics and a group of its own on the shared broker, fed, watched, and read to the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError

from agents.broker import free_port
from tests.integration.articles import Input
from tests.integration.ledger import Coordinates, Facts, Place, Sample
from tests.integration.messages import message
from tests.integration.worker import Worker

STAGES = ("cleaning", "entities", "classification")
_TOPICS = ("articles.raw", "articles.cleaned", "articles.annotated", "articles.enriched", "articles.dead-letters")


class Deployment:
    """Five topics with a prefix, one consumer group, the workers on them, and everything learned about a run."""

    reading: Mapping[str, Any] = {}  # more for the harness's own consumers
    idempotent = True  # what is fed is fed once, however often it must be sent

    def __init__(
        self, bootstrap: str, name: str, folder: Path, *, partitions: int = 4, client: Mapping[str, Any] | None = None
    ) -> None:
        """`client` is for the harness's own clients, if the broker asks for more than an address."""
        self._client = {"bootstrap_servers": bootstrap, **(client or {})}
        self.bootstrap = bootstrap
        self.name = name
        self.folder = folder
        self.partitions = partitions
        self.raw, self.cleaned, self.annotated, self.enriched, self.dead_letters = (f"{name}.{t}" for t in _TOPICS)
        self.workers: list[Worker] = []
        self.acked: set[Coordinates] = set()
        self.uncertain = 0  # sends that failed or timed out: the broker may have them or not
        self.broken_at: set[Coordinates] = set()  # those among the acked that must be refused
        self.samples: list[Sample] = []
        self.ends: dict[Place, int] = {}  # after a partition's last record, where a marker without a record follows it
        self.answered: dict[Coordinates, float] = {}  # origin -> when its first answer was seen (monotonic)
        self.arrivals: list[float] = []

    @property
    def topics(self) -> tuple[str, ...]:
        """All five, in the order of the pipeline."""
        return (self.raw, self.cleaned, self.annotated, self.enriched, self.dead_letters)

    @property
    def outputs(self) -> dict[str, str]:
        """Where each stage writes."""
        return dict(zip(STAGES, self.topics[1:4], strict=True))

    @property
    def settings(self) -> dict[str, str]:
        """What a worker of this deployment is told."""
        return {
            "COPYDESK_BROKER": self.bootstrap,
            "COPYDESK_TOPIC_PREFIX": f"{self.name}.",
            "COPYDESK_GROUP": self.name,
            "COPYDESK_PARTITIONS": str(self.partitions),
            "COPYDESK_PROCESSES": "2",
            "COPYDESK_DATA_DIR": str(self.folder / "data"),
        }

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """An admin client on the direct listener."""
        client = AIOKafkaAdminClient(**self._client, request_timeout_ms=10_000)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    async def create(
        self,
        *,
        replication: int = 1,
        configs: Mapping[str, Mapping[str, str]] | None = None,
        only: Sequence[str] = (),
    ) -> None:
        """Create the topics, or `only` these; `configs` is by the topics' last words."""
        async with self.admin() as client:
            given = {f"{self.name}.articles.{word}": dict(value) for word, value in (configs or {}).items()}
            base = {
                "max.message.bytes": "11000000",
                "message.timestamp.type": "LogAppendTime",
            }  # as agents/kafka/topics.py
            new = [
                NewTopic(t, self.partitions, replication, topic_configs=base | given.get(t, {}))
                for t in only or self.topics
            ]
            await client.create_topics(new)

    def worker(
        self, name: str = "worker", *, stages: Sequence[str] = (), environment: Any = None, **settings: str
    ) -> Worker:
        """A worker of this deployment, not started; more settings in lower case: `processes="1"`."""
        more = {f"COPYDESK_{key.upper()}": value for key, value in settings.items()}
        args = ("--stages", ",".join(stages)) if stages else ()
        made = Worker(
            name, self.settings | more, folder=self.folder, port=free_port(), args=args, environment=environment
        )
        self.workers.append(made)
        return made

    async def feed(self, inputs: Iterable[Input], *, rate: float = 0.0, headers: Any = None) -> None:
        """Feed at so many a second (0: at once), idempotently; returns when the broker has answered for every one."""
        producer = AIOKafkaProducer(
            **self._client, enable_idempotence=self.idempotent, linger_ms=5, request_timeout_ms=300_000,
            max_request_size=11_000_000,
        )  # fmt: skip
        await producer.start()
        try:
            began = time.monotonic()
            sends = []
            for n, given in enumerate(inputs):
                if rate and (ahead := n / rate - (time.monotonic() - began)) > 0:
                    await asyncio.sleep(ahead)
                send = await producer.send(self.raw, given.value, key=given.key, headers=headers)
                sends.append((given, send))
            for given, send in sends:
                try:
                    at = await send
                except Exception:
                    self.uncertain += 1
                else:
                    self.acked.add(Coordinates(at.topic, at.partition, at.offset))
                    if given.broken:
                        self.broken_at.add(Coordinates(at.topic, at.partition, at.offset))
        finally:
            await producer.stop()

    @contextlib.asynccontextmanager
    async def watched(self, *, sample_every: float = 0.5) -> AsyncIterator[None]:
        """In the background: note when answers arrive, and sample committed offsets."""
        tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._sample(sample_every))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def _watch(self) -> None:
        consumer = AIOKafkaConsumer(**self._client, **self.reading, auto_offset_reset="earliest")
        await consumer.start()
        try:
            places = [TopicPartition(t, p) for t in (self.enriched, self.dead_letters) for p in range(self.partitions)]
            consumer.assign(places)
            async for record in consumer:
                now = time.monotonic()
                self.arrivals.append(now)
                self.answered.setdefault(message(record).origin, now)
        finally:
            await consumer.stop()

    async def _sample(self, every: float) -> None:
        while True:
            with contextlib.suppress(Exception):  # while the broker is away there is nothing to sample
                self.samples.append(await asyncio.wait_for(self.sample(), 10))
            await asyncio.sleep(every)

    async def sample(self) -> Sample:
        """Committed offsets, and after them the ends of all topics."""
        committed = await self._committed()
        consumer = AIOKafkaConsumer(**self._client, **self.reading)
        await consumer.start()
        try:
            described = [
                (t, p) for t in self.topics for p in consumer.partitions_for_topic(t) or range(self.partitions)
            ]
            ends = await self._ends(consumer, [TopicPartition(t, p) for t, p in described])
        finally:
            await consumer.stop()
        return Sample(committed=committed, ends={Place(*tp): end for tp, end in ends.items()} | self.ends)

    async def _ends(self, consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Each partition's end; the consumer may be assigned them by it, at their beginnings."""
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(places)
        return ends

    async def _committed(self) -> dict[Place, int]:
        async with self.admin() as client:
            group = await self._offsets(client)
        return {Place(*tp): meta.offset for tp, meta in group.items() if meta.offset >= 0}

    async def _offsets(self, client: AIOKafkaAdminClient) -> Any:
        # A broker that was never asked for a group makes the topic of all groups first.
        for _ in range(50):
            with contextlib.suppress(GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError):
                return await client.list_consumer_group_offsets(self.name)
            await asyncio.sleep(0.1)
        return await client.list_consumer_group_offsets(self.name)

    async def all_answered(self, within: float) -> None:
        """Wait until every acked input has an answer; raises TimeoutError with how many have not. Needs `watched`."""
        deadline = time.monotonic() + within
        while missing := self.acked - self.answered.keys():
            if time.monotonic() > deadline:
                where = (await self.sample()) if self.samples else None
                logs = "\n".join([f"--- {w.name} {await w.problems()}\n{w.log[-3000:]}" for w in self.workers])
                last = time.monotonic() - self.arrivals[-1] if self.arrivals else -1.0
                raise TimeoutError(
                    f"{len(missing)} of {len(self.acked)} unanswered, the last answer {last:.1f} s ago: "
                    f"{sorted(missing)[:3]} ...\n{where}\n{logs}"
                )
            await asyncio.sleep(0.05)

    async def drained(self, within: float = 20.0) -> Sample:
        """Wait until everything is committed, and give that sample; or the last one if it never is."""
        deadline = time.monotonic() + within
        while True:
            sample = await self.sample()
            inputs = {place: end for place, end in sample.ends.items() if place.topic in self.topics[:3]}
            done = all(sample.committed.get(place, 0) == end for place, end in inputs.items())
            if done or time.monotonic() > deadline:
                return sample
            await asyncio.sleep(0.25)

    async def read(self, topic: str) -> list[Any]:
        """Every record of a topic, from its beginning to its end of now."""
        consumer = AIOKafkaConsumer(
            **self._client, **self.reading, auto_offset_reset="earliest", isolation_level="read_committed"
        )
        await consumer.start()
        try:
            places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or range(self.partitions)]
            consumer.assign(places)
            ends = await self._ends(consumer, places)
            found: list[Any] = []
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += records
            return found
        finally:
            await consumer.stop()

    async def facts_now(self) -> Facts:
        """The same without waiting for what cannot come."""
        return await self.facts(wait=0.0)

    async def facts(self, *, wait: float = 20.0, allowed_duplicates: int = 0, counts: Sequence[Any] = ()) -> Facts:
        """Everything there is to know after the run: all five topics read again, from their beginnings."""
        drained = await self.drained(wait)
        raw, cleaned, annotated, enriched, dead = [list(map(message, await self.read(topic))) for topic in self.topics]
        inputs = dict(zip(STAGES, self.topics[:3], strict=True))
        return Facts(
            acked=frozenset(self.acked),
            raw=tuple(raw),
            stages={stage: (inputs[stage], self.outputs[stage]) for stage in STAGES},
            between={self.cleaned: tuple(cleaned), self.annotated: tuple(annotated)},
            enriched=tuple(enriched),
            dead_letters=tuple(dead),
            samples=tuple(self.samples),
            drained=drained,
            counts=tuple(counts),
            allowed_duplicates=allowed_duplicates,
        )

    async def verdicts(self) -> Counter[str]:
        """How many dead letters there are of each stage and reason."""
        headers = [dict(record.headers) for record in await self.read(self.dead_letters)]
        return Counter(f"{h['copydesk_stage'].decode()}:{h['copydesk_reason'].decode()}" for h in headers)

    async def refusals_of(self, origin: Coordinates) -> list[str]:
        """Stage, reason and error of each dead letter of an input."""
        found = [record for record in await self.read(self.dead_letters) if message(record).origin == origin]
        names = ("copydesk_stage", "copydesk_reason", "copydesk_error")
        return [" ".join(dict(record.headers)[name].decode() for name in names) for record in found]

    def keep_running(self, worker: Worker, *, pause: float = 1.0) -> asyncio.Task[None]:
        """Start a worker again whenever it ends by itself, as a supervisor would; cancel the task to stop that."""

        async def watch() -> None:
            while True:
                if worker.pid is None:
                    await asyncio.sleep(pause)
                    worker.start()
                await asyncio.sleep(0.1)

        return asyncio.create_task(watch())

    def lost_good(self, facts: Facts) -> set[Coordinates]:
        """What was lost although nothing was wrong with it."""
        return facts.lost - self.broken_at

    def silence(self) -> float:
        """The longest time between two answers, in seconds."""
        times = sorted(self.arrivals)
        return max((later - earlier for earlier, later in pairwise(times)), default=0.0)

    def stop(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            worker.kill()
