"""Editorial state on Kafka, with real workers: cancellations and take-downs of articles that are in flight."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.broker import EmbeddedBroker
from tests.integration.articles import Input, article
from tests.integration.embedded import EmbeddedDeployment
from tests.integration.ledger import broken
from tests.integration.worker import command

SPORT, GERMAN = "editorial.sport", "editorial.german"
_NUMBERS = itertools.count(1)
TEXT = "Der Hafen von Emden bleibt am Dienstag wegen des Sturms geschlossen, sagte Bürgermeisterin Petra Klein. " * 3


class EditorialDeployment(EmbeddedDeployment):
    """With two routes, of which an article of ours fits one at most."""

    @property
    def settings(self) -> dict[str, str]:
        """Routes by language."""
        return super().settings | {"COPYDESK_ROUTES": f"language:de={GERMAN},medtop:15000000={SPORT}"}


def german(uri: str, **said: Any) -> Input:
    """A German article that says this of itself."""
    value = {"uri": uri, "title": "Hafen bleibt zu", "body": TEXT, "language": "de", **said}
    return Input(uri.encode(), json.dumps(value).encode(), broken=False)


@pytest.fixture
def deployment(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[EditorialDeployment]:
    """Nothing runs yet."""
    made = EditorialDeployment(broker.address, f"editorial-{next(_NUMBERS)}", tmp_path, partitions=2)
    yield made
    made.stop()


async def test_take_downs_in_flight_reach_all_who_had_the_article(deployment: EditorialDeployment) -> None:
    """A worker dies with first versions on every topic: each key ends with its last version, and nothing is lost."""
    code, out, err = await command("topics", "create", settings=deployment.settings)
    assert (code, err) == (0, ""), out + err
    await deployment.feed(first_versions())
    worker = deployment.worker(batch_records="4")
    worker.start()
    async with deployment.watched():
        async with asyncio.timeout(60):
            while len(deployment.answered) < 8:  # noqa: ASYNC110  answers come from a broker
                await asyncio.sleep(0.005)
        worker.kill()
        await deployment.feed(what_becomes_of_them())
        worker.start()
        await deployment.all_answered(120)
    facts = await deployment.facts(allowed_duplicates=len(deployment.acked))
    assert broken(facts) == {}
    assert {m.origin for m in facts.dead_letters} == deployment.broken_at
    assert any(m.null for m in facts.enriched)

    enriched = last(await deployment.read(deployment.enriched))
    assert enriched["urn:down:0"] == enriched["urn:down:1"] == ("taken_down", None)
    assert enriched["urn:back:0"][0] == "usable"
    assert enriched["urn:kill:0"] == ("canceled", "2")
    assert enriched["urn:kill:1"] == ("canceled", "1")
    assert enriched["urn:held:0"] == ("withheld", "1")
    assert enriched["urn:wait:0"] == ("embargoed", "1")
    by_route = {topic: last(await deployment.read(topic)) for topic in (GERMAN, SPORT)}
    for topic, found in by_route.items():
        gone = {"urn:down:0", "urn:down:1", "urn:kill:0", "urn:kill:1"}
        assert {uri: found[uri] for uri in gone} == {uri: enriched[uri] for uri in gone}, topic
        assert not {"urn:held:0", "urn:wait:0"} & found.keys()
    assert by_route[GERMAN]["urn:back:0"] == enriched["urn:back:0"]
    assert "urn:back:0" not in {m.key.decode() for m in await deployment.read(SPORT) if m.value is not None}

    counted = {dict(at)["state"] for name, at in await worker.metrics() if name == "copydesk_editorial_states_total"}
    assert counted == {"usable", "embargoed", "withheld", "canceled", "taken_down"}
    await shown_and_fed_again(deployment)


async def shown_and_fed_again(deployment: EditorialDeployment) -> None:
    """By `trace`, `tail` and `feed`; the dead letter of a null value is sent again as one."""
    code, out, err = await command("trace", "urn:down:0", "--json", settings=deployment.settings)
    lines = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    down = [(line["at"].split(":")[0], line["outcome"]) for line in lines if line.get("state") == "taken_down"]
    assert {topic for topic, _ in down} == {*deployment.topics[:4]}
    code, out, err = await command("trace", "urn:kill:0", settings=deployment.settings)
    assert (code, err) == (0, "")
    assert "state canceled" in out

    code, out, err = await command("tail", "enriched", "--json", "--to-end", settings=deployment.settings)
    tombstones = [line for line in out.splitlines() if json.loads(line).get("value", 7) is None]
    assert {json.loads(line)["key"] for line in tombstones} == {"urn:down:0", "urn:down:1", "urn:back:0"}
    path = deployment.folder / "again.jsonl"
    path.write_text(tombstones[0] + "\n")
    code, _, err = await command("feed", str(path), "--take-down", "urn:held:0", settings=deployment.settings)
    assert (code, err) == (0, "2 acknowledged\n")
    await until(deployment, deployment.enriched, lambda found: last(found)["urn:held:0"][0] == "taken_down")

    code, _, err = await command("dead-letters", "replay", settings=deployment.settings)
    assert (code, err) == (0, "1 sent again\n")
    letters = await until(deployment, deployment.dead_letters, lambda found: len(found) == 2)
    assert [dict(letter.headers)["copydesk_reason"] for letter in letters] == [b"null_value"] * 2


async def test_what_an_older_worker_left_comes_through(deployment: EditorialDeployment) -> None:
    """A record of 0.1.0 on the topic between, whose headers say nothing of a state, is one of a usable article."""
    await command("topics", "create", settings=deployment.settings)
    records = Path(__file__).parents[1] / "data" / "0.1.0" / "records.jsonl"
    old = [json.loads(line)["cleaned"] for line in records.read_text("utf-8").splitlines()]
    async with AIOKafkaProducer(bootstrap_servers=deployment.bootstrap) as producer:
        for record in old:
            source = [("copydesk_source_topic", deployment.raw.encode()), ("copydesk_source_partition", b"0"),
                      ("copydesk_source_offset", b"0")]  # fmt: skip
            await producer.send_and_wait(
                deployment.cleaned, orjson.dumps(record), key=record["uri"].encode(), headers=source
            )
    worker = deployment.worker(stages=("entities", "classification"))
    worker.start()
    await worker.ready()
    found = await until(deployment, deployment.enriched, lambda found: len(found) >= len(old))
    assert {m.key.decode() for m in found} == {record["uri"] for record in old}
    assert {dict(m.headers)["copydesk_state"] for m in found} == {b"usable"}
    assert {orjson.loads(m.value)["pubStatus"] for m in found} == {"usable"}
    assert await deployment.read(deployment.dead_letters) == []


async def until(deployment: EditorialDeployment, topic: str, holds: Callable[[list[Any]], bool]) -> list[Any]:
    """All of a topic, once this holds of it."""
    async with asyncio.timeout(60):
        while True:
            found = await deployment.read(topic)
            if holds(found):
                return found
            await asyncio.sleep(0.1)


def last(messages: list[Any]) -> dict[str, tuple[str, str | None]]:
    """Each key's last word: its state, and the version of its record."""
    found: dict[str, tuple[str, str | None]] = {}
    for message in sorted(messages, key=lambda m: (m.partition, m.offset)):
        state = dict(message.headers)["copydesk_state"].decode()
        version = None if message.value is None else orjson.loads(message.value)["version"]
        found[message.key.decode()] = (state, version)
    return found


def first_versions() -> list[Input]:
    """Articles, and others behind them."""
    given = [german(f"urn:{kind}:{n}", version="1") for kind in ("down", "kill", "back") for n in range(2)]
    return given + [article(n) for n in range(40)]


def what_becomes_of_them() -> list[Input]:
    """Take-downs, a null value that names nothing, cancellations, states, and a version after a take-down."""
    given = [Input(f"urn:{uri}".encode(), None, broken=False) for uri in ("down:0", "down:1", "back:0")]
    given += [Input(b"", None, broken=True)]
    given += [
        german("urn:kill:0", version="2", pubStatus="canceled"),
        Input(b"urn:kill:1", b'{"uri": "urn:kill:1", "version": 1, "pubstatus": "Cancelled"}', broken=False),
        german("urn:held:0", version="1", pubStatus="withheld"),
        german("urn:wait:0", version="1", embargoedUntil="2999-01-01T00:00:00Z"),
        german("urn:back:0", version="3"),
    ]
    return given + [article(n) for n in range(40, 60)]
