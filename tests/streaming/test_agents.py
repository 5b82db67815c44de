"""The three agents in Faust's test context: the examples of tests/data go in, and what comes out is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.kafka.dead_letters import DeadLetter, read
from agents.kafka.faust_app import faust_app
from agents.kafka.messages import Coordinates
from agents.kafka.topics import EVENT_TYPE
from agents.settings import load
from agents.stage_agents import agent as stage_agent
from pipeline.stages import STAGES
from tests.fakes import TOPICS, Bench, Sent, example, example_value

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
INPUT = {"cleaning": "raw", "entities": "cleaned", "classification": "annotated"}
OUTPUT = {"cleaning": "articles.cleaned", "entities": "articles.annotated", "classification": "articles.enriched"}


@asynccontextmanager
async def running(bench: Bench, folder: Path) -> AsyncIterator[Any]:
    """The agent of a bench's stage, in its test context."""
    app = faust_app(load({"data_dir": folder / "data"}, environment={}))
    topic = app.topic(
        bench.topics.input(bench.stage), key_type=bytes, value_type=bytes,
        key_serializer="raw", value_serializer="raw", allow_empty=True,
    )  # fmt: skip
    async with stage_agent(app, topic, bench.processor).test_context() as agent:
        yield agent


async def through(
    bench: Bench, folder: Path, *values: bytes | None, outputs: int | None = None, **fields: Any
) -> list[Sent]:
    """Put these in, and wait until as much came out."""
    async with running(bench, folder) as agent:
        for value in values:
            await agent.put(value, wait=False, **fields)
        async with asyncio.timeout(5):
            while len(bench.broker.acked) < (outputs or len(values)):  # noqa: ASYNC110  a fake has no event
                await asyncio.sleep(0.005)
    return bench.broker.acked


@pytest.mark.parametrize("stage", STAGES)
async def test_an_article_goes_to_the_next_topic(stage: str, tmp_path: Path) -> None:
    """Under its uri as key, with CloudEvents headers, the raw message's coordinates and the trace."""
    given = example(INPUT[stage])
    headers = {name: value.encode() for name, value in given["headers"].items()}
    bench = Bench(stage=stage)
    (sent,) = await through(
        bench, tmp_path, example_value(INPUT[stage]), key=b"k", partition=given["partition"],
        timestamp=given["timestamp"] / 1000, headers=headers,
    )  # fmt: skip
    assert sent.topic == OUTPUT[stage]
    assert sent.key is not None
    assert sent.headers["ce_subject"] == sent.key.decode()
    assert sent.headers["ce_id"].startswith("id-")
    assert sent.headers["ce_type"] == EVENT_TYPE[stage] == example(OUTPUT[stage].split(".")[1])["headers"]["ce_type"]
    assert (sent.headers["ce_specversion"], sent.headers["ce_source"]) == ("1.0", f"copydesk/{stage}")
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["traceparent"] == TRACE
    partition, offset = ("2", "0") if stage == "cleaning" else ("2", "41")
    assert sent.headers["copydesk_source_topic"] == "articles.raw"
    assert (sent.headers["copydesk_source_partition"], sent.headers["copydesk_source_offset"]) == (partition, offset)
    assert sent.headers["copydesk_source_timestamp"] == "1772440205250"


async def test_only_cleaning_is_told_the_origin(tmp_path: Path) -> None:
    """Later stages carry it inside the record."""
    for stage, expected in (("cleaning", True), ("entities", False), ("classification", False)):
        bench = Bench(stage=stage)
        await through(bench, tmp_path, b"x")
        ((_, (_, origin)),) = bench.pool.jobs
        assert (origin is not None) is expected
        if origin:
            assert (origin.topic, origin.partition, origin.offset) == ("articles.raw", 0, 0)


@pytest.mark.parametrize("stage", STAGES)
async def test_a_refused_article_is_a_dead_letter(stage: str, tmp_path: Path) -> None:
    """Its original bytes, its key, stage, reason, both places, and nothing to the next topic; neighbours pass."""
    bench = Bench(stage=stage)
    acked = await through(bench, tmp_path, b"one", b"a bad \xff one", b"three", key=b"the key")
    assert [sent.topic for sent in acked] == [OUTPUT[stage], "articles.dead-letters", OUTPUT[stage]]
    letter = as_letter(acked[1])
    assert acked[1].key == f"{TOPICS.input(stage)}:0:1".encode()
    assert (letter.value, letter.article_key, letter.stage) == (b"a bad \xff one", b"the key", stage)
    assert (letter.reason, letter.error, letter.attempt) == ("malformed_json", "char 1", 1)
    assert letter.source == letter.read == Coordinates(topic=TOPICS.input(stage), partition=0, offset=1)


async def test_a_refusal_in_the_middle_keeps_the_first_coordinates(tmp_path: Path) -> None:
    """The source is the raw message, as its headers say; the place where it was refused is another."""
    headers = {"copydesk_source_topic": b"articles.raw", "copydesk_source_partition": b"3",
               "copydesk_source_offset": b"99", "traceparent": TRACE.encode()}  # fmt: skip
    bench = Bench(stage="entities")
    (sent,) = await through(bench, tmp_path, b"bad", headers=headers)
    letter = as_letter(sent)
    assert letter.source == Coordinates(topic="articles.raw", partition=3, offset=99)
    assert letter.read == Coordinates(topic="articles.cleaned", partition=0, offset=0)
    assert (letter.key, letter.traceparent) == (b"articles.raw:3:99", TRACE)


async def test_a_null_value_without_a_key_is_refused(tmp_path: Path) -> None:
    """It is not dropped by Faust on the way: it has its dead letter, which says that there was no value."""
    (sent,) = await through(Bench(), tmp_path, None)
    assert (sent.topic, sent.value) == ("articles.dead-letters", b"")
    assert (sent.headers["copydesk_reason"], sent.headers["copydesk_null"]) == ("null_value", "true")
    assert as_letter(sent).null


@pytest.mark.parametrize("stage", STAGES)
async def test_a_null_value_with_a_key_goes_on_as_one(stage: str, tmp_path: Path) -> None:
    """Faust neither drops it nor makes an empty value of it; it is for no child process."""
    bench = Bench(stage=stage)
    (sent,) = await through(bench, tmp_path, None, key=b"urn:news:1")
    assert (sent.topic, sent.key, sent.value) == (OUTPUT[stage], b"urn:news:1", None)
    assert (sent.headers["copydesk_state"], sent.headers["ce_type"]) == ("taken_down", "news.article.taken_down.v1")
    assert "content-type" not in sent.headers
    assert bench.pool.jobs == []


async def test_a_replayed_letter_counts_its_attempts(tmp_path: Path) -> None:
    """One more than the header says; what is no number is the first."""
    for header, attempt in ((b"1", 2), (b"41", 42), (b"x", 1), (b"9" * 4000, 1)):
        (sent,) = await through(Bench(), tmp_path, b"bad", headers={"copydesk_attempt": header})
        assert as_letter(sent).attempt == attempt


async def test_hostile_headers_do_no_harm(tmp_path: Path) -> None:
    """Reply-to headers of Faust are not obeyed, broken coordinates and traces are not believed."""
    headers = {
        "Faust-Ag-ReplyTo": b"articles.evil", "Faust-Ag-CorrelationId": b"1", "traceparent": b"\xff\xfe junk",
        "copydesk_source_topic": b"\xff", "copydesk_source_partition": b"-1", "copydesk_source_offset": b"9" * 5000,
        "copydesk_source_timestamp": b"1e9", "ce_id": b"mine",
    }  # fmt: skip
    (sent,) = await through(Bench(), tmp_path, b"x", headers=headers)
    assert sent.topic == "articles.cleaned"
    assert sent.headers["copydesk_source_topic"] == "articles.raw"
    assert sent.headers["ce_id"] == "id-x"
    assert not {name for name in sent.headers if name.startswith("Faust")}
    assert "traceparent" not in sent.headers


ROUTES = (("medtop:15000000", "articles.sport"), ("entity:fc osk", "articles.osk"), ("language:de", "articles.de"))


@pytest.mark.parametrize(
    ("labels", "topics"),
    [
        (set(), ["articles.enriched"]),
        ({"medtop:15000000", "language:en"}, ["articles.enriched", "articles.sport"]),
        ({"medtop:15000000", "entity:fc osk"}, ["articles.enriched", "articles.sport", "articles.osk"]),
        ({"language:de"}, ["articles.enriched", "articles.de"]),
    ],
)
async def test_routes(labels: set[str], topics: list[str], tmp_path: Path) -> None:
    """An enriched record goes to the topics of its subjects, entities, language and source as well, the same bytes."""
    bench = Bench(stage="classification", topics=replace(TOPICS, routes=ROUTES))
    bench.pool.facts = lambda _: {"labels": frozenset(labels)}
    acked = await through(bench, tmp_path, b"goal", outputs=len(topics))
    assert [sent.topic for sent in acked] == topics
    assert {(sent.key, sent.value) for sent in acked} == {(b"urn:x:goal", b"GOAL")}


def as_letter(sent: Sent) -> DeadLetter:
    """A sent message read back as `dead-letters show` reads it."""
    return read(sent.value, [(name, text.encode()) for name, text in sent.headers.items()])
