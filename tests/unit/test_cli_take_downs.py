"""Take-downs and cancellations by the commands: fed, traced, shown, sent again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import Coordinates
from pipeline.ids import article_uri
from tests.fakes import example
from tests.unit.fakekafka import LINE, Log, Ran, run

URI = "urn:news:1"
DOWN = json.dumps({"key": URI, "value": None})


class Producer:
    """Takes everything, and keeps key and value."""

    sent: list[tuple[bytes | None, bytes | None]]

    def __init__(self, **_: Any) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, _: str, *, value: bytes | None, key: bytes | None, headers: Any) -> Any:
        self.sent.append((key, value))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def feed(*args: str) -> tuple[Ran, list[tuple[bytes | None, bytes | None]]]:
    """`copydesk feed`, and what it sent."""
    Producer.sent = []
    with (
        mock.patch("agents.cli.commands.feed.topics.missing", mock.AsyncMock(return_value=[])),
        mock.patch("agents.cli.commands.feed.AIOKafkaProducer", Producer),
    ):
        return run(Log(), "feed", *args), Producer.sent


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ("urn:news:1", ["urn:news:1"]),
        ("story 7", [article_uri(uri="story 7", url=None, raw_sha256="")]),
        (
            "https://echo.example/a?utm_source=x",
            ["https://echo.example/a?utm_source=x", article_uri(uri=None, url="https://echo.example/a", raw_sha256="")],
        ),
    ],
)
def test_feed_takes_down_by_uri(given: str, keys: list[str]) -> None:
    """A message without a value under the uri; of a web address also under the uri that is derived from it."""
    ran, sent = feed("--take-down", given)
    assert (ran.code, ran.err) == (0, f"{len(keys)} acknowledged\n".encode())
    assert sent == [(key.encode(), None) for key in keys]


def test_feed_takes_down_what_a_line_names(tmp_path: Path) -> None:
    """In its place among the articles; a cancellation without a text has its article's key."""
    path = tmp_path / "articles.jsonl"
    canceled = json.dumps({"uri": URI, "pubStatus": "canceled"})
    path.write_text("\n".join(['{"uri": "urn:a", "body": "x"}', DOWN, canceled]))
    ran, sent = feed(str(path), "--take-down", "urn:b")
    assert ran.code == 0
    assert [(key, value is None) for key, value in sent] == [
        (b"urn:b", True), (b"urn:a", False), (URI.encode(), True), (URI.encode(), False),
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["", "  "])
def test_feed_takes_down_nothing_that_has_no_name(given: str) -> None:
    """A usage error, and nothing is sent."""
    ran, sent = feed("--take-down", given)
    assert (ran.code, sent) == (2, [])
    assert b"--take-down needs the uri" in ran.err


@pytest.fixture
def log() -> Log:
    """An article that came through, was canceled, and was taken down; then a version of it that cleaning refused."""
    made = Log()
    record = json.dumps(example("enriched")["value"]).encode()

    def headers(offset: int, state: str) -> list[tuple[str, bytes]]:
        place = {"topic": "articles.raw", "partition": "0", "offset": str(offset)}
        found = [(f"copydesk_source_{name}", value.encode()) for name, value in place.items()]
        return [*found, ("copydesk_state", state.encode())]

    for offset, (state, value) in enumerate((("usable", b"{}"), ("canceled", b"{}"), ("taken_down", None))):
        made.add("articles.raw", value, key=URI.encode())
        for topic in LINE[1:4]:
            made.add(topic, value and record, key=URI.encode(), headers=headers(offset, state))
    made.add("articles.raw", b"{broken", key=URI.encode())
    source = Coordinates(topic="articles.raw", partition=0, offset=3)
    letter = DeadLetter(
        value=b"{broken", stage="cleaning", reason="malformed_json", error="", source=source, read=source
    )
    made.add("articles.dead-letters", letter.value, key=letter.key, headers=letter.headers())
    return made


@pytest.mark.parametrize("asked", [URI, "articles.raw:0:2", "articles.enriched:0:2"])
def test_trace_knows_a_take_down(asked: str, log: Log) -> None:
    """On every topic, from its uri or any of its places."""
    lines = [json.loads(line) for line in run(log, "trace", asked, "--json").out.splitlines()]
    down = [line for line in lines if line.get("state") == "taken_down"]
    assert [(line["at"], line["outcome"]) for line in down] == [
        ("articles.raw:0:2", "fed"), *((f"{topic}:0:2", "ok") for topic in LINE[1:4]),
    ]  # fmt: skip


def test_trace_shows_every_version_and_what_was_refused(log: Log) -> None:
    """Canceled ones with their state; the refused one with its letter, although others came through."""
    lines = [json.loads(line) for line in run(log, "trace", URI, "--json").out.splitlines()]
    assert [line["at"] for line in lines if line["outcome"] == "fed"] == [f"articles.raw:0:{n}" for n in range(4)]
    assert {line["at"] for line in lines if line.get("state") == "canceled"} == {f"{t}:0:1" for t in LINE[1:4]}
    assert [line["reason"] for line in lines if line["outcome"] == "refused"] == ["malformed_json"]


def test_tail_shows_a_take_down(log: Log) -> None:
    """For people in a line with its key, for programs as what feed takes back; no value and no key is null."""
    log.add("articles.enriched", None)
    ran = run(log, "tail", "enriched", "--to-end")
    assert b"articles.enriched:0:2 taken down: urn:news:1" in ran.out
    assert b"articles.enriched:0:3 no value" in ran.out
    lines = [json.loads(line) for line in run(log, "tail", "enriched", "--to-end", "--json").out.splitlines()]
    assert lines[2:] == [json.loads(DOWN), None]


@pytest.mark.parametrize(("key", "sent"), [(URI.encode(), URI.encode()), (None, b""), (b"\xff", b"\xff")])
def test_a_replay_of_no_value_sends_none(key: bytes | None, sent: bytes) -> None:
    """Under the key that it had; a client that is given neither would refuse. The letter is shown so."""
    log = Log()
    source = Coordinates(topic="articles.raw", partition=0, offset=0)
    letter = DeadLetter(
        value=b"", null=True, stage="cleaning", reason="null_value", error="", source=source, read=source,
        article_key=key,
    )  # fmt: skip
    log.add("articles.dead-letters", letter.value, key=letter.key, headers=letter.headers())
    assert b"no value" in run(log, "dead-letters", "show", str(source)).out
    assert json.loads(run(log, "tail", "dead-letters", "--json", "--to-end").out)["value"] is None
    ran = run(log, "dead-letters", "replay")
    assert (ran.code, log.sent) == (0, [("articles.raw", sent, None)])


def test_enrich_writes_a_take_down_as_one(tmp_path: Path) -> None:
    """In its place, for programs and for people; one that names nothing is refused. A cancellation is a record."""
    path = tmp_path / "articles.jsonl"
    nothing = json.dumps({"key": " ", "value": None})
    path.write_text("\n".join([DOWN, json.dumps({"uri": URI, "pubStatus": "Cancelled", "edNote": "KILL"}), nothing]))
    ran = run(Log(), "enrich", str(path), "--processes", "1")
    down, canceled = (json.loads(line) for line in ran.out.splitlines())
    assert down == json.loads(DOWN)
    assert (canceled["uri"], canceled["pubStatus"], canceled["edNote"]) == (URI, "canceled", "KILL")
    refused = json.loads(ran.err)
    assert (ran.code, refused["reason"], refused["place"]) == (1, "null_value", f"{path}:3")
    shown = run(Log(), "enrich", str(path), "--processes", "1", "--pretty").out
    assert b"taken down: urn:news:1" in shown
    assert b"canceled, KILL" in shown
