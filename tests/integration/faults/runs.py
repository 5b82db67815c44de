"""How every fault is tried: a deployment under a steady feed, a fault in the middle, the ledger at the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import Coordinates, allowed_duplicates
from tests.integration.report import Ledger, Row
from tests.integration.worker import Worker

INJECT = Path(__file__).resolve().parent / "inject"


def injected(**more: str) -> dict[str, str]:
    """An environment in which child processes can be made to suffer (inject/sitecustomize.py)."""
    return {"PYTHONPATH": str(INJECT), **more}


@contextlib.asynccontextmanager
async def supervised(deployment: Deployment, *workers: Worker) -> AsyncIterator[None]:
    """Workers that end by themselves are started again, as Compose, Kubernetes or systemd would."""
    tasks = [deployment.keep_running(worker) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def under(
    fault: Callable[[Worker], Awaitable[Any]],
    *,
    name: str,
    deployment: Deployment,
    ledger: Ledger,
    worker: Worker | None = None,
    count: int = 1_000,
    rate: float = 60.0,
    faults: int = 1,
    settle: float = 3.0,
    within: float = 120.0,
    allowed: int | None = None,
    refused: set[Coordinates] | None = None,
    replication: int = 1,
    note: str = "",
) -> Row:
    """Feed `count` articles at `rate`, let `fault` happen after `settle` seconds, and hold the ledger to all laws."""
    await deployment.create(replication=replication)
    worker = worker or deployment.worker()
    worker.start()
    await worker.ready(60)
    began = time.monotonic()
    async with deployment.watched(), supervised(deployment, worker):
        feeding = asyncio.create_task(deployment.feed(articles(count, keys=count // 3), rate=rate))
        await asyncio.sleep(settle)
        await fault(worker)
        await feeding
        await deployment.all_answered(within)
        facts = await deployment.facts(
            allowed_duplicates=allowed_duplicates(rate=rate, faults=faults) if allowed is None else allowed,
            counts=[c for w in deployment.workers if w.pid for c in await w.counts(deployment.outputs)],
        )
    return await ledger.close(name, deployment, facts, seconds=time.monotonic() - began, note=note, refused=refused)
