"""Kafka messages: coordinates, and the headers on everything we write (CloudEvents 1.0, Kafka binary mode)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Headers = list[tuple[str, bytes]]
# W3C Trace Context, version 00
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Coordinates:
    """Where a message is."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


def header(headers: Any, name: str) -> bytes | None:
    """A header's value: the last of that name, from a mapping or from pairs."""
    pairs: Iterable[tuple[str, Any]] = headers.items() if isinstance(headers, Mapping) else headers or ()
    found = None
    for key, value in pairs:
        if key == name and value is not None:
            found = value if isinstance(value, bytes) else str(value).encode()
    return found


def traceparent(headers: Any) -> str | None:
    """The trace this article belongs to, where the feeder said so in the W3C's form."""
    value = header(headers, "traceparent")
    return value.decode() if value and _TRACEPARENT.match(value) else None


def source_of(headers: Any, *, here: Coordinates, timestamp: float | None) -> tuple[Coordinates, float | None]:
    """The raw message's coordinates and timestamp (seconds): from our headers, or the message's own."""
    topic = header(headers, "copydesk_source_topic")
    numbers = [header(headers, f"copydesk_source_{part}") for part in ("partition", "offset", "timestamp")]
    if not topic or any(n is not None and not n.isdigit() for n in numbers) or None in numbers[:2]:
        return here, timestamp
    partition, offset, milliseconds = (int(n) if n is not None else None for n in numbers)
    if partition is None or offset is None:
        return here, timestamp
    source = Coordinates(topic=topic.decode("utf-8", "replace"), partition=partition, offset=offset)
    return source, None if milliseconds is None else milliseconds / 1000


def event_headers(
    *,
    type: str,
    id: str,
    stage: str,
    uri: str,
    now: float,
    source: Coordinates,
    source_timestamp: float | None,
    trace: str | None,
) -> Headers:
    """The headers of a record: CloudEvents, the raw message's coordinates, the trace."""
    time = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    values = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_source": f"copydesk/{stage}",
        "ce_type": type,
        "ce_subject": uri,
        "ce_time": time,
        "content-type": "application/json",
        "copydesk_source_topic": source.topic,
        "copydesk_source_partition": source.partition,
        "copydesk_source_offset": source.offset,
        "copydesk_source_timestamp": None if source_timestamp is None else round(source_timestamp * 1000),
        "traceparent": trace,
    }
    return [(name, str(value).encode()) for name, value in values.items() if value is not None]
