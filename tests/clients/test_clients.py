"""Every kind of Kafka client feeds an article and reads the records, by the examples of the documentation."""

from __future__ import annotations

import asyncio
import itertools
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import murmur2

from agents.broker import free_port
from tests.clients.examples import Example, Program, Toolbox, examples
from tests.integration.worker import Worker, command

PAGE = "docs/consuming.md"
PARTITIONS = 8  # COPYDESK_PARTITIONS by default

pytestmark = [
    pytest.mark.clients,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(900),  # the first time Go compiles its library
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A kind of client, and what its example on the page is.

    Attributes:
        name: in its article's uri and its group.
        earliest: the words that have a new group read from the first record on; none for a client that does by itself.
    """

    heading: str
    name: str
    earliest: str = ""

    @property
    def uri(self) -> str:
        return f"https://news.example/{self.name}/harbour"

    @property
    def group(self) -> str:
        return f"newsroom-{self.name}"


KCAT = Client(heading="kcat", name="kcat", earliest="-X auto.offset.reset=earliest ")
CONFLUENT = Client(heading="confluent-kafka", name="confluent-kafka", earliest='    "auto.offset.reset": "earliest",\n')
CLIENTS = [
    KCAT,
    CONFLUENT,
    Client(heading="kafka-python", name="kafka-python", earliest='    auto_offset_reset="earliest",\n'),
    Client(heading="aiokafka", name="aiokafka", earliest='        auto_offset_reset="earliest",\n'),
    Client(heading="KafkaJS", name="kafkajs", earliest=", fromBeginning: true"),
    Client(heading="franz-go", name="franz-go"),
    Client(heading="Kafka's own console tools", name="console", earliest=" --from-beginning"),
]
LIBRDKAFKA = (KCAT, CONFLUENT)
every = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def worker(address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worker]:
    """The topics, and a worker that is ready."""
    settings = {"COPYDESK_BROKER": address, "COPYDESK_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    code, out, err = await command("topics", "create", settings=settings)
    assert (code, err) == (0, ""), out + err
    running = Worker("worker", settings, folder=tmp_path_factory.mktemp("log"), port=free_port())
    running.start()
    try:
        await running.ready(within=120)
        yield running
    finally:
        running.kill()


@pytest.fixture
def run(toolbox: Toolbox) -> Iterator[Any]:
    """Makes a program of an example; all are ended with the test."""
    made: list[Program] = []

    def program(example: Example) -> Program:
        made.append(toolbox.program(example))
        return made[-1]

    yield program
    for one in made:
        one.kill()


@asynccontextmanager
async def admin(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def members(address: str, group: str) -> int:
    """How many readers a group has."""
    async with admin(address) as client:
        (described,) = await client.describe_consumer_groups([group])
        ((_, _, _, _, _, listed, *_),) = described.groups
        return len(listed)


async def committed(address: str, group: str) -> int:
    """How many records a group has read for good, on all partitions."""
    async with admin(address) as client:
        return sum(max(0, at.offset) for at in (await client.list_consumer_group_offsets(group)).values())


async def read(address: str, topic: str) -> list[Any]:
    """Every message of a topic, to its end of now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, n) for n in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                found += messages
        return found
    finally:
        await consumer.stop()


def by_java(key: str) -> int:
    """The partition that most clients give a key."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS)


def by_librdkafka(key: str) -> int:
    """The partition that librdkafka gives it if it is not told otherwise."""
    return zlib.crc32(key.encode()) % PARTITIONS


def elsewhere(key: str) -> str:
    """A key that every client puts into another partition than this one."""
    others = (f"{key.removesuffix('harbour')}while-away-{n}" for n in itertools.count())
    return next(k for k in others if by_java(k) != by_java(key) and by_librdkafka(k) != by_librdkafka(key))


async def feeds(program: Program) -> None:
    """It says nothing wrong and exits 0."""
    code = await program.to_its_end()
    said = program.output + program.complaints
    assert code == 0, said
    assert "rror" not in said, said


async def stops(program: Program, address: str, group: str) -> None:
    """Ctrl-C ends it in order: no stack trace, and it has left its group."""
    code = await program.interrupt()
    assert code in (0, 130), f"{code}\n{program.complaints}"
    assert "Traceback" not in program.complaints, program.complaints
    assert await members(address, group) == 0


@every
async def test_the_example_feeds_an_article_and_reads_its_record(client: Client, address: str, run: Any) -> None:
    """The page's text as it stands; started again, the reader gets what came meanwhile, and nothing twice."""
    feeding, reading = examples(PAGE, f"### {client.heading}")
    await feeds(run(feeding))
    (raw,) = [message for message in await read(address, "articles.raw") if message.key == client.uri.encode()]
    assert json.loads(raw.value).keys() == {"uri", "title", "body"}
    reader = run(reading)
    reader.start()
    assert await reader.says(client.uri, 60), reader.complaints
    (line,) = [line for line in reader.output.splitlines() if client.uri in line]
    assert "Rotterdam" in line
    await stops(reader, address, client.group)
    away = elsewhere(client.uri)
    await feeds(run(feeding.but(client.uri, away)))
    reader.start()
    assert await reader.says(away, 60), reader.complaints
    assert client.uri not in reader.output, "it read again what it had read"
    await stops(reader, address, client.group)


@every
async def test_a_group_with_nothing_but_defaults_reads_what_comes(client: Client, address: str, run: Any) -> None:
    """Without a word on where to begin: what is fed while it reads, and only that; its offsets are committed."""
    feeding, reading = examples(PAGE, f"### {client.heading}")
    before = f"https://news.example/before/{client.name}"
    await feeds(run(feeding.but(client.uri, before)))
    async with asyncio.timeout(60):
        while before.encode() not in [message.key for message in await read(address, "articles.enriched")]:
            pass
    group = f"{client.group}-defaults"
    reading = reading.but(client.group, group)
    reader = run(reading.but(client.earliest, "") if client.earliest else reading)
    feeder = run(feeding)
    reader.start()
    for _ in range(20):  # what is fed before it has joined is not for a new group
        await feeds(feeder)
        if await reader.says(client.uri, 3):
            break
    assert client.uri in reader.output, reader.complaints
    assert (before in reader.output) is (not client.earliest)
    await stops(reader, address, group)
    assert await committed(address, group) > 0


@every
async def test_a_key_goes_where_the_page_says(client: Client, address: str, run: Any) -> None:
    """librdkafka has a way of its own; told `murmur2_random`, as the page tells it, it agrees with all others."""
    feeding, _ = examples(PAGE, f"### {client.heading}")
    keys = [f"https://news.example/{client.name}/key-{n}" for n in range(4)]
    for key in keys:
        await feeds(run(feeding.but(client.uri, key)))
    told = f"{keys[0]}-told"
    feeding = feeding.but(client.uri, told)
    if client is KCAT:
        await feeds(run(feeding.but("kcat ", "kcat -X topic.partitioner=murmur2_random ")))
    elif client is CONFLUENT:
        await feeds(run(feeding.but('9092"', '9092", "partitioner": "murmur2_random"')))
    else:
        await feeds(run(feeding))
    at = {message.key.decode(): message.partition for message in await read(address, "articles.raw")}
    assert [by_java(key) for key in keys] != [by_librdkafka(key) for key in keys], "they do not tell the two ways apart"
    given = by_librdkafka if client in LIBRDKAFKA else by_java
    assert [at[key] for key in keys] == [given(key) for key in keys]
    assert at[told] == by_java(told)


async def test_the_readmes_examples_run(run: Any) -> None:
    """Its Python feeds an article and reads it; Kafka's console consumer shows key and headers."""
    found = examples("README.md", "## Feed, consume, monitor")
    feeding, reading = [example for example in found if example.language == "python"]
    (console,) = [example for example in found if "kafka-console-consumer.sh" in example.text]
    await feeds(run(feeding))
    reader = run(reading)
    reader.start()
    assert await reader.says("GPE Rotterdam", 60), reader.complaints
    reader = run(Example(language="sh", text=console.but("$ ", "").text))
    reader.start()
    assert await reader.says("ce_type:news.article.enriched.v1", 60), reader.complaints
