"""The real pipeline gives exactly one verdict to any message, raises nothing, and leaves its neighbours as they are."""

from __future__ import annotations

import time
from collections import Counter

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from pipeline.errors import Reason
from tests.integration.articles import Input, article
from tests.integration.badinput import (
    CORPORA,
    HEADERS,
    attacks,
    json_test_suite,
    json_test_suite_fields,
    naughty_articles,
    naughty_strings,
)
from tests.integration.deployment import Deployment
from tests.integration.ledger import Facts, broken
from tests.integration.worker import Worker, until

pytestmark = pytest.mark.slow

_REASONS = {reason.value for reason in Reason}


def corpora() -> None:
    if not CORPORA.is_dir():
        pytest.skip(f"the corpora are not there: {CORPORA} (tests/integration/badinput.py says which)")


async def through(
    deployment: Deployment, inputs: list[Input], *, headers: object = None, within: float = 240.0
) -> tuple[Facts, Worker]:
    """Send it all, with a good article before, between and after; no process may have ended."""
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready(60)
    neighbours = [article(n) for n in range(3)]
    half = len(inputs) // 2
    async with deployment.watched(sample_every=2.0):
        await deployment.feed(
            [neighbours[0], *inputs[:half], neighbours[1], *inputs[half:], neighbours[2]], headers=headers
        )
        await deployment.all_answered(within)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    assert not broken(facts), worker.log[-3000:]
    assert worker.starts == 1
    assert "Traceback" not in worker.log
    enriched = {r.key for r in await deployment.read(deployment.enriched)}
    assert {n.key for n in neighbours} <= enriched, "a neighbour is not as it was"
    assert {reason.partition(":")[2] for reason in await deployment.verdicts()} <= _REASONS
    return facts, worker


async def test_json_test_suite_gets_one_verdict_each(deployment: Deployment) -> None:
    """All 340 files as they are: none is an article, so each is one dead letter."""
    corpora()
    inputs = [Input(None, value, broken=True) for _, value in json_test_suite()]
    assert len(inputs) == 340
    facts, _ = await through(deployment, inputs)
    assert len(facts.dead_letters) == len(inputs)
    print(f"JSONTestSuite: {len(inputs)} files, one dead letter each: {dict(await deployment.verdicts())}")


async def test_json_test_suite_in_every_field(deployment: Deployment) -> None:
    """The same bytes as a title, a body, a page, an address, an outlet, an author and a time: one verdict each."""
    corpora()
    inputs = list(json_test_suite_fields())
    assert len(inputs) == 7 * 340
    facts, _ = await through(deployment, inputs)
    print(
        f"JSONTestSuite in fields: {len(inputs)}, {len(facts.enriched)} out, refused "
        f"{dict(await deployment.verdicts())}"
    )


async def test_naughty_strings_get_one_verdict_each(deployment: Deployment) -> None:
    """515 strings in seven fields each."""
    corpora()
    inputs = list(naughty_articles())
    assert len(inputs) == 7 * len(naughty_strings()) == 7 * 515
    facts, _ = await through(deployment, inputs)
    print(f"BLNS: {len(inputs)} articles, {len(facts.enriched)} enriched, refused {dict(await deployment.verdicts())}")
    # Only if the string is the whole text may the article be refused.
    for record in await deployment.read(deployment.dead_letters):
        assert orjson.loads(record.value)["uri"].endswith((":body", ":html")), record.value


async def test_attacks_on_every_gate(deployment: Deployment) -> None:
    """Bombs, floods, depth, and what pretends to be something else: in bounded time."""
    made = list(attacks())
    began = time.monotonic()
    facts, worker = await through(deployment, [Input(None, value[:10_500_000], broken=True) for _, value in made])
    took = time.monotonic() - began
    reasons = {m.origin: "enriched" for m in facts.enriched}
    for record in await deployment.read(deployment.dead_letters):
        headers = dict(record.headers)
        at = headers["copydesk_source_partition"], headers["copydesk_source_offset"]
        reasons |= {
            o: headers["copydesk_reason"].decode()
            for o in facts.acked
            if (str(o[1]).encode(), str(o[2]).encode()) == at
        }
    print(f"attacks: {len(made)} in {took:.0f} s: {dict(Counter(reasons.values()))}")
    assert len(reasons) == len(made) + 3
    assert not [p for p in worker.log.splitlines() if "ERROR" in p], worker.log[-3000:]


async def test_hostile_headers(deployment: Deployment) -> None:
    """Headers are anyone's to write: none stops a worker, and the articles beside them come out."""
    await deployment.create()
    worker = deployment.worker(processes="1")
    worker.start()
    await worker.ready(60)
    producer = AIOKafkaProducer(bootstrap_servers=deployment.bootstrap)
    await producer.start()
    for number, (_, headers) in enumerate(HEADERS):
        bad = article(100 + number)
        await producer.send_and_wait(deployment.raw, bad.value, key=bad.key, headers=headers)
    await producer.stop()
    async with deployment.watched():
        await deployment.feed([article(n) for n in range(3)])
        await deployment.all_answered(30)
        assert await until(lambda: len(deployment.arrivals) >= len(HEADERS) + 3, 30), worker.log[-3000:]
    assert worker.starts == 1
    assert worker.pid, worker.log[-3000:]
    outputs = [*await deployment.read(deployment.enriched), *await deployment.read(deployment.dead_letters)]
    fed = [article(n).key for n in (*range(3), *range(100, 100 + len(HEADERS)))]
    came = [record.key for record in outputs]
    assert set(fed) - set(came) == set(), f"lost\n{worker.log[-3000:]}"
    assert sorted(came) == sorted(fed), f"more than once, without a fault\n{worker.log[-3000:]}"
    assert not [key for record in outputs for key, _ in record.headers if key.startswith("Faust")]
