"""copydesk trace: where an article is, what each stage did with it, and how long that took."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from aiokafka import AIOKafkaConsumer
from rich.console import Console
from rich.text import Text

from agents import foreign
from agents.cli import output
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import dead_letters, topics
from agents.kafka.messages import Coordinates, header, hints, known, sane, source_of, uri_of
from agents.kafka.reader import consumer, drain, message_at, partition_of, partitions_of
from agents.settings import Settings
from pipeline import formats
from pipeline.article import Origin
from pipeline.editorial import State
from pipeline.errors import BrokerError, CopydeskError, SettingsError
from pipeline.formats.field_names import FieldMap

_SOURCES = 100  # raw messages of one uri that are looked up: untrusted headers may name any number
_COORDINATES = re.compile(r"(?P<topic>[A-Za-z0-9._-]+):(?P<partition>\d+):(?P<offset>\d+)\Z")


def trace(
    article: Annotated[
        str,
        typer.Argument(
            help="The article's uri or URL, or coordinates TOPIC:PARTITION:OFFSET.", metavar="URI|COORDINATES"
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object per message found, for programs.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Find an article in every topic by its key, and show what each stage did with it and how long that took.

    It reads only the partition that the key belongs to, and single messages by their coordinates, in the topics of this
    pipeline and of COPYDESK_ROUTES. Exit 1 if nothing is found.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    place, names = _coordinates(article), topics.named(chosen)
    if place and place.topic not in names.all:
        raise SettingsError(f"{article}: {place.topic} is not a topic of this pipeline ({', '.join(names.all)})")
    if not wait(_trace(chosen, names, article, place, json=json)):
        said = foreign.text(article, limit=300)
        output.complain(f"{said}: not found; a topic keeps articles for its retention time only")
        raise typer.Exit(1)


def _coordinates(article: str) -> Coordinates | None:
    matched = _COORDINATES.match(article)
    if not matched:
        return None
    return Coordinates(topic=matched["topic"], partition=int(matched["partition"]), offset=int(matched["offset"]))


async def _trace(
    chosen: Settings, names: topics.Topics, article: str, given: Coordinates | None, *, json: bool
) -> bool:
    async with consumer(chosen) as client:
        ours = _Ours(client, names, chosen.options.field_map)
        uris, source = await _identify(ours, article, given)
        sources = {source} if source else set()
        lines: list[dict[str, Any]] = []
        for uri in uris:
            for topic in names.records:
                async for message in ours.with_key(topic, uri.encode("utf-8", "surrogateescape")):
                    place, _ = source_of(list(message.headers), here=_place(message), timestamp=None)
                    if source is None or place == source:
                        lines.append(_line(message, names))
                        sources.add(place)
            if source is None:  # what did not come through the first stage, if it was fed with its uri as key
                async for message in ours.with_key(names.raw, uri.encode("utf-8", "surrogateescape")):
                    sources.add(_place(message))
        if len(sources) > _SOURCES:
            output.complain(
                f"{len(sources)} messages are this article; only the sources of the first {_SOURCES} are shown"
            )
        known = sorted(sources)[:_SOURCES]
        raw = [_line(m, names) for place in known if (m := await ours.at(place)) is not None]
        letters = [
            _line(m, names) for place in known async for m in ours.with_key(names.dead_letters, str(place).encode())
        ]
    out = output.console()
    for line in [*raw, *lines, *letters]:
        _say(out, line, json=json)
    return bool(raw or lines or letters)


async def _identify(ours: _Ours, article: str, place: Coordinates | None) -> tuple[list[str], Coordinates | None]:
    """The uris it can have and, if coordinates were given, the raw message's place."""
    if place is None:
        # A URL can be the article's uri as it was given, or what its uri was derived from.
        return [article, *_uri(foreign.json_line({"url": article, "body": "x"}), (), ())], None
    message = await ours.at(place)
    if message is None:
        return [], place
    source, _ = source_of(list(message.headers), here=place, timestamp=None)
    raw = message if source == place else await ours.at(source)
    if raw is not None and raw.value is None:
        return [uri for uri in [uri_of(raw.key)] if uri], source
    return (_uri(raw.value or b"", raw.headers, ours.field_map) if raw is not None else []), source


def _uri(value: bytes, headers: Any, field_map: FieldMap) -> list[str]:
    origin = Origin(raw_sha256="", size=0, hints=hints(known(headers)))
    try:
        return [formats.decode_raw(value, origin=origin, field_map=field_map).uri]
    except CopydeskError:
        return []


class _Ours:
    """Reads the topics of our pipeline and of its routes, and no others: a header may name any."""

    def __init__(self, client: AIOKafkaConsumer, names: topics.Topics, field_map: FieldMap) -> None:
        self.field_map = field_map
        self._client = client
        self._names = names

    async def with_key(self, topic: str, key: bytes) -> AsyncIterator[Any]:
        """The messages of a key, from the partition that is the key's."""
        try:
            partitions = await partitions_of(self._client, topic)
        except BrokerError:
            return
        home = partitions[partition_of(key, len(partitions))]
        self._client.assign([home])
        await self._client.seek_to_beginning(home)
        async for message in drain(self._client, [home]):
            if message.key == key:
                yield message

    async def at(self, place: Coordinates) -> Any:
        """The message at these coordinates, or None."""
        if place.topic not in self._names.all:
            output.complain(
                f"{foreign.text(place, limit=300)} is named as a source, but it is not a topic of this pipeline"
            )
            return None
        return await message_at(self._client, place)


def _place(message: Any) -> Coordinates:
    return Coordinates(topic=message.topic, partition=message.partition, offset=message.offset)


def _line(message: Any, names: topics.Topics) -> dict[str, Any]:
    """What is said of one message; of one that is no record of ours, so much."""
    line: dict[str, Any] = {
        "at": str(_place(message)),
        "time": datetime.fromtimestamp(sane(message.timestamp / 1000) or 0, UTC).isoformat(timespec="milliseconds"),
        "bytes": len(message.value or b""),
    }
    if message.topic == names.dead_letters:
        letter = dead_letters.read(message.value, list(message.headers))
        return line | {"outcome": "refused", "stage": letter.stage, "reason": letter.reason, "error": letter.error}
    if message.topic == names.raw:
        return line | {"outcome": "fed"} | ({"state": State.TAKEN_DOWN} if message.value is None else {})
    if message.value is None:
        return line | {"outcome": "ok", "state": State.TAKEN_DOWN}
    state = foreign.text(header(message.headers, "copydesk_state") or b"", limit=60)
    line |= {"state": state} if state not in ("", State.USABLE) else {}
    try:
        return line | _outcome(orjson.loads(message.value or b"null"))
    except (LookupError, TypeError, ValueError, AttributeError):
        return line | {"outcome": "unknown", "error": "not a record of ours"}


def _outcome(item: Any) -> dict[str, Any]:
    enrichment = item["enrichment"]
    run = enrichment["provenance"]["stages"][-1]
    found = {"outcome": run["status"], "stage": run["stage"], "milliseconds": run["durationMs"]}
    if "recordId" in enrichment:
        found |= {"recordId": enrichment["recordId"], "endToEndMs": enrichment["provenance"].get("endToEndMs")}
    if any(isinstance(value, dict | list) for value in found.values()):
        raise TypeError("words and numbers are expected")
    return found


def _say(out: Console, line: dict[str, Any], *, json: bool) -> None:
    if json:
        output.record(foreign.json_line(line))
        return
    more = {k: v for k, v in line.items() if k not in ("at", "time", "outcome") and v is not None}
    rest = "  ".join(f"{name} {foreign.text(value, limit=300)}" for name, value in more.items())
    outcome = foreign.text(line["outcome"], limit=60)
    out.print(Text(f"{line['time']}  ").append(f"{outcome:8}", style="bold").append(f" {line['at']}"))
    out.print(f"    {rest}", style="dim")
