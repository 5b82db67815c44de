"""What a feeder may put into Kafka that no friend would: every part of a message, and of the batch that it is in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import RecordMetadata

from tests.integration.articles import article
from tests.integration.badinput import HEADERS

CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
ELSEWHERE = "elsewhere"  # what is forged well enough to be believed says that it comes from here
BROKEN = b"{broken"
BOMB_BYTES = 100 << 20
Headers = Sequence[tuple[str, bytes | None]]


class Hostile(NamedTuple):
    """One message. `verdict` is `dead` or `enriched`, or empty if either will do."""

    name: str
    value: bytes | None
    verdict: str
    key: bytes | None = None
    headers: Headers = ()
    timestamp_ms: int | None = None


class Name(str):
    """A header's name that is encoded to bytes which are no UTF-8, as clients in C and Go can."""

    def encode(self, *_: Any) -> bytes:
        """Whatever it is asked for."""
        return b"\xff\xfe\xc3("


def coordinates(topic: bytes, partition: bytes = b"0", offset: bytes = b"1", **more: bytes) -> Headers:
    """Forged."""
    fields = {"topic": topic, "partition": partition, "offset": offset, **more}
    return [(f"copydesk_source_{name}", value) for name, value in fields.items()]


def messages(limit: int) -> Iterator[Hostile]:
    """Each kind, for topics that take messages of `limit` bytes."""
    most = limit - 2_000
    number = iter(range(10_000, 20_000))

    def good() -> bytes:
        return article(next(number)).value

    for size in (0, 1, 9_999, 10_000, 10_001, 400_000, min(4_000_000, most), most):
        yield Hostile(f"key of {size}", BROKEN, "dead", key=b"\xff" * size)
        yield Hostile(f"key of {size}, good", good(), "enriched", key=b"\xfe" * min(size, most - 2_000))
    for n, value in enumerate((None, b"", b" ", b"\x00" * 1_000, b"[" * most, b"\xff" * most, b" " * most)):
        verdict = "enriched" if value is None else "dead"  # no value: a take-down
        yield Hostile(f"value {n}", value, verdict, key=None if value is not None else b"a client insists on one")
        key = b"%d" % n + b"k" * (most // 2 - 100)
        yield Hostile(f"value {n}, key", value and value[: most // 2], verdict, key=key)
    for kind in ("Subscribe to our newsletter\n\n", "A sentence of some words for a long text. ", "(", "x "):
        text = kind * ((most - 2_000) // len(json.dumps(kind)))
        yield Hostile(f"huge: {kind.strip()}", json.dumps({"uri": "urn:h:" + kind[0], "body": text}).encode(), "")
    for name, headers in forged(most):
        yield Hostile(name, BROKEN, "dead", headers=headers)
        yield Hostile(f"{name}, good", good(), "enriched", headers=headers)
    for n, time in enumerate((1, 2**40, 4_102_444_800_000, 2**62)):
        yield Hostile(f"time {time}", BROKEN, "dead", key=b"t%d" % n, timestamp_ms=time)
        yield Hostile(f"time {time}, good", good(), "enriched", timestamp_ms=time)


def forged(most: int) -> Iterator[tuple[str, Headers]]:
    """Headers that nobody should write."""
    room = most - 20_000
    yield from ((name, headers) for name, headers in HEADERS if name != "a timestamp beyond time")
    yield "source topic, huge", coordinates(b"t" * min(1_750_000, room))
    yield "source topic of 250", coordinates(b"t" * 250)
    yield "source topic that moves a terminal", coordinates(b"\x1b]0;x\x07\x1b[2J[bold]")
    yield "source offset of 2^63", coordinates(b"t", offset=str(2**63).encode())
    yield "source partition of 2^31", coordinates(b"t", partition=str(2**31).encode())
    yield "source negative", coordinates(b"t", partition=b"-1")
    yield "trace, huge", [("traceparent", b"0" * room)]
    yield "attempt", [("copydesk_attempt", b"99999")]
    yield "attempts, many", [("copydesk_attempt", b"%d" % n) for n in range(1_000)]
    yield (
        "as if it were a dead letter",
        [(f"copydesk_{name}", b"\x1b[2J" * 100) for name in ("reason", "error", "stage", "key", "sha256", "version")],
    )
    yield "as if it were a record", [(f"ce_{name}", b"\xff" * 1_000) for name in ("id", "type", "subject", "time")]
    yield "names of 10 kB", [(f"{n}" * 10_000, b"") for n in range(10)]
    yield "no values", [("copydesk_source_topic", None), ("traceparent", None), ("ce_id", None), ("x", None)]
    yield "fifty thousand", [("h", b"")] * 50_000
    yield "control characters", [("\x00\x1b\x9b\u202e", b"\x00"), ("", b"")]


def believed() -> Iterator[Hostile]:
    """Coordinates that could be Kafka's: a replay needs that they are believed."""
    times: dict[str, dict[str, bytes]] = {
        "none": {}, "1": {"timestamp": b"1"}, "beyond time": {"timestamp": b"9" * 18}, "no number": {"timestamp": b"x"},
    }  # fmt: skip
    for n, (name, more) in enumerate(times.items()):
        place = coordinates(ELSEWHERE.encode(), str(2**31 - 1).encode(), str(2**63 - 10 + n).encode(), **more)
        yield Hostile(f"believed, time {name}", BROKEN, "dead", key=b"e%d" % n, headers=place)
        place = coordinates(ELSEWHERE.encode(), b"0", str(n).encode(), **more)
        yield Hostile(f"believed, time {name}, good", article(30_000 + n).value, "enriched", headers=place)


async def send_batch(
    producer: AIOKafkaProducer, topic: str, records: Sequence[Hostile], *, codec: str | None = None
) -> list[RecordMetadata]:
    """One batch to partition 0, made by hand, with one place for each record."""
    builder = _DefaultRecordBatchBuilderPy(2, CODECS[codec] if codec else 0, 0, -1, -1, 0, 1 << 30)
    for offset, record in enumerate(records):
        builder.append(offset, record.timestamp_ms, record.key, record.value, list(record.headers))
    batch = producer.create_batch()
    batch._builder, batch._relative_offset = builder, len(records)
    at = await (await producer.send_batch(batch, topic, partition=0))
    return [at._replace(offset=at.offset + n) for n in range(len(records))]
