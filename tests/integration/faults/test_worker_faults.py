"""What can happen to a worker's process, its clock and its children."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.integration.articles import Input, article, articles
from tests.integration.deployment import Deployment
from tests.integration.faults.runs import injected, supervised, under
from tests.integration.ledger import allowed_duplicates
from tests.integration.report import Ledger
from tests.integration.worker import Worker, until

pytestmark = pytest.mark.slow
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


@pytest.mark.fault
@pytest.mark.timeout(600)
async def test_sigkill_20_times(deployment: Deployment, ledger: Ledger) -> None:
    """Each time it answers again it is killed again."""
    gap = 6.0 + 15.0  # session + 15 s

    def answering(seen: int) -> bool:
        return len(deployment.arrivals) >= seen + 20

    async def kill(worker: Worker) -> None:
        for _ in range(20):
            seen = len(deployment.arrivals)
            worker.kill()
            worker.start()
            await until(partial(answering, seen), gap)

    worker = deployment.worker(session_seconds="6")
    row = await under(kill, name="worker SIGKILL 20 times", deployment=deployment, ledger=ledger, worker=worker,
                      faults=20, count=3_000, rate=15, note="session 6 s")  # fmt: skip
    assert row.silence <= gap


@pytest.mark.fault
async def test_sigkill_with_a_static_member(deployment: Deployment, ledger: Ledger) -> None:
    """A worker with a name of its own takes its partitions back without waiting for the session to run out."""

    async def kill(worker: Worker) -> None:
        worker.kill()
        worker.start()

    worker = deployment.worker(static_member="one")
    row = await under(
        kill, name="worker SIGKILL, static member", deployment=deployment, ledger=ledger, worker=worker, count=900
    )
    assert row.silence <= 15.0


@pytest.mark.fault
async def test_rebalances_with_mixed_stages(deployment: Deployment, ledger: Ledger) -> None:
    """1 -> 2 -> 3 -> 1 workers, the new ones with one stage each."""
    others = [
        deployment.worker("entities", stages=("entities",)),
        deployment.worker("classification", stages=("classification",)),
    ]

    async def come_and_go(worker: Worker) -> None:
        for other in others:
            other.start()
            await other.ready(60)
            await asyncio.sleep(4)
        for other in others:
            code, took = await other.terminate()
            assert (code, took < 15) == (0, True)
            await asyncio.sleep(3)

    row = await under(come_and_go, name="rebalance 1-2-3-1 workers, mixed stages", deployment=deployment, ledger=ledger,
                      count=2_000, faults=4)  # fmt: skip
    # How many copies there are depends on how busy the machine is when partitions move: L4 bounds them.
    assert row.silence <= 15


@pytest.mark.fault
async def test_worker_stopped_30_s(deployment: Deployment, ledger: Ledger) -> None:
    """SIGSTOP for 30 s, longer than the session: it comes back to a group that went on without it."""

    async def pause(worker: Worker) -> None:
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(30)
        worker.signal(signal.SIGCONT)

    row = await under(pause, name="worker SIGSTOP 30 s", deployment=deployment, ledger=ledger, count=1_500, rate=40)
    assert row.silence <= 35


async def test_a_child_that_dies_or_hangs_by_itself(deployment: Deployment, ledger: Ledger) -> None:
    """Child processes are SIGKILLed and SIGSTOPped at random: no article's fault, so no dead letter."""

    async def harm(worker: Worker) -> None:
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL):
            children = worker.children()
            assert children
            os.kill(children[-1], number)
            await asyncio.sleep(4)
        assert len(worker.children()) >= 2, "the pool was not filled again"

    worker = deployment.worker(time_limit_seconds="3")
    row = await under(harm, name="child processes killed and stopped", deployment=deployment, ledger=ledger,
                      worker=worker, count=700, rate=50, allowed=0)  # fmt: skip
    assert worker.starts == 1
    assert row.silence <= 10


@pytest.mark.parametrize(("word", "reason"), [("HANG", "timeout"), ("DIE", "crashed"), ("EAT", "out_of_memory")])
async def test_a_poison_article(word: str, reason: str, deployment: Deployment, ledger: Ledger) -> None:
    """It hangs, kills or bloats the process that works on it: it alone is refused, and once."""
    await deployment.create()
    worker = deployment.worker(environment=injected(), time_limit_seconds="3")
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    bad = article(100_000)
    poison = Input(bad.key, bad.value.replace(b'"body": "', f'"body": "{word}-HERE '.encode()), broken=True)
    inputs = [*articles(150, broken_every=None), poison, *articles(150, broken_every=None, first=150)]
    async with deployment.watched():
        await deployment.feed(inputs[:100])
        await deployment.all_answered(60)
        before = worker.memory()
        await deployment.feed(inputs[100:])
        await deployment.all_answered(60)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    await ledger.close(f"poison article: {reason}", deployment, facts, seconds=time.monotonic() - began)
    assert await deployment.verdicts() == {f"entities:{reason}": 1}
    assert worker.starts == 1
    assert worker.memory() <= before * 1.1 + 10, "the parent grew"
    assert len(worker.children()) == 2, "the pool was not filled again"


async def test_an_output_that_is_too_large(deployment: Deployment, ledger: Ledger) -> None:
    """The broker refuses one record for its size: one dead letter with the original bytes, and no loop."""
    await deployment.create(configs={"cleaned": {"max.message.bytes": "30000"}})
    worker = deployment.worker()
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    long = article(7)
    text = long.value.replace(
        b"This is report number 7.", b" ".join(b"This is line %d of it." % n for n in range(3_000))
    )
    async with deployment.watched():
        inputs = [*articles(30, broken_every=None), Input(b"long", text, broken=True), *articles(30, first=30)]
        await deployment.feed(inputs)
        await deployment.all_answered(60)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    await ledger.close("output too large", deployment, facts, seconds=time.monotonic() - began)
    assert await deployment.verdicts() == {"cleaning:output_too_large": 1}
    assert [record.value for record in await deployment.read(deployment.dead_letters)] == [text]
    assert worker.starts == 1


@pytest.mark.fault
@pytest.mark.timeout(600)
async def test_slow_stage_with_a_backlog_of_100_000(deployment: Deployment, ledger: Ledger) -> None:
    """20 ms more an article: memory stays flat and nobody is evicted. Not drained: it has no row."""
    await deployment.create()
    await deployment.feed(articles(100_000, broken_every=None))
    worker = deployment.worker(environment=injected(FAULT_SLEEP="0.02"))
    worker.start()
    await worker.ready(60)
    async with deployment.watched():
        await asyncio.sleep(90)  # until every buffer on the way is full
        before, parent = worker.memory_of_all(), worker.memory()
        for _ in range(3):
            await asyncio.sleep(20)
            print(
                f"  memory {worker.memory():.0f} of {worker.memory_of_all():.0f} MiB, "
                f"{len(deployment.answered)} answered"
            )
        after, parent_after = worker.memory_of_all(), worker.memory()
    metrics = await worker.metrics()
    lag = sum(
        v
        for (n, labels), v in metrics.items()
        if n == "copydesk_consumer_lag_records" and dict(labels)["topic"] == deployment.raw
    )
    done, rebalances = len(deployment.answered), metrics["copydesk_rebalances_total", ()]
    print(f"backlog 100,000: {done} answered, raw lag {lag:.0f}, parent {parent:.0f} -> {parent_after:.0f} MiB, "
          f"all {before:.0f} -> {after:.0f} MiB, rebalances {rebalances:.0f}")  # fmt: skip
    assert worker.starts == 1
    assert worker.pid
    assert done > 500
    assert parent_after <= parent * 1.10
    assert after <= before * 1.10
    assert rebalances <= 2
    facts = await deployment.facts_now()
    assert not facts.both
    assert facts.duplicates == 0


@pytest.mark.fault
@pytest.mark.parametrize("offset", ["+2h", "-2h"])
async def test_a_clock_off_by_two_hours(offset: str, deployment: Deployment, ledger: Ledger) -> None:
    """The worker's clock is wrong (libfaketime): nothing is lost, and no latency is negative."""
    assert FAKETIME, "this test needs libfaketime (Debian: libfaketime)"
    clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": offset}
    worker = deployment.worker(environment=clock)

    async def nothing(_: Worker) -> None: ...

    await under(
        nothing,
        name=f"clock {offset}",
        deployment=deployment,
        ledger=ledger,
        worker=worker,
        count=300,
        rate=60,
        allowed=0,
    )
    metrics = await worker.metrics()
    assert metrics["copydesk_end_to_end_latency_seconds_sum", ()] >= 0
    assert all(value >= 0 for (name, _), value in metrics.items() if "seconds" in name)


@pytest.mark.fault
async def test_a_poison_article_is_not_met_again_after_a_restart(deployment: Deployment, ledger: Ledger) -> None:
    """Killed while it works on a poison article: the restarted worker refuses it once and goes on."""
    await deployment.create()
    worker = deployment.worker(environment=injected(), time_limit_seconds="4", session_seconds="6")
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    bad = article(100_000)
    poison = Input(bad.key, bad.value.replace(b'"body": "', b'"body": "HANG-HERE '), broken=True)
    async with deployment.watched(), supervised(deployment, worker):
        await deployment.feed([poison, *articles(100, broken_every=None)])
        await asyncio.sleep(2)
        worker.kill()
        await deployment.all_answered(60)
        facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=0, faults=1))
    await ledger.close("poison article and SIGKILL", deployment, facts, seconds=time.monotonic() - began)
