"""Reading topics outside any consumer group: for people who look, for replays and for traces. Nothing is committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import murmur2

from agents.connection import client_options, start
from agents.settings import Settings
from pipeline.errors import BrokerError

_POLL_MS = 500
# Nothing for so many polls is the end, too: the embedded broker's end offsets are not exact.
_QUIET_POLLS = 4


@asynccontextmanager
async def consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group. Raises BrokerError where the broker cannot be reached."""
    client = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        request_timeout_ms=20_000,
    )
    try:
        await start(client, settings)
        yield client
    finally:
        await client.stop()


async def partitions_of(client: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    """A topic's partitions. Raises BrokerError where there is no such topic."""
    if topic not in await client.topics():
        raise BrokerError(f"there is no topic {topic}; run: copydesk topics create")
    return [TopicPartition(topic, p) for p in sorted(client.partitions_for_topic(topic) or ())]


async def follow(
    settings: Settings, topics: Sequence[str], *, from_beginning: bool, to_end: bool = False
) -> AsyncIterator[Any]:
    """Messages as they arrive; `to_end` stops where nothing more is there."""
    async with consumer(settings) as client:
        partitions = [tp for topic in topics for tp in await partitions_of(client, topic)]
        client.assign(partitions)
        if from_beginning:
            await client.seek_to_beginning(*partitions)
        else:
            await client.seek_to_end(*partitions)
        async for message in drain(client, partitions, forever=not to_end):
            yield message


async def drain(
    client: AIOKafkaConsumer, partitions: Sequence[TopicPartition], *, forever: bool = False
) -> AsyncIterator[Any]:
    """Messages of the assigned partitions from where they stand to their end."""
    quiet = 0
    while True:
        batches = await client.getmany(timeout_ms=_POLL_MS)
        for batch in batches.values():
            for message in batch:
                yield message
        if forever:
            continue
        quiet = 0 if batches else quiet + 1
        at_end = True
        for tp in partitions:
            high = client.highwater(tp)
            if high is None or await client.position(tp) < high:
                at_end = False
        if (at_end and quiet >= 1) or quiet >= _QUIET_POLLS:
            return


def partition_of(key: bytes, count: int) -> int:
    """The partition that Kafka's default partitioner gives a key."""
    return int((murmur2(key) & 0x7FFFFFFF) % count)
