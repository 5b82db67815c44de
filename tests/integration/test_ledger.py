"""The promise in small, on Apache Kafka with the real models: whatever becomes of a worker, articles are answered."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import allowed_duplicates
from tests.integration.report import Ledger

pytestmark = pytest.mark.slow


async def test_nothing_is_lost_in_two_kills(deployment: Deployment, ledger: Ledger) -> None:
    """2,000 articles at a steady rate; the worker is SIGKILLed twice and started again."""
    rate = 80.0
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready()
    began = time.monotonic()
    async with deployment.watched():
        feeding = asyncio.create_task(deployment.feed(articles(2_000, keys=600), rate=rate))
        for after in (8, 14):
            await asyncio.sleep(began + after - time.monotonic())
            worker.kill()
            worker.start()
        await feeding
        await deployment.all_answered(90)
    facts = await deployment.facts(
        allowed_duplicates=allowed_duplicates(rate=rate, faults=2), counts=await worker.counts(deployment.outputs)
    )
    await ledger.close("worker SIGKILL twice", deployment, facts, seconds=time.monotonic() - began)
    code, took = await worker.terminate()
    assert (code, took < 15) == (0, True), f"SIGTERM: exit {code} after {took:.1f} s"
