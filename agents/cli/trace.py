"""copydesk trace: where an article is, what happened to it, and how long each step took."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.cli import showing
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import dead_letters, topics
from agents.kafka.messages import Coordinates, sane, source_of
from agents.kafka.reader import consumer, drain, partition_of, partitions_of
from agents.settings import Settings
from pipeline import formats
from pipeline.errors import BrokerError, CopydeskError

_COORDINATES = re.compile(r"(?P<topic>[A-Za-z0-9._-]+):(?P<partition>\d+):(?P<offset>\d+)\Z")


def trace(
    article: Annotated[
        str,
        typer.Argument(
            help="The article's uri or URL, or coordinates TOPIC:PARTITION:OFFSET.", metavar="URI|COORDINATES"
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a message found.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Find an article in every topic, by its key, and say what happened where and how long each step took.

    Reads only the partition that the key tells, and single messages by their coordinates. Exit 1 where nothing is
    found.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    if not wait(_trace(chosen, article, json=json)):
        print(f"{article}: not found; a topic keeps articles for its retention time only", file=sys.stderr)
        raise typer.Exit(1)


async def _trace(chosen: Settings, article: str, *, json: bool) -> bool:
    names = topics.named(chosen)
    out = showing.console()
    async with consumer(chosen) as client:
        uris, source = await _identify(client, article)
        sources = {source} if source else set()
        found: list[Any] = []
        for uri in uris:
            for topic in names.records:
                async for message in _with_key(client, topic, uri.encode()):
                    place, _ = source_of(list(message.headers), here=_place(message), timestamp=None)
                    if source is None or place == source:
                        found.append(message)
                        sources.add(place)
            if not sources:  # not through the first stage: fed with its uri as key, or refused there
                async for message in _with_key(client, names.raw, uri.encode()):
                    sources.add(_place(message))
        raw = [m for place in sorted(sources) if (m := await _at(client, place)) is not None]
        letters = [m for place in sources async for m in _with_key(client, names.dead_letters, str(place).encode())]
    for message in [*raw, *found, *letters]:
        _say(out, message, names=names, json=json)
    return bool(raw or found or letters)


async def _identify(client: AIOKafkaConsumer, article: str) -> tuple[list[str], Coordinates | None]:
    """The uris it can have and, where coordinates were given, the raw message's place."""
    matched = _COORDINATES.match(article)
    if not matched:
        # A URL can be the article's uri as it was given, or what its uri was derived from.
        return [article, *_uri(orjson.dumps({"url": article, "body": "x"}))], None
    place = Coordinates(topic=matched["topic"], partition=int(matched["partition"]), offset=int(matched["offset"]))
    message = await _at(client, place)
    if message is None:
        return [], place
    source, _ = source_of(list(message.headers), here=place, timestamp=None)
    raw = message if source == place else await _at(client, source)
    return (_uri(raw.value or b"") if raw is not None else []), source


def _uri(value: bytes) -> list[str]:
    try:
        return [formats.decode_raw(value).uri]
    except CopydeskError:
        return []


async def _with_key(client: AIOKafkaConsumer, topic: str, key: bytes) -> AsyncIterator[Any]:
    try:
        partitions = await partitions_of(client, topic)
    except BrokerError:
        return
    home = partitions[partition_of(key, len(partitions))]
    client.assign([home])
    await client.seek_to_beginning(home)
    async for message in drain(client, [home]):
        if message.key == key:
            yield message


async def _at(client: AIOKafkaConsumer, place: Coordinates) -> Any:
    partition = TopicPartition(place.topic, place.partition)
    try:
        known = await partitions_of(client, place.topic)
    except BrokerError:
        return None
    if partition not in known:
        return None
    client.assign([partition])
    client.seek(partition, place.offset)
    async for message in drain(client, [partition]):
        return message if message.offset == place.offset else None
    return None


def _place(message: Any) -> Coordinates:
    return Coordinates(topic=message.topic, partition=message.partition, offset=message.offset)


def _say(out: Any, message: Any, *, names: topics.Topics, json: bool) -> None:
    line: dict[str, Any] = {
        "at": str(_place(message)),
        "time": datetime.fromtimestamp(sane(message.timestamp / 1000) or 0, UTC).isoformat(timespec="milliseconds"),
        "bytes": len(message.value or b""),
    }
    if message.topic == names.dead_letters:
        letter = dead_letters.read(message.value, list(message.headers))
        line |= {"outcome": "refused", "stage": letter.stage, "reason": letter.reason, "error": letter.error}
    elif message.topic == names.raw:
        line["outcome"] = "fed"
    else:
        item = orjson.loads(message.value)
        run = item["enrichment"]["provenance"]["stages"][-1]
        line |= {"outcome": run["status"], "stage": run["stage"], "milliseconds": run["durationMs"]}
        if "recordId" in item["enrichment"]:
            line["recordId"] = item["enrichment"]["recordId"]
            line["endToEndMs"] = item["enrichment"]["provenance"].get("endToEndMs")
    if json:
        print(orjson.dumps(line).decode())
        return
    rest = "  ".join(f"{k} {v}" for k, v in line.items() if k not in ("at", "time", "outcome") and v is not None)
    out.print(f"{line['time']}  [bold]{line['outcome']:8}[/] {line['at']}")
    out.print(f"    {rest}", style="dim", markup=False)
