"""Real worker processes: whatever one article does to its process, it alone is refused and its neighbours come out."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from agents.monitoring.metrics import Metrics
from agents.workers.pool import Answer, Job, Pool, facts
from pipeline import codec
from pipeline.errors import ModelError, Reason
from pipeline.runner import Pipeline
from pipeline.stages import LAST, Options, Outcome, Produced
from tests.unit import bad_stage


@asynccontextmanager
async def pool(*, processes: int = 1, time_limit: float = 1.0, metrics: Metrics | None = None) -> AsyncIterator[Pool]:
    """Small processes with a stage that can go wrong."""
    made = Pool(
        stages=("cleaning",), options=Options(), processes=processes, time_limit=time_limit, memory_limit=400,
        metrics=metrics, loader=bad_stage.load,
    )  # fmt: skip
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


def jobs(*bodies: str) -> list[Job]:
    """Raw articles with these bodies."""
    return [(orjson.dumps({"uri": f"urn:x:{i}", "body": body}), None) for i, body in enumerate(bodies)]


def told(answers: list[Answer]) -> list[str]:
    """The text of each article, or the reason of its refusal."""
    return [
        answer.refusal.reason.value if answer.refusal else codec.decode(answer.value).text.value for answer in answers
    ]


@pytest.mark.parametrize(
    ("what", "reason", "cause"),
    [("hang", Reason.TIMEOUT, "timeout"), ("die", Reason.CRASHED, "crash"), ("eat", Reason.OUT_OF_MEMORY, None),
     ("raise", Reason.STAGE_ERROR, None)],
)  # fmt: skip
async def test_the_culprit_alone_is_refused(what: str, reason: Reason, cause: str | None) -> None:
    """Neighbours in the same batch are answered, in their places; the pool goes on, and counts what it replaced."""
    metrics = Metrics()
    async with pool(metrics=metrics) as running:
        answers = await running.run("cleaning", jobs("one", what, "three", "four"))
        assert told(answers) == ["one", reason.value, "three", "four"]
        again = await running.run("cleaning", jobs("five", "six"))
        assert told(again) == ["five", "six"]
    page = metrics.page().decode()
    assert f'copydesk_retries_total{{reason="{reason.value}",stage="cleaning"}} 1.0' in page
    assert ('copydesk_pool_restarts_total{cause="timeout"}' in page) is (cause == "timeout")
    assert ('copydesk_pool_restarts_total{cause="crash"}' in page) is (cause == "crash")


async def test_two_culprits_and_two_processes() -> None:
    """Every article of a batch that is shared out has its answer, in order."""
    async with pool(processes=2) as running:
        bodies = ["a", "die", "b", "c", "raise", "d", "hang"]
        answers = await running.run("cleaning", jobs(*bodies))
        assert told(answers) == ["a", "crashed", "b", "c", "stage_error", "d", "timeout"]


async def test_a_refusal_holds_no_article_text() -> None:
    """The error of an exception is its class, never its words."""
    async with pool() as running:
        (answer,) = await running.run("cleaning", jobs("raise"))
    assert answer.refusal
    assert (answer.refusal.stage, answer.refusal.error) == ("cleaning", "ValueError")


async def test_a_broken_article_never_reaches_the_stage() -> None:
    """What the codec refuses is a refusal in its place; nobody is retried for it."""
    metrics = Metrics()
    async with pool(metrics=metrics) as running:
        answers = await running.run("cleaning", [*jobs("one"), (b"{", None), *jobs("two")])
    assert told(answers) == ["one", "malformed_json", "two"]
    assert "copydesk_retries_total{" not in metrics.page().decode()


async def test_nothing_to_do_is_nothing_done() -> None:
    """An empty batch needs no process."""
    async with pool() as running:
        assert await running.run("cleaning", []) == []
        assert await running.whole("cleaning", []) == []


async def test_a_process_killed_from_outside_costs_no_article() -> None:
    """Somebody else's kill (an OOM killer's) is nobody's fault: the article goes again."""
    async with pool() as running:
        (answer,) = await running.run("cleaning", jobs("pid"))
        assert answer.facts
        os.kill(int(answer.facts.uri.removeprefix("urn:pid:")), signal.SIGKILL)
        assert told(await running.run("cleaning", jobs("one", "two"))) == ["one", "two"]


async def test_processes_ignore_sigterm_and_end_with_stop() -> None:
    """A service manager's SIGTERM to the group must not break a batch; `stop` ends them all."""
    async with pool() as running:
        (answer,) = await running.run("cleaning", jobs("pid"))
        assert answer.facts
        pid = int(answer.facts.uri.removeprefix("urn:pid:"))
        os.kill(pid, signal.SIGTERM)
        (same,) = await running.run("cleaning", jobs("pid"))
        assert same.facts
        assert same.facts.uri == answer.facts.uri
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_missing_model_is_told_at_the_start() -> None:
    """`start` raises what the loader raised, in its words."""
    made = Pool(
        stages=("cleaning",), options=Options(), processes=1, time_limit=1.0, memory_limit=400,
        loader=bad_stage.load_nothing,
    )  # fmt: skip
    with pytest.raises(ModelError, match="run: pip install x"):
        await made.start()
    await made.stop()


def test_facts_are_what_routes_headers_and_metrics_need(line: Pipeline, outcomes: list[Outcome]) -> None:
    """recordId, uri, and labels for subjects with all above them, entities, links, language and source."""
    enriched = [outcome for outcome in outcomes if isinstance(outcome, Produced)]
    for outcome in enriched:
        item = orjson.loads(outcome.value)
        found = facts(outcome, LAST)
        assert found.id == item["enrichment"]["recordId"]
        assert found.uri == item["uri"]
        assert f"language:{item['language']}" in found.labels
        for subject in item["enrichment"].get("subjects", ()):
            assert {subject["code"], *subject["path"]} <= found.labels
        for entity in item["enrichment"].get("entities", ()):
            assert f"entity:{entity['name'].casefold()}" in found.labels
    assert any("source:ledger & tide" in facts(outcome, LAST).labels for outcome in enriched)
