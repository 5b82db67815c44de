"""The ledger proves something only if it can fail: agents as one would write them must turn it red."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import broken
from tests.integration.report import Ledger
from tests.integration.worker import Worker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["each", "take"])
async def test_naive_agents_lose_articles(kind: str, deployment: Deployment, ledger: Ledger) -> None:
    """400 articles, two SIGKILLs, one broken article in 40: plain `async for` and `take` lose acked articles."""
    await deployment.create()
    worker = Worker(
        f"naive-{kind}", {}, folder=deployment.folder, port=0,
        program=("-m", "tests.integration.naive"),
        args=(kind, deployment.bootstrap, f"{deployment.name}.", deployment.name),
    )  # fmt: skip
    deployment.workers.append(worker)
    worker.start()
    async with deployment.watched():
        feeding = asyncio.create_task(deployment.feed(articles(400, broken_every=40), rate=100))
        for _ in range(2):
            await asyncio.sleep(1.5)
            worker.kill()
            worker.start()
        await feeding
        await deployment.drained(60)  # what is committed and not answered is lost for good, not late
    facts = await deployment.facts_now()
    red = broken(facts)
    fine = deployment.lost_good(facts)
    print(
        f"naive {kind}: acked {len(facts.acked)}, lost {len(facts.lost)}, of these fine {len(fine)}, red: {sorted(red)}"
    )
    assert facts.drained
    ends = {
        place: end for place, end in facts.drained.ends.items() if place.topic in (deployment.raw, deployment.cleaned)
    }
    assert {place: facts.drained.committed.get(place, 0) for place in ends} == ends, "not drained: it may be late only"
    assert "L1" in red, f"nothing was lost by {kind}: the ledger proves nothing\n{worker.log[-2000:]}"
    if kind == "take":
        assert fine, "a batch was lost with its broken article, or the control is no longer what it was"
