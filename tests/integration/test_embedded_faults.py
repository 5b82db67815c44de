"""The ledger, its negative control and the first faults in small: kill -9 and a rebalance in every `make test`.

The others here take longer and are run by `make test-slow`; the whole matrix is in tests/integration/faults.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from agents.broker import EmbeddedBroker, free_port
from tests.integration.articles import articles
from tests.integration.embedded import EmbeddedDeployment
from tests.integration.faults.runs import supervised
from tests.integration.ledger import allowed_duplicates, broken
from tests.integration.proxy import Proxy
from tests.integration.worker import Worker, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
RATE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EmbeddedDeployment]:
    """One deployment and its worker, which goes through one fault after the other; the ledger is of them all so far."""
    made = EmbeddedDeployment(broker.address, "faults", tmp_path_factory.mktemp("faults"), partitions=2)
    try:
        await started(made)
        yield made
    finally:
        made.stop()


async def started(deployment: EmbeddedDeployment) -> None:
    """Topics made, a worker ready."""
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready()


async def under(
    fault: Callable[[Worker], Awaitable[object]], deployment: EmbeddedDeployment, *, count: int = 100, faults: int = 1
) -> int:
    """As tests/integration/faults/runs.py: a steady feed, the fault in the middle of it, all laws. New duplicates."""
    worker, first, before = deployment.workers[0], len(deployment.acked), deployment.duplicates
    deployment.tried += faults
    async with deployment.watched(), supervised(deployment, worker):
        feeding = asyncio.create_task(
            deployment.feed(articles(count, broken_every=50, keys=40, first=first), rate=RATE)
        )
        assert await until(lambda: len(deployment.answered) >= first + 20, 20), worker.log[-2000:]
        await fault(worker)
        await feeding
        await deployment.all_answered(30)
        await worker.ready()
        facts = await deployment.facts(
            allowed_duplicates=allowed_duplicates(rate=RATE, faults=deployment.tried),
            counts=[c for w in deployment.workers if w.pid for c in await w.counts(deployment.outputs)],
        )
    assert not broken(facts), worker.log[-2000:]
    assert {m.origin for m in facts.dead_letters} == deployment.broken_at
    assert len(facts.acked) >= first + count
    deployment.duplicates = facts.duplicates
    return deployment.duplicates - before


async def test_worker_sigkill(deployment: EmbeddedDeployment) -> None:
    """Killed in the middle of a batch, and started again."""

    async def kill(worker: Worker) -> None:
        worker.kill()
        worker.start()

    await under(kill, deployment)


@pytest.mark.slow
async def test_worker_sigterm(deployment: EmbeddedDeployment) -> None:
    """Stopped in order in the middle of the feed: exit 0, and nothing comes twice."""

    async def stop(worker: Worker) -> None:
        code, took = await worker.terminate()
        assert (code, took < 15) == (0, True)

    assert await under(stop, deployment) == 0


async def test_rebalance(deployment: EmbeddedDeployment) -> None:
    """A second worker with one stage comes and goes."""
    other = deployment.worker("entities", stages=("entities",))

    async def come_and_go(_: Worker) -> None:
        other.start()
        await other.ready()
        feeding = asyncio.create_task(deployment.feed(articles(60, first=5_000), rate=RATE))
        await asyncio.sleep(0.5)
        assert (await other.terminate())[0] == 0
        await feeding

    await under(come_and_go, deployment, faults=2)


@pytest.mark.slow
async def test_worker_stopped(deployment: EmbeddedDeployment) -> None:
    """SIGSTOP for longer than the session: it comes back to a group that has given it up."""

    async def pause(worker: Worker) -> None:
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(8)
        worker.signal(signal.SIGCONT)

    await under(pause, deployment)


@pytest.mark.slow
async def test_broker_stopped(broker: EmbeddedBroker, deployment: EmbeddedDeployment) -> None:
    """SIGSTOP of the broker: connections stay open and nothing answers."""

    async def pause(_: Worker) -> None:
        assert broker.pid
        os.kill(broker.pid, signal.SIGSTOP)
        await asyncio.sleep(2)
        os.kill(broker.pid, signal.SIGCONT)

    await under(pause, deployment)


@asynccontextmanager
async def proxied(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedDeployment, Proxy]]:
    """A deployment whose broker tells everybody to come to a proxy."""
    port = free_port()
    with EmbeddedBroker(advertised=f"127.0.0.1:{port}") as own:
        async with Proxy(port, ("127.0.0.1", own.port)) as proxy:
            deployment = EmbeddedDeployment(own.address, "proxied", tmp_path, partitions=2)
            try:
                await started(deployment)
                yield deployment, proxy
            finally:
                deployment.stop()


@pytest.mark.slow
async def test_network(tmp_path: Path) -> None:
    """100 ms more each way, then silence, then every connection reset."""
    async with proxied(tmp_path) as (deployment, proxy):

        async def trouble(_: Worker) -> None:
            proxy.delay = 0.1
            await asyncio.sleep(1)
            proxy.delay = 0.0
            async with proxy.black_hole():
                await asyncio.sleep(2)
            await asyncio.sleep(0.5)
            async with proxy.resets():
                await asyncio.sleep(1)

        await under(trouble, deployment, faults=3)


async def test_naive_agents_turn_the_ledger_red(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """The control: plain `async for` loses what it cannot read, or all of the above proves nothing."""
    deployment = EmbeddedDeployment(broker.address, "naive", tmp_path, partitions=2)
    await deployment.create()
    worker = Worker(
        "naive", {}, folder=tmp_path, port=0,
        program=("-m", "tests.integration.naive"),
        args=("each", deployment.bootstrap, f"{deployment.name}.", deployment.name),
    )  # fmt: skip
    deployment.workers.append(worker)
    worker.start()
    try:
        async with deployment.watched():
            await deployment.feed(articles(60, broken_every=20))
            assert await until(lambda: len(deployment.arrivals) >= 57, 30), worker.log[-2000:]
            await deployment.drained(4)  # committed and not answered is lost for good
        facts = await deployment.facts_now()
    finally:
        deployment.stop()
    assert set(broken(facts)) >= {"L1", "L7"}  # not answered, and committed
    assert facts.lost == deployment.broken_at
