"""What can stand in a log or become of it: transactions, holes, and topics that are cut, deleted or rewound."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from tests.integration.articles import article, articles
from tests.integration.deployment import Deployment
from tests.integration.faults.runs import supervised
from tests.integration.ledger import Coordinates, Message, Place, allowed_duplicates, broken
from tests.integration.report import Ledger
from tests.integration.worker import until

pytestmark = pytest.mark.slow


async def test_transactions(deployment: Deployment, ledger: Ledger) -> None:
    """A feeder that commits every article by itself and aborts some: a log full of holes, ending in one.

    Aborted articles were never published and do not come out. A worker killed in the middle has committed nothing that
    it had not answered, and one that has read everything has no lag, though the last offset is no record's.
    """
    await deployment.create()
    worker = deployment.worker(session_seconds="6", stall_seconds="8", batch_records="8")
    began = time.monotonic()
    producer = AIOKafkaProducer(
        bootstrap_servers=deployment.bootstrap, transactional_id=f"{deployment.name}-feeder", linger_ms=0
    )
    await producer.start()
    aborted: set[Coordinates] = set()

    async def feed(first: int, last: int) -> None:
        for number in range(first, last):
            given = article(number, keys=80)
            await producer.begin_transaction()
            at = await producer.send_and_wait(deployment.raw, given.value, key=given.key, partition=number % 2)
            place = Coordinates(at.topic, at.partition, at.offset)
            if number % 7 == 6:
                await producer.abort_transaction()
                aborted.add(place)
            else:
                await producer.commit_transaction()
                deployment.acked.add(place)

    await feed(0, 300)  # a backlog: what is read ahead must not be committed
    worker.start()
    async with deployment.watched(sample_every=0.1), supervised(deployment, worker):
        await worker.ready(60)
        assert await until(lambda: len(deployment.arrivals) >= 20, 30)
        worker.kill()
        await feed(300, 400)
        await producer.stop()
        await deployment.all_answered(60)
        for partition in range(2):  # what follows the last record is a marker
            deployment.ends[Place(deployment.raw, partition)] = (
                max(p.offset for p in deployment.acked if p.partition == partition) + 1
            )
        # From a backlog the worker takes as fast as it can, not as fast as it is fed.
        facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=300, faults=1))
        starts = worker.starts
        await asyncio.sleep(12)
        assert worker.starts == starts, f"it took a marker for an article that waits:\n{worker.log[-1500:]}"
    assert not aborted & {m.origin for m in facts.answers}, "aborted articles came out"
    await ledger.close("transactions, one in seven aborted", deployment, facts, seconds=time.monotonic() - began)


@pytest.mark.fault
@pytest.mark.parametrize("pause", [0.0, 3.0])
async def test_a_topic_deleted_and_created_again(pause: float, deployment: Deployment) -> None:
    """The raw topic is deleted and created again under a worker: what is fed afterwards all comes out.

    Told by keys: coordinates begin again, so the ledger cannot.
    """
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready(60)
    async with deployment.watched():
        await deployment.feed(articles(400, broken_every=None))
        await deployment.all_answered(60)
    async with deployment.admin() as admin:
        await admin.delete_topics([deployment.raw])
        await asyncio.sleep(pause)
        while deployment.raw in await admin.list_topics():  # noqa: ASYNC110  asked of another process
            await asyncio.sleep(0.02)
    await deployment.create(only=(deployment.raw,))
    later = [article(number) for number in range(1_000, 1_200)]
    async with supervised(deployment, worker):
        await deployment.feed(later[:100])
        await asyncio.sleep(2)
        await deployment.feed(later[100:])
        deadline = time.monotonic() + 60
        while lost := {given.key for given in later} - {r.key for r in await deployment.read(deployment.enriched)}:
            assert time.monotonic() < deadline, f"{len(lost)} of 200 are lost\n{worker.log[-1500:]}"
            await asyncio.sleep(1)
        await deployment.drained(10)
        sample = await deployment.sample()
        committed = {place: offset for place, offset in sample.committed.items() if place.topic == deployment.raw}
        ends = {place: end for place, end in sample.ends.items() if place.topic == deployment.raw}
        assert committed == ends, worker.log[-1500:]
    print(f"topic created again after {pause:g} s: 200 of 200 answered, {worker.starts - 1} restarts")


@pytest.mark.fault
async def test_unread_articles_that_the_broker_deletes(deployment: Deployment, ledger: Ledger) -> None:
    """Retention takes what nobody has read yet: what is left comes out, it is said in the log, and commits go on."""
    await deployment.create()
    worker = deployment.worker(session_seconds="6")
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    async with deployment.watched():
        await deployment.feed(articles(200))
        await deployment.all_answered(60)
        await worker.terminate()  # in order: what it has answered is committed, and lies before what is deleted
        async with deployment.admin() as admin:
            fed = set(deployment.acked)
            await deployment.feed(articles(600, first=1_000))
            ends = (await deployment.sample()).ends
            gone = {TopicPartition(deployment.raw, p): ends[Place(deployment.raw, p)] - 20 for p in range(3)}
            cuts = {tp: RecordsToDelete(before_offset=offset) for tp, offset in gone.items()}
            await admin.delete_records(cuts)
            left = {at for at in deployment.acked - fed if at.offset >= gone.get(TopicPartition(*at[:2]), 0)}
        deployment.acked = left | fed
        deployment.broken_at &= deployment.acked
        worker.start()  # not before: it would read what is to be deleted
        async with supervised(deployment, worker):
            await deployment.feed(articles(200, first=3_000))
            await deployment.all_answered(60)
        facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=200, faults=1))
    # What was answered before it was deleted was fed, too, though the broker no longer says so.
    deleted = (Message(at=at, origin=at) for at in fed - {m.at for m in facts.raw})
    facts = replace(facts, raw=(*facts.raw, *deleted))
    assert "out of range" in worker.log, worker.log[-1500:]
    await ledger.close("unread articles deleted by the broker", deployment, facts, seconds=time.monotonic() - began)


@pytest.mark.fault
async def test_a_group_that_is_moved_back(deployment: Deployment) -> None:
    """An administrator moves the stopped group to the beginning: everything comes out once more, the same bytes."""
    await deployment.create()
    worker = deployment.worker(session_seconds="6")
    worker.start()
    await worker.ready(60)
    async with deployment.watched():
        await deployment.feed(articles(200))
        await deployment.all_answered(60)
    await worker.terminate()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=deployment.bootstrap, group_id=deployment.name, enable_auto_commit=False
    )
    await consumer.start()
    places = [TopicPartition(deployment.raw, p) for p in range(deployment.partitions)]
    consumer.assign(places)
    await consumer.commit(dict.fromkeys(places, 0))
    await consumer.stop()
    deployment.samples.clear()  # the offset fell, and was to
    async with deployment.watched(), supervised(deployment, worker):
        assert await until(lambda: len(deployment.arrivals) >= 600, 60), worker.log[
            -1500:
        ]  # 200 as before, then 200 twice
        facts = await deployment.facts(allowed_duplicates=200)
    assert not broken(facts), broken(facts)
    assert facts.duplicates == 200
