"""Reading topics outside any consumer group: for tail, replays and traces. Nothing is committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import murmur2

from agents.kafka.connection import client_options, start
from agents.kafka.faust_internals import network_client
from agents.kafka.messages import Coordinates
from agents.settings import Settings
from pipeline.errors import BrokerError

_POLL_MS = 500
_AT_END_MS = 20  # one fetch after the other goes to a broker: one that waits holds up the next partition's
_LAST_OFFSET = 2**63 - 1


@asynccontextmanager
async def consumer(settings: Settings, *, follow: bool = False) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group; `follow` if it waits for what comes. Raises BrokerError without a broker."""
    client = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=_POLL_MS if follow else _AT_END_MS,
        request_timeout_ms=20_000,
    )
    try:
        await start(client, settings)
        yield client
    finally:
        await client.stop()


async def partitions_of(client: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    """A topic's partitions. Raises BrokerError if there is no such topic."""
    # Not client.partitions_for_topic: once something is assigned, a consumer knows of no other topic.
    found = (await network_client(client).fetch_all_metadata()).partitions_for_topic(topic)
    if not found:
        raise BrokerError(f"there is no topic {topic}; run: copydesk topics create")
    return [TopicPartition(topic, p) for p in sorted(found)]


async def follow(
    settings: Settings, topics: Sequence[str], *, from_beginning: bool, to_end: bool = False
) -> AsyncIterator[Any]:
    """Messages as they arrive; `to_end` stops at the newest message that was there at the start."""
    async with consumer(settings, follow=not to_end) as client:
        partitions = [tp for topic in topics for tp in await partitions_of(client, topic)]
        client.assign(partitions)
        if from_beginning:
            await client.seek_to_beginning(*partitions)
        else:
            await client.seek_to_end(*partitions)
        if to_end:
            async for message in drain(client, partitions):
                yield message
            return
        while True:
            for batch in (await client.getmany(timeout_ms=_POLL_MS)).values():
                for message in batch:
                    yield message


async def drain(client: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> AsyncIterator[Any]:
    """Messages of the assigned partitions, from the current positions to the ends at the time of the call."""
    ends = await client.end_offsets(list(partitions))
    while any([await client.position(tp) < end for tp, end in ends.items()]):
        for tp, batch in (await client.getmany(timeout_ms=_POLL_MS)).items():
            for message in batch:
                if message.offset < ends[tp]:
                    yield message


async def message_at(client: AIOKafkaConsumer, place: Coordinates) -> Any:
    """The message at these coordinates, or None if there is none: no such topic, partition or offset."""
    partition = TopicPartition(place.topic, place.partition)
    try:
        known = await partitions_of(client, place.topic)
    except BrokerError:
        return None
    if partition not in known or not 0 <= place.offset <= _LAST_OFFSET:
        return None
    client.assign([partition])
    client.seek(partition, place.offset)
    async for message in drain(client, [partition]):
        return message if message.offset == place.offset else None
    return None


def partition_of(key: bytes, count: int) -> int:
    """The partition that Kafka's default partitioner gives a key."""
    return int((murmur2(key) & 0x7FFFFFFF) % count)
