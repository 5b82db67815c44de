"""A worker as an operator sees it: how soon it is ready, how it stops, and that its stages can be split."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.messages import canonical
from tests.integration.report import Ledger


@pytest.mark.slow
async def test_ready_soon_and_ends_on_sigterm_under_load(deployment: Deployment, ledger: Ledger) -> None:
    """Ready in 8 s; SIGTERM in the middle of a backlog: exit 0 in 15 s, nothing lost, nothing twice."""
    await deployment.create()
    worker = deployment.worker()
    began = time.monotonic()
    worker.start()
    assert await worker.ready() < 8.0
    async with deployment.watched():
        feeding = asyncio.create_task(deployment.feed(articles(600), rate=150))
        await asyncio.sleep(2.5)
        code, took = await worker.terminate()
        assert (code, took < 15) == (0, True), f"exit {code} after {took:.1f} s\n{worker.log[-2000:]}"
        await feeding
        assert deployment.acked - deployment.answered.keys(), "it was to be stopped in the middle"
        worker.start()
        await deployment.all_answered(60)
    facts = await deployment.facts(allowed_duplicates=0, counts=await worker.counts(deployment.outputs))
    await ledger.close(
        "worker SIGTERM in a backlog", deployment, facts, seconds=time.monotonic() - began, note=f"exit {took:.1f} s"
    )


@pytest.mark.slow
async def test_stages_split_over_three_processes_give_the_same_records(deployment: Deployment) -> None:
    """One worker with all stages, and three with one stage each: the same bytes, times and coordinates aside."""
    apart = Deployment(deployment.bootstrap, f"{deployment.name}-split", deployment.folder)
    inputs = list(articles(150, broken_every=30))
    records = []
    for this, stages in ((deployment, [()]), (apart, [("cleaning",), ("entities",), ("classification",)])):
        await this.create()
        workers = [this.worker(f"{this.name}-{n}", stages=some, processes="1") for n, some in enumerate(stages)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                await worker.ready()
            async with this.watched():
                await this.feed(inputs)
                await this.all_answered(60)
            counts = [count for worker in workers for count in await worker.counts(this.outputs)]
            assert sum(c.consumed for c in counts) == sum(c.produced + c.dead_letters for c in counts)
            read = await this.read(this.enriched)
            records.append(sorted((r.key, dict(r.headers)["ce_id"], canonical(r.value)) for r in read))
        finally:
            this.stop()
    assert len(records[0]) == 145
    assert records[0] == records[1]


async def test_a_missing_topic_ends_it_before_it_joins(deployment: Deployment) -> None:
    """Exit 1 with one line that names the topic and the command that makes it; nothing was joined or consumed."""
    worker = deployment.worker()
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert deployment.raw in lines[0]
    assert "copydesk topics create" in lines[0]
    async with deployment.admin() as client:
        assert deployment.name not in {group for group, *_ in await client.list_consumer_groups()}


async def test_a_missing_or_corrupt_model_ends_it_before_it_joins(deployment: Deployment) -> None:
    """An empty folder as model: exit 1, one line, nothing consumed."""
    await deployment.create()
    empty = deployment.folder / "model"
    empty.mkdir()
    await deployment.feed(articles(5))
    worker = deployment.worker(ner_model=str(empty))
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert "model" in lines[0]
    assert not (await deployment.sample()).committed


async def test_no_broker_is_one_line(deployment: Deployment) -> None:
    """Exit 1 with one line that names the address."""
    worker = deployment.worker(broker="127.0.0.1:1")
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert "127.0.0.1:1" in lines[0]
