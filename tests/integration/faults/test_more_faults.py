"""Faults that nobody asked for by name: what is fed oddly, who is configured wrongly, and several things at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import Kafka

from agents.broker import free_port
from tests.integration.articles import article, articles
from tests.integration.deployment import Deployment
from tests.integration.faults.runs import supervised, under
from tests.integration.ledger import Coordinates, allowed_duplicates
from tests.integration.report import Ledger
from tests.integration.worker import Worker

pytestmark = pytest.mark.slow


async def test_odd_messages(deployment: Deployment, ledger: Ledger) -> None:
    """Every codec; no value, no key, a key that is no text, a thousand headers, a time before and after all time."""
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    numbers = iter(range(1_000))

    async def feed(codec: str | None, **more: Any) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=deployment.bootstrap, compression_type=codec)
        await producer.start()
        for _ in range(20):
            number = next(numbers)
            given = article(number)
            message = {"value": given.value, "key": given.key} | more
            if message["key"] and message["key"] != given.key:  # order is kept for who is fed under its uri
                message["key"] += str(number).encode()
            at = await producer.send_and_wait(deployment.raw, **message)
            place = Coordinates(at.topic, at.partition, at.offset)
            deployment.acked.add(place)
            if more.get("value", b"") is None:
                deployment.broken_at.add(place)
        await producer.stop()

    async with deployment.watched():
        for codec in (None, "gzip", "snappy", "lz4", "zstd"):
            await feed(codec)
        for odd in (
            {"value": None, "key": b"\xff"},  # with a key that is text it would take that article down
            {"key": None},
            {"key": b"\xff\xfe\x00"},
            {"key": b"k" * 100_000},
            {"headers": [(f"h{n}", b"x" * 50) for n in range(1_000)]},
            {"timestamp_ms": 1},
            {"timestamp_ms": 4_102_444_800_000},
        ):
            await feed("lz4", **odd)
        await deployment.all_answered(60)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    await ledger.close("odd messages, every codec", deployment, facts, seconds=time.monotonic() - began)
    assert await deployment.verdicts() == {"cleaning:null_value": 20}
    assert worker.starts == 1


@pytest.mark.fault
async def test_two_workers_with_one_name(deployment: Deployment, ledger: Ledger) -> None:
    """Two with the same COPYDESK_STATIC_MEMBER take the partitions from each other: said in the log, nothing lost."""
    other = deployment.worker("other", static_member="one")

    async def join(_: Worker) -> None:
        other.start()
        await asyncio.sleep(25)
        await other.terminate()

    worker = deployment.worker(static_member="one")
    # Each takes the partitions back every two seconds or so, before much is committed: duplicates have no bound here.
    await under(join, name="two workers with one name, 25 s", deployment=deployment, ledger=ledger, worker=worker,
                count=1_200, rate=40, faults=1_000)  # fmt: skip
    assert "is there another worker with COPYDESK_STATIC_MEMBER=one?" in worker.log + other.log


@pytest.mark.fault
async def test_broker_and_worker_killed_together(tmp_path: Path, ledger: Ledger) -> None:
    """A power cut on one machine: both are back after three seconds."""
    with Kafka(proxy_port=free_port()) as own:
        deployment = Deployment(own.bootstrap, "own", tmp_path)

        async def cut(worker: Worker) -> None:
            own.broker.kill()
            worker.kill()
            await asyncio.sleep(3)
            own.broker.start()

        try:
            await under(cut, name="broker and worker killed together", deployment=deployment, ledger=ledger, faults=2)
        finally:
            deployment.stop()


@pytest.mark.fault
@pytest.mark.timeout(400)
async def test_too_few_replicas(tmp_path: Path, ledger: Ledger) -> None:
    """Two of three brokers stop: nothing can be written or committed until one is back; then all goes on."""
    with Kafka(brokers=3, heap="192m") as cluster:
        deployment = Deployment(cluster.bootstrap, "three", tmp_path)

        async def lose_two(_: Worker) -> None:
            for broker in cluster.brokers[1:]:
                broker.pause()
            await asyncio.sleep(15)
            for broker in cluster.brokers[1:]:
                broker.resume()

        try:
            await under(lose_two, name="two of three brokers stopped 15 s", deployment=deployment, ledger=ledger,
                        replication=3, count=900, faults=2, settle=5, within=150)  # fmt: skip
        finally:
            deployment.stop()


@pytest.mark.fault
async def test_a_worker_with_other_settings(deployment: Deployment, ledger: Ledger) -> None:
    """A second worker of the same group that knows other partitions, a lower limit and no routes: nothing is lost."""
    other = deployment.worker("other", partitions="8", batch_records="1", processes="1", session_seconds="30")

    async def join(_: Worker) -> None:
        other.start()
        await other.ready(60)
        await asyncio.sleep(5)
        other.kill()

    worker = deployment.worker(session_seconds="6")
    await deployment.create()
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    async with deployment.watched(), supervised(deployment, worker):
        feeding = asyncio.create_task(deployment.feed(articles(900, keys=300), rate=40))
        await asyncio.sleep(3)
        await join(worker)
        await feeding
        await deployment.all_answered(90)
        facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=40, faults=2))
    await ledger.close(
        "a second worker, configured otherwise, killed", deployment, facts, seconds=time.monotonic() - began
    )
