"""Kafka messages: coordinates, and the headers on everything we write (CloudEvents 1.0, Kafka binary mode)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Headers = list[tuple[str, bytes]]
MAX_COPY_BYTES = 1_000_000  # of a refused article, so much is kept in its dead letter
_YEAR_10000 = 253_402_300_800.0  # seconds since the epoch; datetime ends there
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
    partition, offset = (_number(headers, f"copydesk_source_{part}") for part in ("partition", "offset"))
    if not topic or partition is None or offset is None:
        return here, sane(timestamp)
    source = Coordinates(topic=topic.decode("utf-8", "replace"), partition=partition, offset=offset)
    milliseconds = _number(headers, "copydesk_source_timestamp")
    return source, None if milliseconds is None else sane(milliseconds / 1000)


def sane(timestamp: float | None) -> float | None:
    """A message's time in seconds, or None: a producer may leave it out (-1) or write any 64 bits into it."""
    return timestamp if timestamp is not None and 0 <= timestamp < _YEAR_10000 else None


def _number(headers: Any, name: str) -> int | None:
    value = header(headers, name)
    # Anyone may send us headers: more digits than 64 bits have are no number of ours.
    return int(value) if value is not None and value.isdigit() and len(value) <= 19 else None


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
