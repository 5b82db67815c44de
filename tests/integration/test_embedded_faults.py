"""The ledger, its negative control and the first faults in small, on the embedded broker: for every `make test`.

What is not here and why: the embedded broker keeps articles in memory, so that one that was killed has lost them; that
fault, and everything else about durability, is tried on Apache Kafka (tests/integration/faults).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.broker import EmbeddedBroker, free_port
from tests.integration.articles import articles
from tests.integration.embedded import EmbeddedLine
from tests.integration.faults.runs import supervised
from tests.integration.ledger import allowed_duplicates, broken
from tests.integration.proxy import Proxy
from tests.integration.worker import Worker, until

RATE = 60.0


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """One for the module."""
    with EmbeddedBroker() as running:
        yield running


@pytest.fixture
def line(broker: EmbeddedBroker, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedLine]:
    """A line of this test's own."""
    made = EmbeddedLine(broker.address, request.node.name.replace("[", "-").strip("]"), tmp_path, partitions=2)
    yield made
    made.stop()


async def under(
    fault: Callable[[Worker], Awaitable[object]], line: EmbeddedLine, *, count: int = 150, faults: int = 1
) -> int:
    """As tests/integration/faults/runs.py: a steady feed, the fault in the middle of it, all laws. Duplicates."""
    await line.create()
    worker = line.worker()
    worker.start()
    await worker.ready()
    async with line.watched(), supervised(line, worker):
        feeding = asyncio.create_task(line.feed(articles(count, broken_every=50, keys=40), rate=RATE))
        assert await until(lambda: len(line.arrivals) >= 20, 20), worker.log[-2000:]
        await fault(worker)
        await feeding
        await line.all_answered(30)
        facts = await line.facts(
            allowed_duplicates=allowed_duplicates(rate=RATE, faults=faults),
            counts=[c for w in line.workers if w.pid for c in await w.counts(line.outputs)],
        )
    assert not broken(facts), worker.log[-2000:]
    assert {m.origin for m in facts.dead_letters} == line.broken_at
    assert len(facts.acked) >= count
    return facts.duplicates


async def test_worker_sigkill(line: EmbeddedLine) -> None:
    """Killed in the middle of a batch, and started again."""

    async def kill(worker: Worker) -> None:
        worker.kill()
        worker.start()

    await under(kill, line)


async def test_worker_sigterm(line: EmbeddedLine) -> None:
    """Stopped in order in the middle of the feed: exit 0, and nothing comes twice."""

    async def stop(worker: Worker) -> None:
        code, took = await worker.terminate()
        assert (code, took < 15) == (0, True)

    assert await under(stop, line) == 0


async def test_rebalance(line: EmbeddedLine) -> None:
    """A second worker with one stage comes and goes."""
    other = line.worker("entities", stages=("entities",))

    async def come_and_go(_: Worker) -> None:
        other.start()
        await other.ready()
        await asyncio.sleep(0.5)
        assert (await other.terminate())[0] == 0

    await under(come_and_go, line, count=350, faults=2)


async def test_worker_stopped(line: EmbeddedLine) -> None:
    """SIGSTOP for longer than the session: it comes back to a group that has given it up."""

    async def pause(worker: Worker) -> None:
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(4)
        worker.signal(signal.SIGCONT)

    await under(pause, line)


async def test_broker_stopped(broker: EmbeddedBroker, line: EmbeddedLine) -> None:
    """SIGSTOP of the broker: connections stay open and nothing answers."""

    async def pause(_: Worker) -> None:
        assert broker.pid
        os.kill(broker.pid, signal.SIGSTOP)
        await asyncio.sleep(2)
        os.kill(broker.pid, signal.SIGCONT)

    await under(pause, line)


@asynccontextmanager
async def proxied(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedLine, Proxy]]:
    """A line whose broker tells everybody to come to a proxy."""
    port = free_port()
    with EmbeddedBroker(advertised=f"127.0.0.1:{port}") as own:
        async with Proxy(port, ("127.0.0.1", own.port)) as proxy:
            line = EmbeddedLine(own.address, "proxied", tmp_path, partitions=2)
            try:
                yield line, proxy
            finally:
                line.stop()


async def test_network(tmp_path: Path) -> None:
    """100 ms more each way, then silence, then every connection reset."""
    async with proxied(tmp_path) as (line, proxy):

        async def trouble(_: Worker) -> None:
            proxy.delay = 0.1
            await asyncio.sleep(1)
            proxy.delay = 0.0
            async with proxy.black_hole():
                await asyncio.sleep(2)
            await asyncio.sleep(0.5)
            async with proxy.resets():
                await asyncio.sleep(1)

        await under(trouble, line, faults=3)


async def test_naive_agents_turn_the_ledger_red(line: EmbeddedLine) -> None:
    """The control: plain `async for` loses what it cannot read, or all of the above proves nothing."""
    await line.create()
    worker = Worker(
        "naive", {}, folder=line.folder, port=0,
        program=("-m", "tests.integration.naive"), args=("each", line.bootstrap, f"{line.name}.", line.name),
    )  # fmt: skip
    line.workers.append(worker)
    worker.start()
    async with line.watched():
        await line.feed(articles(120, broken_every=20))
        assert await until(lambda: len(line.arrivals) >= 114, 30), worker.log[-2000:]
        await line.drained(10)  # committed and not answered is lost for good
    facts = await line.facts_now()
    assert set(broken(facts)) >= {"L1"}
    assert facts.lost == line.broken_at
