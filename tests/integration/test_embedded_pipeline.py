"""The pipeline on the embedded broker gives the records of `copydesk enrich`; then the commands that read them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.broker import EmbeddedBroker, free_port
from pipeline import codec
from pipeline.stages import STAGES
from tests.integration.worker import Worker, command

SAMPLES = str(files("pipeline") / "data" / "samples")


@pytest.fixture(scope="module")
def settings(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every command here is told."""
    return {
        "COPYDESK_BROKER": broker.address,
        "COPYDESK_PARTITIONS": "3",
        "COPYDESK_PROCESSES": "1",
        "COPYDESK_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "COPYDESK_ROUTES": "language:de=articles.german",
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningPipeline]:
    """Topics made, a worker ready, the samples fed and all of them answered."""
    code, out, err = await command("topics", "create", settings=settings)
    assert (code, err) == (0, ""), out + err
    worker = Worker("worker", settings, folder=tmp_path_factory.mktemp("log"), port=free_port())
    worker.start()
    try:
        await worker.ready()
        made = RunningPipeline(settings, worker)
        code, _, err = await command("feed", SAMPLES, settings=settings)
        assert (code, err) == (0, "27 acknowledged\n")
        await made.answered(27)
        yield made
    finally:
        worker.kill()


class RunningPipeline:
    """A worker on the embedded broker, and what can be asked about it."""

    def __init__(self, settings: dict[str, str], worker: Worker) -> None:
        self.settings = settings
        self.worker = worker

    async def run(self, *args: str) -> str:
        """A command that works and says nothing on stderr: its stdout."""
        code, out, err = await command(*args, settings=self.settings)
        assert (code, err) == (0, ""), f"{args}: {err}"
        return out

    async def read(self, topic: str) -> list[dict[str, Any]]:
        """All there is in a topic, by `tail --json`."""
        return [json.loads(each) for each in (await self.run("tail", topic, "--json", "--to-end")).splitlines()]

    async def count(self, name: str, **labels: str) -> int:
        """One or several counters of the worker, summed."""
        found = (await self.worker.metrics()).items()
        return int(sum(v for (n, at), v in found if n == f"copydesk_{name}" and labels.items() <= dict(at).items()))

    async def answered(self, articles: int) -> None:
        """Wait until so many came to an end: enriched, or refused."""
        async with asyncio.timeout(60):
            while True:
                enriched = await self.count("records_produced_total", topic="articles.enriched")
                if enriched + await self.count("dead_letters_total") >= articles:
                    return
                await asyncio.sleep(0.1)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_stream_and_enrich_give_the_same(running: RunningPipeline) -> None:
    """For every sample the streamed record equals `copydesk enrich`'s, times and coordinates aside; so do refusals."""
    code, out, err = await command("enrich", SAMPLES, settings=running.settings)
    assert code == 1
    alone = [codec.without_timings(json.loads(record)) for record in out.splitlines()]
    streamed = [codec.without_timings(record) for record in await running.read("enriched")]
    by_hash = lambda record: record["enrichment"]["provenance"]["source"]["rawSha256"]  # noqa: E731
    assert sorted(streamed, key=by_hash) == sorted(alone, key=by_hash)
    refused = sorted((each["stage"], each["reason"]) for each in map(json.loads, err.splitlines()))
    assert refused == sorted((each["stage"], each["reason"]) for each in await running.read("dead-letters"))
    assert len(streamed) + len(refused) == 27
    assert len(refused) >= 2


async def test_the_metrics_add_up(running: RunningPipeline) -> None:
    """At every stage, consumed is produced plus dead letters; the next stage consumes what the one before produced."""
    at: dict[tuple[str, str], int] = {}
    for stage, topic in zip(STAGES, ("cleaned", "annotated", "enriched"), strict=True):
        at["consumed", stage] = await running.count("records_consumed_total", stage=stage)
        at["produced", stage] = await running.count("records_produced_total", stage=stage, topic=f"articles.{topic}")
        at["dead", stage] = await running.count("dead_letters_total", stage=stage)
    for stage in STAGES:
        assert at["consumed", stage] == at["produced", stage] + at["dead", stage]
    assert at["consumed", "entities"] == at["produced", "cleaning"] > 0
    assert at["consumed", "classification"] == at["produced", "entities"] > 0


async def test_a_record_says_where_it_came_from(running: RunningPipeline) -> None:
    """Coordinates, the broker's time, a latency that is not negative, three stages with their times."""
    for record in await running.read("enriched"):
        provenance = record["enrichment"]["provenance"]
        assert provenance["source"]["topic"] == "articles.raw"
        assert 0 <= provenance["source"]["partition"] < 3
        assert provenance["endToEndMs"] >= 0
        assert [run["stage"] for run in provenance["stages"]] == ["cleaning", "entities", "classification"]


async def test_the_route_has_the_german_article(running: RunningPipeline) -> None:
    """And it alone, the same bytes as in the enriched topic."""
    routed = await running.read("articles.german")
    assert [record["language"] for record in routed] == ["de"]
    assert routed[0] in await running.read("enriched")


async def test_tail_for_people_and_programs(running: RunningPipeline) -> None:
    """--json gives one object a line; without it titles, subjects and names; -n stops."""
    assert (
        len(await running.read("cleaned"))
        == len(await running.read("annotated"))
        == len(await running.read("enriched"))
    )
    shown = await running.run("tail", "enriched", "--from-beginning", "-n", "3")
    assert shown.count("subjects") == 3
    assert len((await running.run("tail", "raw", "--json", "--to-end", "-n", "5")).splitlines()) == 5


async def test_trace_tells_an_articles_way(running: RunningPipeline) -> None:
    """By uri or coordinates: fed, three stages, the record's id; a refused one, its reason; unknown, exit 1."""
    record = next(r for r in await running.read("enriched") if r["language"] == "de")
    source = record["enrichment"]["provenance"]["source"]
    place = f"articles.raw:{source['partition']}:{source['offset']}"
    names = {record["uri"], place}
    for name, out in zip(names, await asyncio.gather(*(running.run("trace", n, "--json") for n in names)), strict=True):
        way = [json.loads(step) for step in out.splitlines()]
        assert [step.get("stage") for step in way] == [None, "cleaning", "entities", "classification"], name
        assert way[0]["at"] == place
        assert way[-1]["recordId"] == record["enrichment"]["recordId"]
    assert "fed" in await running.run("trace", place)
    letter = (await running.read("dead-letters"))[0]
    refused = [json.loads(step) for step in (await running.run("trace", letter["source"], "--json")).splitlines()]
    assert (refused[-1]["outcome"], refused[-1]["reason"]) == ("refused", letter["reason"])
    code, out, err = await command("trace", "urn:nobody", settings=running.settings)
    assert (code, out, len(err.splitlines())) == (1, "", 1)


async def test_dead_letters_are_listed_and_shown(running: RunningPipeline) -> None:
    """Counted by reason; each one with its headers and its bytes as they were; an unknown place is exit 1."""
    letters = [json.loads(each) for each in (await running.run("dead-letters", "list", "--json")).splitlines()]
    table = await running.run("dead-letters", "list")
    assert all(letter["reason"] in table for letter in letters)
    one = next(letter for letter in letters if letter["reason"] == "malformed_json")
    assert (await running.run("dead-letters", "list", "--reason", "malformed_json", "--json")).count("\n") == 1
    shown = await running.run("dead-letters", "show", one["source"])
    assert "copydesk_reason" in shown
    raw = await running.run("dead-letters", "show", one["source"], "--raw")
    assert raw == (Path(SAMPLES) / "25-cut-off-in-transit.json").read_text()
    code, out, err = await command("dead-letters", "show", "articles.raw:0:99999", settings=running.settings)
    assert (code, out, len(err.splitlines())) == (1, "", 1)


async def test_a_replayed_letter_goes_the_same_way(running: RunningPipeline) -> None:
    """Sent once for a choice, with its first coordinates and one more attempt; a dry run sends nothing."""
    choice = ("--reason", "schema_missing")
    before = await running.read("dead-letters")
    (one,) = [letter for letter in before if letter["reason"] == "schema_missing"]
    code, out, err = await command("dead-letters", "replay", *choice, "--dry-run", settings=running.settings)
    assert (code, err) == (0, "1 would be sent\n")
    assert one["source"] in out
    refused = await running.count("dead_letters_total")
    assert await command("dead-letters", "replay", *choice, settings=running.settings) == (0, "", "1 sent again\n")
    async with asyncio.timeout(30):
        while await running.count("dead_letters_total") == refused:  # noqa: ASYNC110  asked of another process
            await asyncio.sleep(0.05)
    again = [letter for letter in await running.read("dead-letters") if letter["source"] == one["source"]]
    assert sorted(letter["attempt"] for letter in again) == [1, 2]
    assert {(letter["sha256"], letter["reason"]) for letter in again} == {(one["sha256"], "schema_missing")}


async def test_topics_that_differ_are_said(running: RunningPipeline) -> None:
    """`check` agrees with what was made, and exits 1 if the settings want something else; nothing is changed."""
    said = await running.run("topics", "check")
    assert said.count("3 partitions") == 6
    code, out, _ = await command("topics", "create", "--partitions", "4", settings=running.settings)
    assert code == 1
    assert out.count("has 3 partitions, but COPYDESK_PARTITIONS is 4") == 6


async def test_a_worker_that_cannot_run_says_why(settings: dict[str, str], tmp_path: Path) -> None:
    """A missing topic, and a missing model: exit 1, one line that names it and what to do, before joining a group."""
    for more, said in (
        ({"COPYDESK_TOPIC_PREFIX": "none."}, ("none.articles.raw", "copydesk topics create")),
        ({"COPYDESK_NER_MODEL": "no_such_model"}, ("no_such_model",)),
    ):
        code, out, err = await command("worker", "--web-port", "0", settings=settings | more)
        assert (code, out) == (1, "")
        (only,) = err.splitlines()
        assert all(word in only for word in said)


async def test_check_says_all_is_well(running: RunningPipeline) -> None:
    """Settings, broker, each topic, each stage's model."""
    lines = (await running.run("check")).splitlines()
    assert all(each.startswith("ok ") for each in lines)
    assert sum("model: " in each for each in lines) == 3


async def test_sigterm_ends_it_in_order(running: RunningPipeline) -> None:
    """Exit 0; what was answered is committed, so another start consumes nothing twice. Last: it ends the worker."""
    seen = len(await running.read("enriched"))
    code, _ = await running.worker.terminate(20)
    assert code == 0, running.worker.log[-2000:]
    assert "Traceback" not in running.worker.log
    running.worker.start()
    await running.worker.ready()
    assert await command("feed", "-", settings=running.settings) == (0, "", "0 acknowledged\n")
    one = str(Path(SAMPLES) / "09-ferry-fire.json")
    assert (await command("feed", one, settings=running.settings))[0] == 0
    await running.answered(1)
    assert len(await running.read("enriched")) == seen + 1
    code, _ = await running.worker.terminate(20)
    assert code == 0
