"""A feeder that writes whatever Kafka takes: no worker falls, good articles come out, each bad one is refused once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError

from agents.kafka import batches, dead_letters
from agents.kafka.topics import MAX_MESSAGE_BYTES
from tests.integration.articles import article
from tests.integration.deployment import Deployment
from tests.integration.hostile import (
    BOMB_BYTES,
    BROKEN,
    CODECS,
    ELSEWHERE,
    Hostile,
    Name,
    believed,
    messages,
    send_batch,
)
from tests.integration.ledger import Coordinates, Message, Place
from tests.integration.report import Ledger

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
KAFKAS_OWN = {"max.message.bytes": "1048588", "message.timestamp.type": "CreateTime"}
WORDS = ("raw", "cleaned", "annotated", "enriched", "dead-letters")
BAD_NAME = [(Name("x"), b"1"), ("copydesk_source_topic", b"t")]


class Feed:
    """What was fed, where it lies, and what is to become of it."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.verdicts: dict[Coordinates, Hostile] = {}
        self.good: set[Coordinates] = set()
        self._numbers = itertools.count()

    @asynccontextmanager
    async def producer(self, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
        """A client that sends what ours would not."""
        client = AIOKafkaProducer(bootstrap_servers=self.deployment.bootstrap, max_request_size=150 << 20, **options)
        await client.start()
        try:
            yield client
        finally:
            await client.stop()

    def took(self, given: Hostile, at: Any) -> None:
        """The broker has it."""
        self.verdicts[Coordinates(at.topic, at.partition, at.offset)] = given

    async def neighbour(self, client: AIOKafkaProducer) -> None:
        """A good article beside the bad one."""
        given = article(next(self._numbers))
        at = await client.send_and_wait(self.deployment.raw, given.value, key=given.key)
        self.good.add(Coordinates(at.topic, at.partition, at.offset))

    async def between(self, client: AIOKafkaProducer, bad: Iterable[Hostile]) -> None:
        """One by one, with a good article before each and after the last."""
        for given in bad:
            await self.neighbour(client)
            try:
                at = await client.send_and_wait(
                    self.deployment.raw, given.value, key=given.key,
                    headers=list(given.headers), timestamp_ms=given.timestamp_ms,
                )  # fmt: skip
            except InvalidTimestampError:  # a topic that lets its feeders write the time has bounds for it
                continue
            self.took(given, at)
        await self.neighbour(client)

    async def batches(self, client: AIOKafkaProducer, limit: int) -> None:
        """Made by hand: names that are no UTF-8 in every codec, and what swells to more than a worker may hold."""
        for codec in (None, *CODECS):
            three = [
                Hostile(f"bad name 0 {codec}", article(next(self._numbers)).value, "enriched"),
                Hostile(f"bad name 1 {codec}", BROKEN, "dead", headers=BAD_NAME),
                Hostile(f"bad name 2 {codec}", article(next(self._numbers)).value, "enriched", headers=BAD_NAME),
            ]
            for given, at in zip(three, await send_batch(client, self.deployment.raw, three, codec=codec), strict=True):
                self.took(given, at)
            await self.neighbour(client)
        for codec in CODECS:
            if codec == "snappy" and limit < 6_000_000:
                continue  # it makes no less than a twentieth of anything
            bomb = Hostile(f"bomb {codec}", bytes(BOMB_BYTES), "dead")
            (at,) = await send_batch(client, self.deployment.raw, [bomb], codec=codec)
            self.took(bomb._replace(value=None), at)
            await self.neighbour(client)

    async def transactions(self) -> set[Coordinates]:
        """Good and bad, committed and aborted; returns where the aborted ones lie."""
        aborted = set()
        async with self.producer(linger_ms=0, transactional_id=f"{self.deployment.name}-hostile") as client:
            for n in range(6):
                await client.begin_transaction()
                bad = Hostile(f"transaction {n}", BROKEN, "dead", key=b"\xff" * 20_000 + b"%d" % n)
                places = [
                    await client.send_and_wait(self.deployment.raw, value, key=key)
                    for key, value in ((bad.key, bad.value), (b"x%d" % n, article(20_000 + n).value))
                ]
                if n % 2:
                    await client.abort_transaction()
                    aborted |= {Coordinates(at.topic, at.partition, at.offset) for at in places}
                else:
                    await client.commit_transaction()
                    self.took(bad, places[0])
                    self.took(Hostile(f"transaction {n}, good", None, "enriched"), places[1])
        return aborted


def elsewhere(message: Message) -> bool:
    """Whether it was answered under coordinates that its feeder made up."""
    return message.origin.topic == ELSEWHERE


@pytest.mark.parametrize("limit", [MAX_MESSAGE_BYTES, 1_048_588], ids=["our limits", "Kafka's own limits"])
async def test_a_hostile_feeder(limit: int, deployment: Deployment, ledger: Ledger) -> None:
    """Keys, values, headers, times, batches and transactions of every odd kind; between each two a good article."""
    batches.read_any_batch()  # the harness reads the raw topic too
    await deployment.create(configs=dict.fromkeys(WORDS, KAFKAS_OWN) if limit < MAX_MESSAGE_BYTES else None)
    worker = deployment.worker()
    worker.start()
    await worker.ready(60)
    feed, made_up, began = Feed(deployment), list(believed()), time.monotonic()
    async with deployment.watched(sample_every=2.0):
        async with feed.producer() as client:
            await feed.between(client, messages(limit))
            await feed.batches(client, limit)
        for codec in CODECS:
            async with feed.producer(compression_type=codec) as client:
                await feed.between(
                    client,
                    [bad._replace(key=None) for bad in itertools.islice(messages(20_000), 30) if bad.value is not None],
                )
        aborted = await feed.transactions()
        async with feed.producer() as client:
            before = set(feed.verdicts)
            await feed.between(client, made_up)
            believed_at = set(feed.verdicts) - before
        deployment.acked = (set(feed.verdicts) | feed.good) - believed_at
        await deployment.all_answered(240)
        for _ in range(120):
            if len([m for m in (await deployment.facts_now()).answers if elsewhere(m)]) >= len(believed_at):
                break
            await asyncio.sleep(0.5)
    for partition in {at.partition for at in aborted}:  # it may end with what was aborted, and a marker
        last = max(at.offset for at in {*deployment.acked, *believed_at} if at.partition == partition)
        deployment.ends[Place(deployment.raw, partition)] = last + 1
    assert (worker.starts, worker.exit_code) == (1, None), worker.log[-3000:]
    assert "Traceback" not in worker.log, worker.log[-5000:]
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    forged = [m for m in facts.answers if elsewhere(m)]
    assert len(forged) == len({m.origin for m in forged}) == len(made_up) == len(believed_at)
    assert not aborted & {m.origin for m in facts.answers}, "aborted articles came out"
    facts = replace(
        facts,
        raw=tuple(
            replace(m, origin=m.at) for m in facts.raw if m.at not in believed_at
        ),  # what it says of itself is forged
        between={topic: tuple(m for m in found if not elsewhere(m)) for topic, found in facts.between.items()},
        enriched=tuple(m for m in facts.enriched if not elsewhere(m)),
        dead_letters=tuple(m for m in facts.dead_letters if not elsewhere(m)),
    )
    refused = {m.origin for m in facts.dead_letters}
    deployment.broken_at = {
        at for at, given in feed.verdicts.items() if at not in believed_at
        and (given.verdict == "dead" or (not given.verdict and at in refused))
    }  # fmt: skip
    what = "our limits" if limit == MAX_MESSAGE_BYTES else "Kafka's own limits"
    await ledger.close(f"hostile feeder, {what}", deployment, facts, seconds=time.monotonic() - began)
    assert facts.duplicates == 0
    await letters_say_what_they_are(deployment, feed)
    print(f"{len(feed.verdicts)} hostile, {len(feed.good)} between: {dict(await deployment.verdicts())}")


async def letters_say_what_they_are(deployment: Deployment, feed: Feed) -> None:
    """Each letter names the message's own place; a key is there, or its hash and size; a bomb is said to be one."""
    seen: Counter[str] = Counter()
    for record in await deployment.read(deployment.dead_letters):
        letter = dead_letters.read(record.value, list(record.headers))
        at = Coordinates(letter.read.topic, letter.read.partition, letter.read.offset)
        assert sum(len(name) + len(value or b"") for name, value in record.headers) < 20_000
        if (given := feed.verdicts.get(at)) is None:
            continue
        seen[letter.reason] += 1
        if given.name.startswith("bomb"):
            assert (letter.reason, letter.left_out, letter.truncated) == ("unreadable", "value,source,trace", True)
            assert "opens to more than 64 MiB" in letter.error
        elif given.key and len(given.key) > dead_letters.MAX_KEY_BYTES:
            assert (letter.article_key, letter.key_size) == (None, len(given.key))
        elif given.key:
            assert letter.article_key == given.key
    assert seen["unreadable"] >= 3
