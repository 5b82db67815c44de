"""Real child processes: whatever one article does to its process, it alone is refused and its neighbours come out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from agents.monitoring.metrics import Metrics
from agents.workers.answers import PIPELINE, Answer, Job
from agents.workers.child import facts
from agents.workers.pool import Pool
from pipeline import codec
from pipeline.errors import ModelError, Reason
from pipeline.plugins import Choice
from pipeline.runner import Pipeline
from pipeline.stages import LAST, STAGES, Options, Outcome, Produced
from tests.unit import bad_stage
from tests.unit.entities.articles import cleaned


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
    """Somebody else's kill (an OOM killer's) is not the article's fault: it is tried again."""
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


def test_facts_are_what_routes_headers_and_metrics_need(pipeline: Pipeline, outcomes: list[Outcome]) -> None:
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


async def test_the_provenance_tells_the_time() -> None:
    """A child process has a clock: when each stage began, and how long it took."""
    before = time.time()
    made = Pool(stages=("cleaning",), options=Options(), processes=1, time_limit=30, memory_limit=1024)
    try:
        await made.start()
        (answer,) = await made.run(
            "cleaning", jobs("Angela Merkel spoke in Paris on Tuesday about trade and the banks.")
        )
    finally:
        await made.stop()
    (run,) = codec.decode(answer.value).runs
    assert before - 1 <= run.started_at <= time.time()
    assert run.duration_ms > 0


def annotated_jobs(*texts: str) -> list[Job]:
    """Records of cleaned articles with these texts."""
    articles = [cleaned(text) for text in texts]
    return [(codec.encode(article), None) for article in articles]


@asynccontextmanager
async def annotating(*, required: bool = False, time_limit: float = 1.0) -> AsyncIterator[Pool]:
    """One small process with an annotator of somebody else."""
    options = Options(annotators=(Choice(name="bad", stage="classification", required=required),))
    made = Pool(
        stages=("classification",), options=options, processes=1, time_limit=time_limit, memory_limit=400,
        loader=bad_stage.load_annotating,
    )  # fmt: skip
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


@pytest.mark.parametrize("what", ["hang", "die", "eat", "raise"])
async def test_an_annotator_of_another_package_costs_its_layer(what: str) -> None:
    """Whatever it does to its process: the article comes out without the layer, and its neighbours with theirs."""
    async with annotating() as running:
        answers = await running.run("classification", annotated_jobs("one", what, "three"))
    articles = [codec.decode(answer.value) for answer in answers]
    assert [article.runs[-1].status for article in articles] == ["ok", "failed", "ok"]
    assert ["bad" in article.layers for article in articles] == [True, False, True]
    assert [answer.facts.layers for answer in answers if answer.facts] == [
        (("bad", "ok"),), (("bad", "failed"),), (("bad", "ok"),),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "reason"),
    [("hang", Reason.TIMEOUT), ("die", Reason.CRASHED), ("eat", Reason.OUT_OF_MEMORY), ("raise", Reason.STAGE_ERROR)],
)
async def test_a_required_annotator_costs_the_article(what: str, reason: Reason) -> None:
    """As any stage does."""
    async with annotating(required=True) as running:
        answers = await running.run("classification", annotated_jobs("one", what))
    assert [answer.refusal.reason if answer.refusal else None for answer in answers] == [None, reason]


async def test_a_batch_that_hangs_makes_progress() -> None:
    """Article by article: whoever watches the worker sees that it goes on, however long the batch takes."""
    seen: list[int] = []
    async with annotating(time_limit=0.5) as running:
        answers = await running.run(
            "classification", annotated_jobs(*["hang"] * 4), progress=lambda: seen.append(len(seen))
        )
    assert [codec.decode(answer.value).runs[-1].status for answer in answers] == ["failed"] * 4
    assert len(seen) == 1 + 4  # the batch, then each of its articles


async def test_the_whole_pipeline_in_one_process() -> None:
    """Gives the record that it gives stage by stage."""
    made = Pool(stages=STAGES, options=Options(), processes=1, time_limit=60, memory_limit=1024)
    (job,) = jobs("Angela Merkel spoke in Paris on Tuesday about trade, the banks and inflation.")
    try:
        await made.start()
        (at_once,) = await made.run(PIPELINE, [job])
        value = job[0]
        for stage in STAGES:
            (answer,) = await made.run(stage, [(value, None)])
            value = answer.value
    finally:
        await made.stop()
    assert codec.without_timings(orjson.loads(at_once.value)) == codec.without_timings(orjson.loads(value))
    assert at_once.facts == answer.facts
