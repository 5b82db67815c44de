"""Anything at all through the real worker: bytes, and articles that are nearly right. Exactly one verdict each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from agents.broker import EmbeddedBroker
from pipeline.errors import Reason
from tests.integration.articles import Input, article
from tests.integration.badinput import FIELDS
from tests.integration.embedded import EmbeddedDeployment
from tests.integration.ledger import broken

_KEYS = st.none() | st.binary(max_size=20)
_BODY = "The council of Hamburg voted on Tuesday to build a bridge over the Elbe. The mayor called it a good day."
_TEXTS = st.text(max_size=200) | st.sampled_from(
    [_BODY, f"<p>{_BODY}</p>", "", "\u202e", "https://example.org/", "2026-13-41", "canceled"]
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _document(fields: dict[str, Any], body: str | None, ascii_only: bool) -> bytes:
    made = ({"body": body} if body is not None else {}) | fields
    return json.dumps(made, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def _spoilt(value: bytes, at: float, what: bytes) -> bytes:
    place = int(at * len(value))
    return value[:place] + what + value[place + len(what) :]


_NAMES = st.sampled_from(
    [*FIELDS, "uri", "language", "keywords", "subject", "__faust", "headline", "pubStatus", "embargoed", "version"]
)
_ARTICLES = st.builds(
    _document,
    st.dictionaries(_NAMES, _TEXTS | _ANY, max_size=5),
    st.none() | st.just(_BODY) | _TEXTS,
    st.booleans(),
)
_SPOILT = st.builds(_spoilt, _ARTICLES, st.floats(0, 1), st.binary(max_size=4))
_CUT = st.builds(lambda value, at: value[: int(at * len(value))], _ARTICLES, st.floats(0, 1))
VALUES = st.none() | st.binary(max_size=300) | _ARTICLES | _ARTICLES | _SPOILT | _CUT


def some(count: int, start: int) -> list[Input]:
    """So many inputs, the same for the same start."""
    made: list[Input] = []

    @seed(start)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(_KEYS, VALUES)
    def collect(key: bytes | None, value: bytes | None) -> None:
        # Order is kept for articles that are fed under their uri: no two of these have the same key.
        unique = None if key is None and value is not None else (key or b"") + b"-%d" % len(made)
        made.append(Input(unique, value, broken=False))

    run: Callable[[], None] = collect
    run()
    return made[:count]


@pytest.fixture
def deployment(broker: EmbeddedBroker, tmp_path: Path) -> Any:
    """A deployment of its own."""
    made = EmbeddedDeployment(broker.address, "fuzz", tmp_path, partitions=2)
    yield made
    made.stop()


async def test_anything_gets_one_verdict(deployment: EmbeddedDeployment, pytestconfig: pytest.Config) -> None:
    """400 inputs between good articles: the ledger closes, the worker lives, its neighbours come out."""
    start, count = pytestconfig.getoption("--fuzz-seed"), pytestconfig.getoption("--fuzz-inputs")
    inputs = some(count, start)
    print(f"fuzz: {len(inputs)} inputs, seed {start} (others: --fuzz-seed=N, more: --fuzz-inputs=N)")
    assert len(inputs) > count / 2
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready()
    neighbours = [article(n) for n in range(3)]
    half = len(inputs) // 2
    async with deployment.watched(sample_every=2.0):
        await deployment.feed([neighbours[0], *inputs[:half], neighbours[1], *inputs[half:], neighbours[2]])
        await deployment.all_answered(60 + count / 20)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    assert not broken(facts), f"seed {start}\n{worker.log[-2000:]}"
    assert (worker.starts, worker.pid is None) == (1, False), worker.log[-2000:]
    assert "Traceback" not in worker.log
    assert {n.key for n in neighbours} <= {r.key for r in await deployment.read(deployment.enriched)}
    verdicts = Counter({"enriched": len(facts.enriched)}) + await deployment.verdicts()
    assert {name.rpartition(":")[2] for name in verdicts} <= {reason.value for reason in Reason} | {"enriched"}
    assert {"enriched"} < set(verdicts)
    print(f"fuzz: {dict(verdicts)}")
