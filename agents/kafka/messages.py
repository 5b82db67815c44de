"""Kafka messages: coordinates, and the headers on everything we write (CloudEvents 1.0, Kafka binary mode)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.kafka.batches import Unread
from pipeline.article import Hints
from pipeline.editorial import State
from pipeline.ids import article_uri

Headers = list[tuple[str, bytes]]
MAX_PARTITION = 2**31 - 1
MAX_OFFSET = 2**63 - 1
_MAX_HEADER_BYTES = 1_000  # no header that we write and read again has more
_YEAR_10000 = 253_402_300_800.0  # seconds since the epoch; datetime ends there
_TOPIC = re.compile(rb"[A-Za-z0-9._-]{1,249}\Z")  # Kafka's own rule
# W3C Trace Context, version 00
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
_OURS = frozenset(
    (*(f"copydesk_source_{part}" for part in ("topic", "partition", "offset", "timestamp")), "copydesk_attempt",
     "traceparent")
)  # fmt: skip
# Headers of the feeder's that say how the value is to be read, and how many bytes each may have. Of the three that
# declare its type the first that is there counts: an HTTP-like one, and those of CloudEvents.
_CONTENT_TYPE = ("content-type", "Content-Type", "ce_datacontenttype", "datacontenttype")
_HINTS = {"url": 2_048, "title": 2_000, "language": 100, "published_at": 100}  # of copydesk_url and so on
READING = dict.fromkeys(_CONTENT_TYPE, 200) | {f"copydesk_{name}": size for name, size in _HINTS.items()}
_BOUNDS = dict.fromkeys(_OURS, _MAX_HEADER_BYTES) | READING
# Of a feeder's own headers a dead letter keeps so many, and so many bytes of names and values: with a key and ours it
# has less than 20 kB. Those that say how the value is to be read go first, and always fit.
MAX_FEEDER_HEADERS = 32
_NOT_FEEDERS = ("copydesk_", "Faust")
MAX_FEEDER_BYTES = 6_000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Coordinates:
    """Where a message is."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message that a stage took, and what our headers say of it. All but `key` and `value` is bounded."""

    here: Coordinates
    source: Coordinates
    source_timestamp: float | None  # seconds since the epoch
    replays: int | None  # how often it was refused before; None if it came to the pipeline for the first time
    trace: str | None
    key: bytes | None
    value: bytes
    null: bool = False  # it has no value, not even an empty one
    unread: str | None = None  # why neither key nor value could be had from the broker's batch
    hints: Hints | None = None  # only of a raw message, as the two below
    feeder: tuple[tuple[str, bytes], ...] = ()  # the feeder's own headers, as many as a dead letter keeps
    left_out: int = 0  # of these

    @property
    def takes_down(self) -> str | None:
        """The uri of the article that this message takes down: it has no value, and its key is the uri. Else None."""
        return uri_of(self.key) if self.null else None

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return (self.replays or 0) + 1


def incoming(message: Any, *, first: bool) -> Incoming:
    """What we need of Faust's message; `first` if its topic is the raw one, which feeders write."""
    # A pass over the headers, and one more for the feeder's own: there may be millions of them.
    ours = known(message.headers)
    feeder, left_out = feeders(message.headers) if first else ((), 0)
    here = Coordinates(topic=message.topic, partition=message.partition, offset=message.offset)
    source, timestamp = source_of(ours, here=here, timestamp=message.timestamp)
    replays = attempts_before(ours)
    if replays is None and first and source != here:
        replays = 0  # it says of itself that it has been here before
    return Incoming(
        here=here,
        source=source,
        source_timestamp=timestamp,
        replays=replays,
        trace=traceparent(ours),
        key=message.key,
        value=message.value or b"",
        null=message.value is None,
        unread=message.value.why if isinstance(message.value, Unread) else None,
        hints=hints(ours) if first else None,
        feeder=feeder,
        left_out=left_out,
    )


def uri_of(key: bytes | None) -> str | None:
    """The article that a key names, by the rule for uris; None if there is no key, or one that is no UTF-8."""
    named = _utf8(key)
    return article_uri(uri=named, url=None, raw_sha256="") if named else None


def known(headers: Any) -> dict[str, bytes]:
    """Of all headers those that we read, the last of each name; what is longer than it may be is not believed."""
    return {
        name: value
        for name, value in _pairs(headers)
        if (most := _BOUNDS.get(name)) is not None and isinstance(value, bytes) and len(value) <= most
    }


def hints(ours: Mapping[str, bytes]) -> Hints | None:
    """What `known` headers say of how a raw message is to be read, or None; what is no UTF-8 is not believed."""
    said = {name: value for name in READING if (value := _utf8(ours.get(name)))}
    if not said:
        return None
    return Hints(
        content_type=next((said[name] for name in _CONTENT_TYPE if name in said), None),
        **{name: said.get(f"copydesk_{name}") for name in _HINTS},
    )


def says_more(found: Hints) -> bool:
    """Whether there is more than a type in it."""
    return any(getattr(found, name) for name in _HINTS)


def feeders(headers: Any) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The feeder's own headers, as many as a dead letter keeps, and how many more there are.

    Our names and Faust's are none of the feeder's, but for those that say how the value is to be read. These come
    first, the last of each.
    """
    read = {name: value for name, value in known(headers).items() if name in READING}
    kept = list(read.items())
    size, left_out = sum(len(name) + len(value) for name, value in kept), 0
    for name, value in _pairs(headers):
        if name in READING or name in _OURS or name.startswith(_NOT_FEEDERS):
            continue
        length = len(name) + len(value) if isinstance(value, bytes) and name.isascii() else MAX_FEEDER_BYTES + 1
        if len(kept) < MAX_FEEDER_HEADERS and size + length <= MAX_FEEDER_BYTES:
            kept.append((name, value))
            size += length
        else:
            left_out += 1
    return tuple(kept), left_out


def _utf8(value: bytes | None) -> str | None:
    try:
        return value.decode().strip() if value else None
    except UnicodeDecodeError:
        return None


def header(headers: Any, name: str) -> bytes | None:
    """A header's value: the last of that name, from a mapping or from pairs."""
    found = None
    for key, value in _pairs(headers):
        if key == name and value is not None:
            found = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    return found


def _pairs(headers: Any) -> Iterable[tuple[str, Any]]:
    return headers.items() if isinstance(headers, Mapping) else headers or ()


def topic_name(value: bytes | None) -> str | None:
    """A topic's name as Kafka allows it, or None."""
    return value.decode() if value and _TOPIC.match(value) else None


def number(value: bytes | None, *, most: int = MAX_OFFSET) -> int | None:
    """A header's number from 0 to `most`, or None: anyone may send us headers."""
    if value is None or not value.isdigit() or len(value) > 19 or (found := int(value)) > most:
        return None
    return found


def attempts_before(headers: Any) -> int | None:
    """How often an article was refused before, as a replay says; None if nobody does."""
    return number(header(headers, "copydesk_attempt"), most=99_999)


def traceparent(headers: Any) -> str | None:
    """The trace that this article belongs to, if the feeder gave one in the W3C's form."""
    value = header(headers, "traceparent")
    return value.decode() if value and _TRACEPARENT.match(value) else None


def source_of(headers: Any, *, here: Coordinates, timestamp: float | None) -> tuple[Coordinates, float | None]:
    """The raw message's coordinates and timestamp (seconds): from our headers, or the message's own."""
    topic = topic_name(header(headers, "copydesk_source_topic"))
    partition = number(header(headers, "copydesk_source_partition"), most=MAX_PARTITION)
    offset = number(header(headers, "copydesk_source_offset"))
    if topic is None or partition is None or offset is None:
        return here, sane(timestamp)
    source = Coordinates(topic=topic, partition=partition, offset=offset)
    milliseconds = number(header(headers, "copydesk_source_timestamp"))
    return source, None if milliseconds is None else sane(milliseconds / 1000)


def sane(timestamp: float | None) -> float | None:
    """A message's time in seconds, or None: a producer may leave it out (-1) or write any 64 bits into it."""
    return timestamp if timestamp is not None and 0 <= timestamp < _YEAR_10000 else None


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
    state: State,
    embargoed_until: float | None = None,
    replays: int | None = None,
) -> Headers:
    """The headers of a record: CloudEvents, editorial state, the raw message's coordinates, the trace, and a replay's.

    `embargoed_until` is in seconds since the epoch, and infinite if nobody can say.
    """
    ends = embargoed_until if embargoed_until is not None and abs(embargoed_until) < _YEAR_10000 else None
    values = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_source": f"copydesk/{stage}",
        "ce_type": type,
        "ce_subject": uri,
        "ce_time": _rfc3339(now, "milliseconds"),
        "content-type": None if state is State.TAKEN_DOWN else "application/json",
        "copydesk_state": state,
        "copydesk_embargoed_until": None if ends is None else _rfc3339(ends, "seconds"),
        "copydesk_source_topic": source.topic,
        "copydesk_source_partition": source.partition,
        "copydesk_source_offset": source.offset,
        "copydesk_source_timestamp": None if source_timestamp is None else round(source_timestamp * 1000),
        "copydesk_attempt": replays,
        "traceparent": trace,
    }
    return [(name, str(value).encode()) for name, value in values.items() if value is not None]


def _rfc3339(seconds: float, precision: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
