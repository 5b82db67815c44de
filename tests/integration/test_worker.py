"""A worker as an operator sees it: how soon it is ready, how it stops, and that its stages can be split."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.articles import articles
from tests.integration.line import Line
from tests.integration.messages import canonical
from tests.integration.report import Ledger


@pytest.mark.slow
async def test_ready_soon_and_ends_on_sigterm_under_load(line: Line, ledger: Ledger) -> None:
    """Ready in 8 s; SIGTERM in the middle of a backlog: exit 0 in 15 s, nothing lost, nothing twice."""
    await line.create()
    worker = line.worker()
    began = time.monotonic()
    worker.start()
    assert await worker.ready() < 8.0
    async with line.watched():
        feeding = asyncio.create_task(line.feed(articles(600), rate=150))
        await asyncio.sleep(2.5)
        code, took = await worker.terminate()
        assert (code, took < 15) == (0, True), f"exit {code} after {took:.1f} s\n{worker.log[-2000:]}"
        await feeding
        assert line.acked - line.answered.keys(), "it was to be stopped in the middle"
        worker.start()
        await line.all_answered(60)
    facts = await line.facts(allowed_duplicates=0, counts=await worker.counts(line.outputs))
    await ledger.close(
        "worker SIGTERM in a backlog", line, facts, seconds=time.monotonic() - began, note=f"exit {took:.1f} s"
    )


@pytest.mark.slow
async def test_stages_split_over_three_processes_give_the_same_records(line: Line) -> None:
    """One worker with all stages, and three with one stage each: the same bytes, times and coordinates aside."""
    apart = Line(line.bootstrap, f"{line.name}-split", line.folder)
    inputs = list(articles(150, broken_every=30))
    records = []
    for this, stages in ((line, [()]), (apart, [("cleaning",), ("entities",), ("classification",)])):
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


async def test_a_missing_topic_ends_it_before_it_joins(line: Line) -> None:
    """Exit 1 with one line that names the topic and the command that makes it; nothing was joined or consumed."""
    worker = line.worker()
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert line.raw in lines[0]
    assert "copydesk topics create" in lines[0]
    async with line.admin() as client:
        assert line.name not in {group for group, *_ in await client.list_consumer_groups()}


async def test_a_missing_or_corrupt_model_ends_it_before_it_joins(line: Line) -> None:
    """An empty folder as model: exit 1, one line, nothing consumed."""
    await line.create()
    empty = line.folder / "model"
    empty.mkdir()
    await line.feed(articles(5))
    worker = line.worker(ner_model=str(empty))
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert "model" in lines[0]
    assert not (await line.sample()).committed


async def test_no_broker_is_one_line(line: Line) -> None:
    """Exit 1 with one line that names the address."""
    worker = line.worker(broker="127.0.0.1:1")
    worker.start()
    assert await worker.ended(30) == 1
    lines = worker.log.strip().splitlines()
    assert len(lines) == 1, worker.log
    assert "127.0.0.1:1" in lines[0]
