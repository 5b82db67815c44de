"""Formats on Kafka, with a real worker on the embedded broker: each message is one record or one dead letter."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaProducer

from agents.broker import EmbeddedBroker
from tests.integration.embedded import EmbeddedDeployment
from tests.integration.ledger import Coordinates
from tests.integration.worker import command

WORDS = (
    "The port of Osk was closed on Monday because of the storm, and ships waited outside for the harbour master to "
    "open it again. Christine Lagarde spoke in Frankfurt on the same day about inflation and the banks. "
)
PAGE = f"<html><head><title>x</title></head><body><article><h1>Storm</h1><p>{WORDS}</p></article></body></html>"
HINTS = [
    ("copydesk_url", b"https://example.org/storm?utm_source=x"), ("copydesk_title", b"Storm closes the port"),
    ("copydesk_language", b"en"), ("copydesk_published_at", b"2026-03-02T08:30:00Z"), ("x-tenant", b"7"),
]  # fmt: skip
EVENT = {"specversion": "1.0", "type": "org.example.article", "source": "/feeder", "id": "1"}
TAKEN: dict[str, tuple[bytes, list[tuple[str, bytes]]]] = {
    "page": (PAGE.encode(), [("content-type", b"text/html; charset=utf-8"), *HINTS]),
    "fragment": (f"<p>{WORDS}caf\xe9</p>".encode("cp1252"), [("content-type", b"text/html; charset=iso-8859-1")]),
    "undeclared page": (b"<!doctype html>" + PAGE.encode(), []),
    "text": (f"Storm closes the port\n\n{WORDS}".encode(), [("content-type", b"text/plain")]),
    "binary event": (f"Storm closes the port\n\n{WORDS} Two.".encode(), [("ce_datacontenttype", b"text/plain")]),
    "event": (
        json.dumps({**EVENT, "data": {"body": WORDS, "uri": "urn:x:event"}}).encode(),
        [("content-type", b"application/cloudevents+json; charset=UTF-8")],
    ),
    "undeclared event": (
        json.dumps(
            {**EVENT, "datacontenttype": "text/html", "data_base64": base64.b64encode(PAGE.encode()).decode()}
        ).encode(),
        [],
    ),
    "article": (json.dumps({"body": WORDS, "uri": "urn:x:json"}).encode(), [("content-type", b"application/json")]),
}  # fmt: skip
REFUSED: dict[str, tuple[bytes, list[tuple[str, bytes]], str, str]] = {
    "unknown": (b"%PDF-1.7", [("content-type", b"application/pdf")], "schema_type", "application/pdf"),
    "lines": (b'{"body": "x"}\n{"body": 7}', [("content-type", b"application/x-ndjson")], "schema_type", "JSON Lines"),
    "array": (b'[{"body": "x"}]', [], "schema_type", "one message is one article"),
    "undeclared text": (WORDS.encode(), [("x-tenant", b"7")], "malformed_json", ""),
    "empty page": (b" ", [("content-type", b"text/html"), *HINTS], "empty_text", ""),
}  # fmt: skip


@pytest_asyncio.fixture
async def deployment(broker: EmbeddedBroker, tmp_path: Path) -> AsyncIterator[EmbeddedDeployment]:
    """A worker that is ready."""
    made = EmbeddedDeployment(broker.address, "formats", tmp_path, partitions=1)
    await made.create()
    worker = made.worker()
    worker.start()
    try:
        await worker.ready()
        yield made
    finally:
        made.stop()


async def test_one_message_is_one_answer_in_every_format(deployment: EmbeddedDeployment) -> None:
    """Declared, or plainly so; other types and containers are refused by name; replay and feed keep the headers."""
    await send(deployment, [each[:2] for each in (*TAKEN.values(), *REFUSED.values())])
    async with deployment.watched():
        await deployment.all_answered(60)
    records = {origin(record): json.loads(record.value) for record in await deployment.read(deployment.enriched)}
    letters = {origin(letter): letter for letter in await deployment.read(deployment.dead_letters)}
    assert sorted(records) == list(range(len(TAKEN)))
    assert sorted(letters) == list(range(len(TAKEN), len(TAKEN) + len(REFUSED)))

    found = dict(zip(TAKEN, (records[n] for n in sorted(records)), strict=True))
    assert all("harbour master" in item["bodies"][0]["value"] for item in found.values())
    page = found["page"]
    assert page["headlines"][0]["value"] == "Storm closes the port"
    assert (page["firstCreated"], page["altIds"][0]["value"]) == ("2026-03-02T08:30:00Z", "https://example.org/storm")
    assert page["enrichment"]["provenance"]["source"]["contentType"] == "text/html"
    assert "caf\xe9" in found["fragment"]["bodies"][0]["value"]
    assert [found[name]["headlines"][0]["value"] for name in ("text", "binary event")] == ["Storm closes the port"] * 2
    assert found["event"]["uri"] == "urn:x:event"

    for (value, given, reason, said), number in zip(REFUSED.values(), sorted(letters), strict=True):
        headers = dict(letters[number].headers)
        assert headers["copydesk_reason"].decode() == reason
        assert said in headers["copydesk_error"].decode()
        assert letters[number].value == value
        assert headers.items() >= dict(given).items()  # what the feeder said is still there

    # A replay restores them: each comes to the same answer, and its letter says what the first one said.
    code, _, err = await command("dead-letters", "replay", settings=deployment.settings)
    assert (code, err) == (0, f"{len(REFUSED)} sent again\n")
    async with asyncio.timeout(60):
        both = await deployment.read(deployment.dead_letters)
        while len(both) < 2 * len(REFUSED):
            both = await deployment.read(deployment.dead_letters)
    for again in both[len(REFUSED) :]:
        headers, first = dict(again.headers), dict(letters[origin(again)].headers)
        assert headers.pop("copydesk_attempt") == b"2"
        assert {name for name, value in headers.items() if first[name] != value} == {"copydesk_read_offset"}

    # And so does `feed` of what `tail --json` wrote.
    code, out, err = await command("tail", "raw", "--json", "--to-end", settings=deployment.settings)
    assert (code, err) == (0, "")
    written = deployment.folder / "raw.jsonl"
    written.write_text("\n".join(out.splitlines()[: len(TAKEN)]))
    code, _, err = await command("feed", str(written), settings=deployment.settings)
    assert (code, err) == (0, f"{len(TAKEN)} acknowledged\n")
    fed = (await deployment.read(deployment.raw))[-len(TAKEN) :]
    for message, (value, given) in zip(fed, TAKEN.values(), strict=True):
        is_json = value.startswith(b"{")  # a JSON value comes back as the same JSON, any other to the byte
        assert json.loads(message.value) == json.loads(value) if is_json else message.value == value
        assert given == [("content-type", b"application/json")] or dict(message.headers) == dict(given)


async def send(deployment: EmbeddedDeployment, messages: list[tuple[bytes, list[tuple[str, bytes]]]]) -> None:
    """Feed each with headers of its own."""
    async with AIOKafkaProducer(bootstrap_servers=deployment.bootstrap) as producer:
        for value, headers in messages:
            at = await producer.send_and_wait(deployment.raw, value, headers=headers)
            deployment.acked.add(Coordinates(at.topic, at.partition, at.offset))


def origin(record: Any) -> int:
    """The offset of the raw message."""
    return int(dict(record.headers)["copydesk_source_offset"])
