"""What can happen to the broker, to its disk, and to the network before it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import NewPartitions
from kafka import Kafka

from agents.broker import free_port
from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.faults.runs import supervised, under
from tests.integration.ledger import allowed_duplicates
from tests.integration.proxy import Proxy
from tests.integration.report import Ledger
from tests.integration.worker import Worker, until

pytestmark = pytest.mark.slow


@pytest.fixture
def own() -> Iterator[Kafka]:
    """A broker that this test may harm."""
    with Kafka(proxy_port=free_port()) as running:
        yield running


@pytest.fixture
def own_deployment(own: Kafka, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment on it."""
    made = Deployment(own.bootstrap, "own", tmp_path)
    yield made
    made.stop()


@pytest.mark.fault
async def test_broker_sigkill_and_restart_on_its_disk(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """Killed, three seconds gone, and back with what its disk holds."""

    async def kill(_: Worker) -> None:
        own.broker.kill()
        await asyncio.sleep(3)
        own.broker.start()

    row = await under(
        kill, name="broker SIGKILL, restart on its disk", deployment=own_deployment, ledger=ledger, count=1_500
    )
    assert row.silence <= 60


@pytest.mark.fault
async def test_broker_stopped_30_s(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """SIGSTOP: connections stay open and nothing answers."""

    async def pause(_: Worker) -> None:
        own.broker.pause()
        await asyncio.sleep(30)
        own.broker.resume()

    row = await under(pause, name="broker SIGSTOP 30 s", deployment=own_deployment, ledger=ledger, count=1_200, rate=40)
    assert row.silence <= 35


@pytest.mark.fault
@pytest.mark.timeout(400)
async def test_broker_away_for_two_minutes(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """Longer than any time-out: the worker is not ready, may exit 1, and the deployment recovers by itself."""
    unready: list[list[str]] = []

    async def away(worker: Worker) -> None:
        own.broker.stop()
        for _ in range(12):
            await asyncio.sleep(10)
            if worker.pid:
                unready.append(await worker.problems())
        own.broker.start()

    await under(
        away, name="broker away 120 s", deployment=own_deployment, ledger=ledger, count=600, faults=2, within=180
    )
    assert any(unready), "a worker without a broker said it was ready all the time"


@pytest.mark.fault
async def test_network_black_hole_15_s(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """Connections that stay open and carry nothing."""
    assert own.proxy_target
    assert own.proxied
    async with Proxy(int(own.proxied.rpartition(":")[2]), own.proxy_target) as proxy:

        async def cut(_: Worker) -> None:
            async with proxy.black_hole():
                await asyncio.sleep(15)

        worker = own_deployment.worker(broker=own.proxied)
        row = await under(
            cut, name="network black hole 15 s", deployment=own_deployment, ledger=ledger, worker=worker, count=1_200
        )
        own_deployment.stop()
    assert row.silence <= 20


async def test_network_resets_5_s(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """Every connection is reset, again and again, for five seconds; then no storm of rebalances."""
    assert own.proxy_target
    assert own.proxied
    async with Proxy(int(own.proxied.rpartition(":")[2]), own.proxy_target) as proxy:

        async def reset(_: Worker) -> None:
            async with proxy.resets():
                await asyncio.sleep(5)

        worker = own_deployment.worker(broker=own.proxied)
        row = await under(
            reset, name="network resets 5 s", deployment=own_deployment, ledger=ledger, worker=worker, count=700
        )
        rebalances = (await worker.metrics())["copydesk_rebalances_total", ()]
        own_deployment.stop()
    assert row.silence <= 10
    assert rebalances <= 3


@pytest.mark.fault
async def test_network_delay_200_ms(own: Kafka, own_deployment: Deployment, ledger: Ledger) -> None:
    """Each way, all the time: slower, and nothing else."""
    assert own.proxy_target
    assert own.proxied
    async with Proxy(int(own.proxied.rpartition(":")[2]), own.proxy_target) as proxy:

        async def delay(_: Worker) -> None:
            proxy.delay = 0.2
            await asyncio.sleep(20)
            proxy.delay = 0.0

        worker = own_deployment.worker(broker=own.proxied)
        row = await under(
            delay, name="network delay 200 ms", deployment=own_deployment, ledger=ledger, worker=worker, allowed=0
        )
        rebalances = (await worker.metrics())["copydesk_rebalances_total", ()]
        own_deployment.stop()
    assert row.silence <= 15
    assert rebalances <= 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB. Only root may mount one: everything else of the matrix runs without."""
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root only: the broker's full disk is not tried")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], check=True)
    yield disk
    with contextlib.suppress(subprocess.CalledProcessError):
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.fault
@pytest.mark.timeout(400)
async def test_broker_disk_full(small_disk: Path, tmp_path: Path, ledger: Ledger) -> None:
    """The broker's disk is full: it goes down; the worker is not ready and commits nothing; with space all goes on."""
    with Kafka(disk=small_disk / "log") as own:
        deployment = Deployment(own.bootstrap, "own", tmp_path)
        await deployment.create()
        worker = deployment.worker()
        worker.start()
        await worker.ready(60)
        began = time.monotonic()
        ballast = small_disk / "ballast"
        try:
            async with deployment.watched(), supervised(deployment, worker):
                feeding = asyncio.create_task(deployment.feed(articles(900, keys=300), rate=60))
                await asyncio.sleep(4)
                with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                    while True:
                        file.write(b"\0" * 65536)
                assert await until(lambda: own.broker.pid is None, 60), "the disk was to be full"
                await asyncio.sleep(8)
                problems = await worker.problems()
                ballast.unlink()
                own.broker.start()
                await feeding
                await deployment.all_answered(180)
                facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=60, faults=2))
            await ledger.close("broker disk full", deployment, facts, seconds=time.monotonic() - began)
            assert problems
        finally:
            deployment.stop()


async def test_partitions_from_4_to_8(deployment: Deployment, ledger: Ledger) -> None:
    """More partitions while it runs: the new ones are read within 30 s."""
    before = list(articles(200))
    grown: list[float] = []

    async def grow(_: Worker) -> None:
        async with deployment.admin() as admin:
            await admin.create_partitions({topic: NewPartitions(8) for topic in deployment.topics})
        deployment.partitions = 8
        grown.append(time.monotonic())

    await deployment.create()
    worker = deployment.worker(partitions="4")
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    async with deployment.watched():
        await deployment.feed(before)
        await deployment.all_answered(60)
        await grow(worker)
    async with deployment.watched():
        await asyncio.sleep(2)
        await deployment.feed(articles(200, first=200))
        assert {at.partition for at in deployment.acked} == set(range(8))
        await deployment.all_answered(60)
        took = time.monotonic() - grown[0]
        facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    await ledger.close(
        "partitions 4 to 8", deployment, facts, seconds=time.monotonic() - began, note=f"read after {took:.0f} s"
    )
    assert took <= 30


@pytest.mark.fault
@pytest.mark.timeout(400)
async def test_three_brokers_losing_one(tmp_path: Path, ledger: Ledger) -> None:
    """Replication 3, min.insync 2: one broker dies and stays dead; nothing that was acked is gone."""
    with Kafka(brokers=3, heap="192m") as cluster:
        deployment = Deployment(cluster.bootstrap, "three", tmp_path)

        async def lose_one(_: Worker) -> None:
            cluster.brokers[1].kill()

        try:
            row = await under(lose_one, name="three brokers, one lost", deployment=deployment, ledger=ledger,
                              replication=3, count=1_200, settle=5, within=150)  # fmt: skip
            assert row.silence <= 60
        finally:
            deployment.stop()


def test_disk_is_given_back(small_disk: Path) -> None:
    """The small file system works on this machine at all."""
    assert shutil.disk_usage(small_disk).total < 64 << 20
